// What every request and response has in common, whatever the route: routing, CORS, request ids,
// compression, shutting down. No sockets: the listener (http_server.h) asks it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/http/exchange.h"
#include "server/http/message.h"
#include "server/http/router.h"

namespace lynxdb::server {

// Counted for /metrics. Thread-safe.
struct HttpCounters {
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> connections_active{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> requests_total{0};
  std::atomic<std::uint64_t> requests_bad{0};             // Not HTTP, or against its limits.
  std::atomic<std::uint64_t> responses_by_class[6] = {};  // [4] = 4xx
  std::atomic<std::uint64_t> bytes_received{0};
  std::atomic<std::uint64_t> bytes_sent{0};
};

// Thread-safe once serving.
class Front {
 public:
  explicit Front(std::vector<std::string> cors_origins) : cors_origins_(std::move(cors_origins)) {}

  Router& router() { return router_; }
  HttpCounters& counters() { return counters_; }

  // From now on requests are refused with 503, but for routes that always answer or that hang up.
  void begin_shutdown() { shutting_down_.store(true); }
  bool shutting_down() const { return shutting_down_.load(); }

  // What to do with a request whose head was read: answer at once, close the connection, or read
  // the body and call the route. Sets the request's id and path parameters.
  struct Plan {
    const Route* route = nullptr;
    std::optional<Response> answer;
    bool hangs_up = false;
  };
  Plan plan(Request& head) const;

  // Completes a response: request id, CORS, compression.
  void finish(const Request& request, Response& response) const;

 private:
  bool allows_origin(std::string_view origin) const;
  void add_cors(const Request& request, Response& response) const;
  static void compress(const Request& request, Response& response);

  const std::vector<std::string> cors_origins_;
  Router router_;
  HttpCounters counters_;
  std::atomic<bool> shutting_down_{false};
};

// 32 hex digits of chance.
std::string make_request_id();

}  // namespace lynxdb::server
