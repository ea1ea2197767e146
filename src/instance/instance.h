// One running LynxDB: the data directory, the storage engine in it, and the server over both.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/server_config.h"
#include "server/server.h"

namespace lynxdb::instance {

// Reports for the log. Called from any thread.
enum class Severity { kInfo, kWarning, kError };
using Log = std::function<void(Severity, std::string_view)>;

struct StartOptions {
  std::string version;
  // Cut the write-ahead log at damage instead of refusing to start: StoreOptions has the details.
  bool accept_log_damage = false;
  // Keys of objects that are damaged: these segments are dropped, their events are lost. Objects
  // are deleted like others that nobody names.
  std::vector<std::string> dropped_segments{};
  // Of events without a time, and of queries. Must outlive the instance.
  const base::Clock* clock = &base::real_clock();
};

// http() is for any thread; reload() and stop() are for one thread at a time.
class Instance {
 public:
  // Opens everything and serves. Errors: what stands in the way (a bad value, the data directory in
  // use, damage, an address that is taken).
  static Result<std::unique_ptr<Instance>> start(const config::ServerConfig& config,
                                                 StartOptions options, Log log);
  virtual ~Instance() = default;

  virtual const server::Server& http() const = 0;

  // Takes over what a running instance can. Errors: nothing has changed.
  virtual Result<> reload(const config::ServerConfig& config) = 0;

  // Refuses new work, finishes what is under way within http.shutdown_timeout, flushes, syncs, and
  // ends all threads. Errors of the flush: nothing is lost, the next start reads the log.
  virtual Result<> stop() = 0;
};

}  // namespace lynxdb::instance
