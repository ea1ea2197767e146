#include "server/http/connection.h"

#include <openssl/ssl.h>
#include <poll.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>

#include "server/http/body_stream.h"
#include "server/http/chunked_decoder.h"
#include "server/http/errors.h"
#include "server/http/request_framing.h"
#include "server/http/response_head.h"

namespace lynxdb::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

// How soon a client's leaving is seen while its answer is made.
constexpr auto kWatchInterval = 20ms;
constexpr std::size_t kFirstReadBytes = 4U << 10U;  // What an idle connection costs.
constexpr std::size_t kReadBytes = 64U << 10U;
constexpr std::size_t kBodyStepBytes = 1U << 20U;  // What a Content-Length is believed at once.
constexpr std::size_t kIgnoredBodyBytesMax = 64U << 10U;
constexpr std::size_t kWriteBytes = 256U << 10U;
constexpr std::uint64_t kBodyBytesPerSecond = 1024;
// A refused body is read for a while, so that its sender gets to see the answer.
constexpr auto kLingerTime = 2s;
constexpr std::size_t kLingerBytesMax = 64U << 20U;

// A request's way back to its connection's thread. Members are destroyed in reverse order: the
// timer must go before its context.
struct Waker {
  struct Signal {
    explicit Signal(asio::io_context& context) : timer(context) {}
    asio::steady_timer timer;
    bool woken = false;
  };

  std::shared_ptr<asio::io_context> context;
  std::shared_ptr<Signal> signal;

  void operator()() const {
    asio::post(*context, [signal = signal] {
      signal->woken = true;
      signal->timer.cancel();
    });
  }
};

asio::ssl::context adopted(const std::shared_ptr<SSL_CTX>& context) {
  ::SSL_CTX_up_ref(context.get());
  return asio::ssl::context(context.get());
}

using Plain = beast::tcp_stream;
using Tls = asio::ssl::stream<beast::tcp_stream>;

beast::tcp_stream& transport(Plain& stream) { return stream; }
beast::tcp_stream& transport(Tls& stream) { return stream.next_layer(); }

