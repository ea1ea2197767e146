// The listener: sockets, TLS, framing and time limits of HTTP/1.1. Everything it cannot say by
// itself it asks the Front.
//
// One io_context per thread; a connection stays on the thread it was given to. Bad framing, slow
// senders and slow readers end their own connection and nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/values.h"
#include "server/http/front.h"
#include "server/http/tls_context.h"

namespace lynxdb::server {

struct HttpOptions {
  config::Address listen{"localhost", 0};  // Port 0: any free one.
  std::size_t threads = 1;
  std::chrono::nanoseconds read_header_timeout{std::chrono::seconds(10)};
  std::chrono::nanoseconds idle_timeout{std::chrono::minutes(2)};
  // A body must come in at 1 KB/s, after this much time for a start.
  std::chrono::nanoseconds body_grace{std::chrono::seconds(30)};
  std::size_t connections_max = 10'000;
  std::size_t header_bytes_max = 64U << 10U;  // Request line included.
  // Bodies of all requests that are read or answered at a time; beyond it 429.
  std::size_t body_pool_bytes = std::size_t{512} << 20U;
  std::shared_ptr<SSL_CTX> tls;  // Null: plain HTTP.
};

// Thread-safe.
class HttpServer {
 public:
  // Listens and serves until stop(). `front` must outlive it. Errors: kIo when the address cannot
  // be listened on.
  static Result<std::unique_ptr<HttpServer>> start(HttpOptions options, Front& front);
  ~HttpServer();  // Stops at once.

  std::uint16_t port() const;
  // Every address listened on, "127.0.0.1:3100".
  std::vector<std::string> addresses() const;

  // Of connections to come.
  void set_tls(std::shared_ptr<SSL_CTX> tls);

  // Waits up to `grace` for the answers that are under way (new requests are the Front's to
  // refuse), then closes every connection and cancels what is not answered. Idempotent.
  void stop(std::chrono::nanoseconds grace);

  struct Impl;

 private:
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lynxdb::server
