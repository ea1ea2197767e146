// The HTTP server as a whole: configuration in, a listening API out.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/server_config.h"
#include "server/cluster/cluster_admin.h"
#include "server/ingest/event_sink.h"
#include "server/metrics/store_status.h"
#include "server/query/event_reader.h"

namespace lynxdb::server {

// What the server stands on. Must outlive it; the sink must have answered (or dropped) every append
// before the server is destroyed.
struct ServerParts {
  EventSink& sink;
  EventReader& reader;
  StoreMonitor& monitor;
  const base::Clock& clock = base::real_clock();
  ClusterAdmin* cluster = nullptr;  // Null: no node of a cluster.
};

struct ServerInfo {
  std::string version;     // "0.1.0"
  std::string cluster_id;  // The same for the life of the data directory.
  std::string node_name;
  // Reports worth a line in the log. Thread-safe.
  std::function<void(std::string_view)> log = [](std::string_view) {};
  std::function<void(std::string_view)> log_error = [](std::string_view) {};
};

// Thread-safe.
class Server {
 public:
  // Listens and serves. Errors: kIo (the address is taken), kInvalidArgument (certificates).
  static Result<std::unique_ptr<Server>> start(const config::ServerConfig& config,
                                               ServerParts parts, ServerInfo info);
  virtual ~Server() = default;  // Stops at once.

  virtual std::uint16_t port() const = 0;
  // "http://127.0.0.1:3100", one for each address.
  virtual std::vector<std::string> urls() const = 0;
  // SHA-256 of the certificate that was made here; empty when there is none.
  virtual std::string certificate_fingerprint() const = 0;

  // Takes over what a running server can, certificates included. Errors: kInvalidArgument when the
  // certificates cannot be read; then the old ones stay.
  virtual Result<> reload(const config::ServerConfig& config) = 0;

  // From now on /health says 503 and new work is refused. stop() begins with it.
  virtual void begin_shutdown() = 0;
  // Finishes what is under way within `grace`, cancels the rest, and ends all threads. Idempotent.
  virtual void stop(std::chrono::nanoseconds grace) = 0;
};

}  // namespace lynxdb::server
