// HTTP to a LynxDB server, or to the first of several that can be reached.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lynxdb::client {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string path;  // "/api/v1/status?x=y", behind the server's base URL.
  Headers headers{};
  std::string_view body{};  // Borrowed while send() runs.
  std::chrono::milliseconds connect_max{5'000};
  std::chrono::milliseconds total_max{0};                   // 0 = no limit.
  std::size_t response_bytes_max = std::size_t{64} << 20U;  // Of bodies that are collected.
  bool compressed_answer = true;  // Streams go without: rows should not wait in a compressor.
};

struct Response {
  int status = 0;
  Headers headers{};  // Names in lower case.
  std::string body{};

  bool ok() const { return status >= 200 && status < 300; }
  // The first of that name (lower case), or "".
  std::string_view header(std::string_view name) const;
};

// Takes pieces of a body as they come; its error ends the transfer and is what send() gives.
using OnBody = std::function<Result<>(std::string_view bytes)>;

// Belongs to one thread, but for cancel(). Connections are used again.
class HttpClient {
 public:
  struct Options {
    std::vector<std::string> servers;  // Base URLs (address.h), at least one.
    std::string token{};               // Sent as a bearer token when not empty.
    bool tls_skip_verify = false;
    std::string user_agent = "lynxdb";
  };

  explicit HttpClient(Options options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is a success here. The body of a 2xx goes to `on_body` when there is one, other
  // bodies are collected. Servers that cannot be reached are passed over; later requests start
  // with the one that answered. Errors: kUnavailable (no server reached, or the connection broke
  // before any answer: the request may have been carried out), kIo (it broke within the answer),
  // kTimeout (total_max), kCancelled, kOutOfBudget (response_bytes_max), those of `on_body`.
  Result<Response> send(const Request& request, const OnBody& on_body = nullptr);

  // Thread-safe. What is under way, and everything later, ends at once with kCancelled.
  void cancel();

  // The next request starts with the server behind the current one: that one is busy.
  void pass_on() { current_ = (current_ + 1) % options_.servers.size(); }

  const std::string& server() const { return options_.servers[current_]; }
  std::size_t server_count() const { return options_.servers.size(); }

 private:
  struct Transfer;

  Result<Response> send_to(const std::string& server, const Request& request,
                           const OnBody& on_body);
  void prepare(const std::string& server, const Request& request, Transfer& transfer);
  int perform();

  const Options options_;
  std::size_t current_ = 0;
  void* const easy_;   // CURL*
  void* const multi_;  // CURLM*, for its wake-up.
  std::atomic<bool> cancelled_{false};
};

}  // namespace lynxdb::client
