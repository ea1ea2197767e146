// A cluster on this machine: each node a process of this program, started again when it ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cli/demo/child_process.h"
#include "cli/demo/servers.h"

namespace lynxdb::cli {

struct LocalClusterOptions {
  std::size_t nodes = 3;
  // Node N takes events and queries on port + N - 1 of 127.0.0.1, and talks to the others 6300
  // ports above.
  std::uint16_t port = 3100;
  // Where the nodes keep settings (node-1.yaml), data, log (node-1.log) and process id
  // (node-1.pid), and all together the segments. Empty = a temporary one, removed at the end.
  std::string directory{};
  // What ended is started again so much later: long enough to watch what the others do.
  std::chrono::milliseconds restart_delay{15'000};
  // Takes lines for people; called from the cluster's thread.
  std::function<void(std::string_view line)> log = [](std::string_view /*line*/) {};
};

class LocalCluster final : public DemoServers {
 public:
  // Starts the processes; the cluster forms while the caller goes on. Errors: kIo (directory,
  // processes), kInvalidArgument (ports).
  static Result<std::unique_ptr<LocalCluster>> start(LocalClusterOptions options);
  // Ends the processes: asks, then after a moment kills.
  ~LocalCluster() override;

  std::vector<std::string> urls() const override;
  const std::string& directory() const { return options_.directory; }
  std::string pid_file(std::size_t node) const;

  // Thread-safe. Why the first node that ended did so, with the last line of its log.
  std::optional<std::string> first_end() const EXCLUDES(mutex_);

 private:
  struct Node {
    std::string name;
    std::optional<ChildProcess> process;
    std::chrono::steady_clock::time_point start_at{};  // When it does not run.
  };

  LocalCluster(LocalClusterOptions options, bool is_temporary);
  Result<> write_settings() const;
  std::string path(const std::string& name) const { return options_.directory + "/" + name; }
  void keep_running() EXCLUDES(mutex_);
  void look_after(Node& node) EXCLUDES(mutex_);
  void end_all();

  const LocalClusterOptions options_;
  const bool is_temporary_;
  std::vector<Node> nodes_;  // Of the thread.
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::optional<std::string> first_end_ GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace lynxdb::cli
