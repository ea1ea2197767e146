#include "s3/testing/test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/check.h"

namespace lynxdb::s3::testing {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// `head` is without its empty line.
void parse_head(const std::string& head, Request& request) {
  const std::size_t line_end = head.find("\r\n");
  const std::string line = head.substr(0, line_end);
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, second - first - 1);
  std::size_t at = line_end == std::string::npos ? head.size() : line_end + 2;
  while (at < head.size()) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string field = head.substr(at, end - at);
    const std::size_t colon = field.find(':');
    if (colon != std::string::npos) {
      const std::size_t value = field.find_first_not_of(' ', colon + 1);
      request.headers[lower(field.substr(0, colon))] =
          value == std::string::npos ? "" : field.substr(value);
    }
    at = end + 2;
  }
}

}  // namespace

void Connection::answer(int status, std::string_view body, std::string_view headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) +
                     " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                     std::string(headers) + "\r\n";
  if (!is_head_) text += body;
  write(text);
}

void Connection::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t done = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (done <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void Connection::reset() const {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

bool Connection::fill() {
  std::array<char, 65536> bytes{};
  const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

bool Connection::read(Request& request) {
  std::size_t head_end = 0;
  while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  request = Request();
  parse_head(buffer_.substr(0, head_end), request);
  const std::string length = request.header("content-length");
  const std::size_t body_bytes = length.empty() ? 0 : std::strtoull(length.c_str(), nullptr, 10);
  const std::size_t end = head_end + 4 + body_bytes;
  while (buffer_.size() < end) {
    if (!fill()) return false;
  }
  request.raw = buffer_.substr(0, end);
  request.body = request.raw.substr(head_end + 4);
  buffer_.erase(0, end);
  is_head_ = request.method == "HEAD";
  return true;
}

TestServer::TestServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  LYNXDB_CHECK(listener_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  LYNXDB_CHECK(::bind(listener_, generic, size) == 0 && ::listen(listener_, 64) == 0 &&
               ::getsockname(listener_, generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

TestServer::~TestServer() {
  stopping_.store(true);
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  std::list<Client> clients;
  {
    const base::MutexLock lock(mutex_);
    clients.swap(clients_);
  }
  for (Client& client : clients) {
    ::shutdown(client.descriptor, SHUT_RDWR);
    client.thread.join();
    ::close(client.descriptor);
  }
}

std::vector<Request> TestServer::requests() const {
  const base::MutexLock lock(mutex_);
  return requests_;
}

void TestServer::accept_all() {
  while (!stopping_.load()) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    connections_.fetch_add(1);
    const base::MutexLock lock(mutex_);
    clients_.push_back({descriptor, std::thread([this, descriptor] { serve(descriptor); })});
  }
}

// The descriptor is closed by the destructor alone, so that its number is nobody else's before;
// what ends here is the connection.
void TestServer::serve(int descriptor) {
  Connection connection(descriptor);
  Request request;
  while (!stopping_.load() && connection.read(request)) {
    {
      const base::MutexLock lock(mutex_);
      requests_.push_back(request);
    }
    if (!handler_(request, connection)) break;
  }
  // shutdown() would send an end where a reset was ordered: connecting to nothing does reset.
  linger ordered{};
  socklen_t size = sizeof(ordered);
  ::getsockopt(descriptor, SOL_SOCKET, SO_LINGER, &ordered, &size);
  if (ordered.l_onoff != 0) {
    sockaddr nowhere{};
    nowhere.sa_family = AF_UNSPEC;
    (void)::connect(descriptor, &nowhere, sizeof(nowhere));
  } else {
    ::shutdown(descriptor, SHUT_RDWR);
  }
}

}  // namespace lynxdb::s3::testing
