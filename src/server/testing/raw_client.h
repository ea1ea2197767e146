// A client for tests that says exactly what it is told to, right or wrong.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "server/http/chunked_decoder.h"

namespace lynxdb::server::testing {

struct RawResponse {
  int status = 0;  // 0: no answer.
  std::string head;
  std::string body;

  // The value of a header, or "".
  std::string header(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at != std::string::npos;
         at = head.find("\r\n", at + 2)) {
      const std::string_view line = std::string_view(head).substr(at + 2);
      if (line.size() > name.size() && line[name.size()] == ':' &&
          ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
        const std::string_view value = line.substr(name.size() + 2);
        return std::string(value.substr(0, value.find("\r\n")));
      }
    }
    return "";
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    LYNXDB_CHECK(socket_ >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void shut_down_sending() const { ::shutdown(socket_, SHUT_WR); }
  int descriptor() const { return socket_; }

  // False when the server does not take it all.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // The next response; status 0 when the connection ends or `timeout` passes before it is whole.
  RawResponse read_response(bool is_head = false,
                            std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    RawResponse response;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(deadline)) return {};
    response.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    response.status = std::atoi(response.head.c_str() + 9);
    if (is_head || response.status == 204 || response.status == 100) return response;
    if (response.header("Transfer-Encoding") == "chunked") return read_chunked(response, deadline);
    const std::string length = response.header("Content-Length");
    if (length.empty()) {
      while (read_more(deadline)) {
      }
      response.body = std::exchange(received_, "");
      return response;
    }
    const std::size_t size = std::strtoull(length.c_str(), nullptr, 10);
    while (received_.size() < size)
      if (!read_more(deadline)) return {};
    response.body = received_.substr(0, size);
    received_.erase(0, size);
    return response;
  }

  RawResponse ask(std::string_view request, bool is_head = false) {
    send(request);
    return read_response(is_head);
  }

  // The server ends the connection (after whatever it sends) within `timeout`.
  bool is_closed_within(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (read_more(deadline)) {
    }
    return ended_;
  }
  // What came and was not read as a response.
  const std::string& rest() const { return received_; }
  bool read_more(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd watched{socket_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&watched, 1, static_cast<int>(left.count())) <= 0) return false;
    char buffer[65536];
    const ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0);
    if (size <= 0) {
      ended_ = true;
      return false;
    }
    received_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }

 private:
  RawResponse read_chunked(RawResponse response, std::chrono::steady_clock::time_point deadline) {
    ChunkedDecoder decoder;
    while (true) {
      std::string_view in = received_;
      const auto state = decoder.feed(in, response.body, std::string::npos / 2);
      received_.erase(0, received_.size() - in.size());
      if (state == ChunkedDecoder::State::kDone) return response;
      if (state == ChunkedDecoder::State::kBad || !read_more(deadline)) {
        response.status = 0;  // Cut; the body so far is there.
        return response;
      }
    }
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

inline std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) +
         "\r\n";
}
inline std::string post(std::string_view target, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

}  // namespace lynxdb::server::testing
