#include "server/http/http_server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/mutex.h"
#include "server/http/connection.h"

namespace lynxdb::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

struct HttpServer::Impl {
  Impl(HttpOptions given, Front& the_front)
      : options(std::move(given)), front(the_front), bodies(options.body_pool_bytes) {}

  Result<> listen();
  void run();
  void stop(std::chrono::nanoseconds grace);
  asio::awaitable<void> accept(tcp::acceptor& acceptor);
  void serve(IoThread& thread, tcp::socket socket);
  std::shared_ptr<SSL_CTX> tls() {
    const base::MutexLock lock(tls_mutex);
    return options.tls;
  }

  HttpOptions options;  // tls: under tls_mutex.
  Front& front;
  base::MemoryBudget bodies;
  std::atomic<std::size_t> answering{0};
  ConnectionContext shared{options, front, bodies, answering};
  base::Mutex tls_mutex;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::vector<tcp::acceptor> acceptors;  // Of the first thread.
  std::size_t next_thread = 0;
  std::atomic<std::size_t> accepting{0};  // Running accept loops.
  std::atomic<bool> closing{false};       // New connections are dropped.
  std::uint16_t port = 0;
  std::vector<std::string> addresses;
  base::Mutex stop_mutex;
  bool stopped = false;  // Under stop_mutex.
};

Result<> HttpServer::Impl::listen() {
  const std::string name = config::address_text(options.listen);
  const auto failure = [&name](const error_code& error) {
    return Error{ErrorCode::kIo, "cannot listen on " + name + ": " + error.message()};
  };
  asio::io_context& context = *threads.front()->context;
  tcp::resolver resolver(context);
  error_code error;
  std::vector<tcp::endpoint> endpoints;
  if (options.listen.host.empty()) {
    endpoints.emplace_back(tcp::v6(), options.listen.port);
    endpoints.emplace_back(tcp::v4(), options.listen.port);
  } else {
    for (const auto& found :
         resolver.resolve(options.listen.host, std::to_string(options.listen.port),
                          tcp::resolver::passive, error))
      endpoints.push_back(found.endpoint());
    // A system without a hosts file does not know it; everybody else does (RFC 6761).
    if (error && options.listen.host == "localhost") {
      endpoints.emplace_back(asio::ip::address_v4::loopback(), options.listen.port);
      endpoints.emplace_back(asio::ip::address_v6::loopback(), options.listen.port);
      error = {};
    }
    if (error) return failure(error);
  }
  port = options.listen.port;
  for (tcp::endpoint endpoint : endpoints) {
    endpoint.port(port);
    tcp::acceptor acceptor(context);
    error = {};
    (void)acceptor.open(endpoint.protocol(), error);
    if (!error) (void)acceptor.set_option(asio::socket_base::reuse_address(true), error);
    // "localhost" is both; each family has its own socket.
    if (!error && endpoint.protocol() == tcp::v6())
      (void)acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) (void)acceptor.bind(endpoint, error);
    if (!error) (void)acceptor.listen(asio::socket_base::max_listen_connections, error);
    // A machine without IPv6 still resolves ::1.
    const bool is_missing = error == asio::error::address_family_not_supported ||
                            error == boost::system::errc::address_not_available;
    if (error && is_missing && endpoints.size() > 1) continue;
    if (error) return failure(error);
    port = acceptor.local_endpoint().port();
    addresses.push_back(config::address_text({endpoint.address().to_string(), port}));
    acceptors.push_back(std::move(acceptor));
  }
  if (acceptors.empty()) return failure(boost::asio::error::address_family_not_supported);
  return {};
}

void HttpServer::Impl::run() {
  accepting = acceptors.size();
  for (tcp::acceptor& acceptor : acceptors)
    asio::co_spawn(*threads.front()->context, accept(acceptor), asio::detached);
  for (const auto& thread : threads) {
    thread->thread = std::thread([context = thread->context] {
      const auto work = asio::make_work_guard(*context);
      context->run();
    });
  }
}

asio::awaitable<void> HttpServer::Impl::accept(tcp::acceptor& acceptor) {
  const Counted running{accepting};
  asio::steady_timer pause(*threads.front()->context);
  while (acceptor.is_open()) {
    IoThread& thread = *threads[next_thread++ % threads.size()];
    tcp::socket socket(*thread.context);
    error_code error;
    co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (!acceptor.is_open()) break;
    if (error) {
      // Out of descriptors, most likely: others must close first.
      pause.expires_after(50ms);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    if (front.counters().connections_active.fetch_add(1) >= options.connections_max) {
      --front.counters().connections_active;
      ++front.counters().connections_refused;
      continue;  // Closed.
    }
    asio::post(*thread.context, [this, &thread, moved = std::move(socket)]() mutable {
      serve(thread, std::move(moved));
    });
  }
}

void HttpServer::Impl::serve(IoThread& thread, tcp::socket socket) {
  if (closing.load()) {
    --front.counters().connections_active;
    return;
  }
  serve_connection(shared, thread, std::move(socket), tls());
}

void HttpServer::Impl::stop(std::chrono::nanoseconds grace) {
  const base::MutexLock lock(stop_mutex);
  if (std::exchange(stopped, true)) return;
  const auto end = std::chrono::steady_clock::now() + grace;
  while (answering.load() > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(5ms);
  closing = true;
  asio::post(*threads.front()->context, [this] {
    for (tcp::acceptor& acceptor : acceptors) {
      error_code ignored;
      (void)acceptor.close(ignored);
    }
  });
  for (const auto& thread : threads) {
    asio::post(*thread->context, [&connections = thread->connections] {
      for (ConnectionBase* connection : connections) connection->close();
    });
  }
  // Every wait of a connection is on its socket or its timer: they see that it is over, and end.
  while (front.counters().connections_active.load() + accepting.load() > 0)
    std::this_thread::sleep_for(1ms);
  for (const auto& thread : threads) thread->context->stop();
  for (const auto& thread : threads) thread->thread.join();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { impl_->stop(0ns); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpOptions options, Front& front) {
  auto impl = std::make_unique<Impl>(std::move(options), front);
  for (std::size_t i = 0; i < std::max<std::size_t>(1, impl->options.threads); ++i)
    impl->threads.push_back(std::make_unique<IoThread>());
  TRY(impl->listen());
  impl->run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port() const { return impl_->port; }
std::vector<std::string> HttpServer::addresses() const { return impl_->addresses; }

void HttpServer::set_tls(std::shared_ptr<SSL_CTX> tls) {
  const base::MutexLock lock(impl_->tls_mutex);
  impl_->options.tls = std::move(tls);
}

void HttpServer::stop(std::chrono::nanoseconds grace) { impl_->stop(grace); }

}  // namespace lynxdb::server