// One client, request after request. Belongs to its thread.
template <typename Stream>
class Connection final : public ConnectionBase,
                         public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(ConnectionContext& server, IoThread& thread, Stream stream, std::string client)
      : server_(server),
        thread_(thread),
        stream_(std::move(stream)),
        client_(std::move(client)),
        buffer_(server.options.header_bytes_max + kReadBytes),
        signal_(std::make_shared<Waker::Signal>(*thread.context)) {
    thread_.connections.insert(this);
    ++counters().connections_total;
  }
  ~Connection() override {
    thread_.connections.erase(this);
    --counters().connections_active;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void close() override {
    closing_ = true;
    // What is answered is cancelled first; the socket goes with the connection.
    if (!waiting_) transport(stream_).close();
    signal_->timer.cancel();
  }

  asio::awaitable<void> run() {
    const auto self = this->shared_from_this();
    if (!co_await handshake()) co_return;
    while (!closing_ && co_await serve_one()) {
    }
    co_await shut_down();
  }

 private:
  enum class BodyOutcome : std::uint8_t { kRead, kTooLarge, kBad, kNoMemory, kTimeout, kLost };

  HttpCounters& counters() { return server_.front.counters(); }
  void expire_after(std::chrono::nanoseconds time) { transport(stream_).expires_after(time); }
  static auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

  asio::awaitable<bool> handshake() {
    if constexpr (std::is_same_v<Stream, Tls>) {
      expire_after(server_.options.read_header_timeout);
      error_code error;
      co_await stream_.async_handshake(asio::ssl::stream_base::server, into(error));
      co_return !error;
    }
    co_return true;
  }

  asio::awaitable<void> shut_down() {
    error_code error;
    if (closing_) co_return;
    if constexpr (std::is_same_v<Stream, Tls>) {
      expire_after(1s);
      co_await stream_.async_shutdown(into(error));
    } else {
      transport(stream_).socket().shutdown(tcp::socket::shutdown_both, error);
    }
  }

  // False: the connection is done.
  asio::awaitable<bool> serve_one() {
    if (!co_await wait_for_request()) co_return false;
    HeadParser parser;
    parser.header_limit(static_cast<std::uint32_t>(server_.options.header_bytes_max));
    parser.body_limit(boost::none);
    expire_after(server_.options.read_header_timeout);
    error_code error;
    co_await http::async_read_header(stream_, buffer_, parser, into(error));
    if (error) co_return co_await answer_broken_head(error);

    ++counters().requests_total;
    ++server_.answering;
    const Counted done{server_.answering};
    Request request;
    keep_alive_ = parser.keep_alive();
    http_1_0_ = parser.get().version() == 10;
    request.client = client_;
    request.method = method_of(parser.get().method());
    request.method_text = parser.get().method_string();
    for (const auto& field : parser.get()) request.headers.add(field.name_string(), field.value());
    Framing framing;
    std::optional<Response> refusal =
        check_framing(parser, request, server_.options.header_bytes_max, framing);
    if (!refusal)
      if (const Result<> target = set_target(parser.get().target(), request); !target.has_value())
        refusal = bad_request(400, target.error().message);
    if (refusal) {
      ++counters().requests_bad;
      co_return co_await refuse(request, std::move(*refusal), true);
    }
    Front::Plan plan = server_.front.plan(request);
    if (plan.hangs_up) co_return false;
    if (plan.answer)
      co_return co_await refuse(request, std::move(*plan.answer), framing.has_body());
    base::MemoryReservation memory(server_.bodies);
    if (framing.has_body()) {
      const std::size_t taken_max =
          plan.route->body_bytes_max > 0 ? plan.route->body_bytes_max : kIgnoredBodyBytesMax;
      const std::size_t read_max = std::max(taken_max, plan.route->refused_body_bytes_max);
      const BodyOutcome outcome = co_await read_body(request, framing, read_max, memory);
      if (outcome == BodyOutcome::kLost) co_return false;
      if (outcome == BodyOutcome::kNoMemory && plan.route->hangs_up) co_return false;
      if (outcome != BodyOutcome::kRead)
        co_return co_await refuse(request, body_error(outcome, taken_max, plan.route->body_setting),
                                  true);
      request.too_large = request.body_bytes > taken_max;
    }
    co_return co_await answer(std::move(request), std::move(memory), *plan.route);
  }

  // Between requests a connection holds as little as possible.
  asio::awaitable<bool> wait_for_request() {
    if (buffer_.size() > 0) co_return true;
    buffer_.clear();
    buffer_.shrink_to_fit();
    expire_after(first_ ? server_.options.read_header_timeout : server_.options.idle_timeout);
    first_ = false;
    error_code error;
    const std::size_t size =
        co_await stream_.async_read_some(buffer_.prepare(kFirstReadBytes), into(error));
    if (error) co_return false;
    buffer_.commit(size);
    counters().bytes_received += size;
    co_return true;
  }

  asio::awaitable<bool> answer_broken_head(error_code error) {
    if (error == http::error::end_of_stream || error == asio::error::operation_aborted ||
        error == asio::error::connection_reset || closing_)
      co_return false;
    ++counters().requests_bad;
    const bool is_timeout = error == beast::error::timeout;
    if (!is_timeout &&
        error.category() != http::make_error_code(http::error::bad_method).category())
      co_return false;  // The transport failed.
    const Request nothing;
    // After a timeout the stream is closed: there is nobody to tell.
    if (is_timeout) co_return false;
    co_return co_await refuse(nothing, header_error(error), true);
  }

  static Response body_error(BodyOutcome outcome, std::size_t bytes_max, std::string_view setting) {
    Response response;
    switch (outcome) {
      case BodyOutcome::kTooLarge:
        return too_large(bytes_max, setting);
      case BodyOutcome::kNoMemory:
        response = error_response(ApiError{.status = 429,
                                           .code = "BACKPRESSURE",
                                           .message = "too many request bodies are in work"});
        break;
      case BodyOutcome::kTimeout:
        return bad_request(408, "the body came in too slowly");
      case BodyOutcome::kBad:
      case BodyOutcome::kRead:
      case BodyOutcome::kLost:
        return bad_request(400, "bad chunked framing");
    }
    response.close = true;
    return response;
  }

  // --- Bodies

  asio::awaitable<BodyOutcome> read_body(Request& request, const Framing& framing,
                                         std::size_t bytes_max, base::MemoryReservation& memory) {
    if (framing.length > bytes_max) co_return BodyOutcome::kTooLarge;
    if (request.headers.find("Expect") && buffer_.size() == 0 && !http_1_0_) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      if (!co_await write({asio::buffer(kContinue), {}})) co_return BodyOutcome::kLost;
    }
    body_started_ = std::chrono::steady_clock::now();
    auto body = std::make_shared<std::string>();
    const BodyOutcome outcome = framing.chunked
                                    ? co_await read_chunked(*body, bytes_max, memory)
                                    : co_await read_length(*body, framing.length, memory);
    request.body_bytes = body->size();
    body->append(kBodyPaddingBytes, '\0');
    request.body = std::move(body);
    co_return outcome;
  }

  asio::awaitable<BodyOutcome> read_length(std::string& body, std::uint64_t length,
                                           base::MemoryReservation& memory) {
    std::size_t filled = 0;
    while (filled < length) {
      if (filled == body.size()) {
        const std::size_t step = std::max(kBodyStepBytes, filled);
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(length, filled + step));
        if (!memory.resize(size)) co_return BodyOutcome::kNoMemory;
        body.reserve(size + kBodyPaddingBytes);
        body.resize(size);
      }
      if (buffer_.size() > 0) {
        const std::size_t take = std::min(buffer_.size(), body.size() - filled);
        std::memcpy(body.data() + filled, buffer_.data().data(), take);
        buffer_.consume(take);
        filled += take;
        continue;
      }
      const auto [outcome, size] =
          co_await read_some(asio::buffer(body.data() + filled, body.size() - filled), filled);
      if (outcome != BodyOutcome::kRead) co_return outcome;
      filled += size;
    }
    co_return BodyOutcome::kRead;
  }

  asio::awaitable<BodyOutcome> read_chunked(std::string& body, std::size_t bytes_max,
                                            base::MemoryReservation& memory) {
    ChunkedDecoder decoder;
    while (true) {
      if (!memory.resize(body.size() + kReadBytes)) co_return BodyOutcome::kNoMemory;
      std::string_view in(static_cast<const char*>(buffer_.data().data()), buffer_.size());
      const std::size_t before = in.size();
      const ChunkedDecoder::State state = decoder.feed(in, body, bytes_max + 1 - body.size());
      buffer_.consume(before - in.size());
      if (body.size() > bytes_max) co_return BodyOutcome::kTooLarge;
      if (state == ChunkedDecoder::State::kDone) co_return BodyOutcome::kRead;
      if (state == ChunkedDecoder::State::kBad) co_return BodyOutcome::kBad;
      if (buffer_.size() > 0) continue;
      const auto [outcome, size] = co_await read_some(buffer_.prepare(kReadBytes), body.size());
      if (outcome != BodyOutcome::kRead) co_return outcome;
      buffer_.commit(size);
    }
  }

  // Some bytes of the body, of which `so_far` are there; within its deadline.
  asio::awaitable<std::pair<BodyOutcome, std::size_t>> read_some(asio::mutable_buffer room,
                                                                 std::size_t so_far) {
    const SteadyTime deadline = body_started_ + server_.options.body_grace +
                                std::chrono::seconds(so_far / kBodyBytesPerSecond);
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= 0ns) co_return std::pair(BodyOutcome::kTimeout, std::size_t{0});
    expire_after(std::min<std::chrono::nanoseconds>(left, server_.options.idle_timeout));
    error_code error;
    const std::size_t size = co_await stream_.async_read_some(room, into(error));
    counters().bytes_received += size;
    if (error) co_return std::pair(BodyOutcome::kLost, std::size_t{0});
    co_return std::pair(BodyOutcome::kRead, size);
  }

  // --- Answers

  // An answer without a handler. With a body unread, the connection ends.
  asio::awaitable<bool> refuse(const Request& request, Response response, bool has_body) {
    if (has_body) response.close = true;
    server_.front.finish(request, response);
    const bool goes_on =
        co_await send(request.method == Method::kHead, std::move(response), nullptr);
    if (has_body && !closing_) co_await linger();
    co_return goes_on && !has_body;
  }

  // Reads and drops what the client sends on.
  asio::awaitable<void> linger() {
    error_code error;
    transport(stream_).socket().shutdown(tcp::socket::shutdown_send, error);
    const SteadyTime end = std::chrono::steady_clock::now() + kLingerTime;
    buffer_.clear();
    std::string waste(kReadBytes, '\0');
    std::size_t dropped = 0;
    while (!error && dropped < kLingerBytesMax) {
      const auto left = end - std::chrono::steady_clock::now();
      if (left <= 0ns) break;
      expire_after(left);
      dropped += co_await transport(stream_).async_read_some(asio::buffer(waste), into(error));
    }
    transport(stream_).close();
    closing_ = true;
  }

  asio::awaitable<bool> answer(Request request, base::MemoryReservation memory,
                               const Route& route) {
    Front& front = server_.front;
    auto exchange = std::make_shared<Exchange>(
        std::move(request), std::move(memory),
        [&front](const Request& of, Response& response) { front.finish(of, response); });
    const bool watched = route.cancellable;
    route.handler(exchange);
    // Mostly the answer is there: then nobody needs to be woken.
    std::optional<Response> response = exchange->take_response();
    if (!response) {
      signal_->woken = false;
      exchange->set_wake(Waker{thread_.context, signal_});
      response = exchange->take_response();
    }
    while (!response) {
      co_await wait(watched);
      if (closing_ || (watched && client_left())) {
        exchange->cancel();
        co_return false;
      }
      response = exchange->take_response();
    }
    const bool is_head = exchange->request().method == Method::kHead;
    // A client that has its answer may send its next body: the memory of this one is free by then.
    if (response->stream == nullptr) exchange.reset();
    co_return co_await send(is_head, std::move(*response), std::move(exchange));
  }

  // Until somebody wakes the connection, or it is time to look after the client.
  asio::awaitable<void> wait(bool watched) {
    transport(stream_).expires_never();
    if (signal_->woken) {
      signal_->woken = false;
      co_return;
    }
    signal_->timer.expires_after(watched ? std::chrono::nanoseconds(kWatchInterval) : 1h);
    error_code error;
    waiting_ = true;
    co_await signal_->timer.async_wait(into(error));
    waiting_ = false;
    signal_->woken = false;
  }

  bool client_left() {
    pollfd watched{transport(stream_).socket().native_handle(), POLLRDHUP, 0};
    return ::poll(&watched, 1, 0) > 0 &&
           (watched.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
  }

  // True when the connection goes on. Streams stop their exchange when the client leaves.
  asio::awaitable<bool> send(bool is_head, Response response, ExchangePtr exchange) {
    const int status_class = std::clamp(response.status / 100, 0, 5);
    ++counters().responses_by_class[status_class];
    const bool goes_on = keep_alive_ && !response.close && !server_.front.shutting_down() &&
                         !(response.stream != nullptr && http_1_0_);
    const std::string head = head_of(response, http_1_0_, goes_on);
    if (response.stream == nullptr) {
      const bool has_body = !is_head && response.status != 204;
      const bool sent = co_await write(
          {asio::buffer(head), has_body ? asio::buffer(response.body) : asio::const_buffer()});
      co_return sent&& goes_on;
    }
    bool sent = co_await write({asio::buffer(head), {}});
    if (sent && !is_head) sent = co_await send_stream(*response.stream);
    response.stream->close();
    if (!sent && exchange != nullptr) exchange->cancel();
    co_return sent&& goes_on;
  }

  asio::awaitable<bool> send_stream(BodyStream& stream) {
    signal_->woken = false;
    stream.set_wake(Waker{thread_.context, signal_});
    std::string piece;
    while (!closing_) {
      switch (stream.take(piece)) {
        case BodyStream::State::kData:
          if (!co_await write_piece(piece)) co_return false;
          break;
        case BodyStream::State::kWaiting:
          co_await wait(true);
          if (client_left()) co_return false;
          break;
        case BodyStream::State::kFinished:
          if (http_1_0_) co_return true;
          co_return co_await write({asio::buffer(std::string_view("0\r\n\r\n")), {}});
        case BodyStream::State::kAborted:
          transport(stream_).close();
          closing_ = true;
          co_return false;
      }
    }
    co_return false;
  }

  asio::awaitable<bool> write_piece(const std::string& piece) {
    if (http_1_0_) co_return co_await write({asio::buffer(piece), {}});
    char size[32];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    if (!co_await write(
            {asio::buffer(size, static_cast<std::size_t>(digits)), asio::buffer(piece)}))
      co_return false;
    co_return co_await write({asio::buffer(std::string_view("\r\n")), {}});
  }

  // In pieces, so that the time limit is on progress and not on the whole.
  asio::awaitable<bool> write(std::array<asio::const_buffer, 2> buffers) {
    while (buffers[0].size() + buffers[1].size() > 0) {
      const std::size_t first = std::min(buffers[0].size(), kWriteBytes);
      const std::size_t second =
          first == buffers[0].size() ? std::min(buffers[1].size(), kWriteBytes - first) : 0;
      const std::array<asio::const_buffer, 2> piece = {asio::buffer(buffers[0], first),
                                                       asio::buffer(buffers[1], second)};
      expire_after(server_.options.idle_timeout);
      error_code error;
      const std::size_t sent = co_await asio::async_write(stream_, piece, into(error));
      counters().bytes_sent += sent;
      if (error) co_return false;
      buffers[0] += first;
      buffers[1] += second;
    }
    co_return true;
  }

  ConnectionContext& server_;
  IoThread& thread_;
  Stream stream_;
  const std::string client_;
  beast::flat_buffer buffer_;
  std::shared_ptr<Waker::Signal> signal_;
  SteadyTime body_started_;
  bool first_ = true;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool closing_ = false;
  bool waiting_ = false;  // For an answer, or more of one.
};

template <typename Stream>
void spawn(ConnectionContext& server, IoThread& thread, Stream stream, std::string client) {
  const auto connection =
      std::make_shared<Connection<Stream>>(server, thread, std::move(stream), std::move(client));
  asio::co_spawn(*thread.context, connection->run(), asio::detached);
}

}  // namespace

void serve_connection(ConnectionContext& context, IoThread& thread, tcp::socket socket,
                      const std::shared_ptr<SSL_CTX>& tls) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  (void)socket.set_option(tcp::no_delay(true), error);
  const std::string client = peer.address().to_string();
  if (tls != nullptr) {
    asio::ssl::context secure = adopted(tls);
    spawn(context, thread, Tls(beast::tcp_stream(std::move(socket)), secure), client);
  } else {
    spawn(context, thread, Plain(std::move(socket)), client);
  }
}

}  // namespace lynxdb::server
