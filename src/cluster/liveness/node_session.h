// This node's life in its cluster: it registers, says that it lives, and holds the lease that this
// gives (REPLICATION E1, E3). A node that was fenced, because it slept or was cut off, comes back
// by itself as soon as it has caught up with the metadata.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "cluster/liveness/cluster_metadata.h"
#include "metadata/command.h"

namespace lynxdb::cluster {

// ms of CLOCK_BOOTTIME, which goes on while the machine sleeps.
std::int64_t boot_time_ms();

struct NodeSessionOptions {
  // What it registers; `expected_epoch` is filled in.
  metadata::RegisterNode registration;
  std::chrono::milliseconds heartbeat_interval{1000};
  std::chrono::milliseconds lease_duration{4000};
  // Something for people. Called by the session's thread.
  std::function<void(std::string_view)> log = [](std::string_view) {};
};

// Thread-safe.
class NodeSession {
 public:
  // Begins at once. `metadata` must outlive it.
  NodeSession(ClusterMetadata& metadata, NodeSessionOptions options);
  ~NodeSession();

  struct Life {
    metadata::NodeId node;
    metadata::NodeEpoch epoch = 0;
  };
  // Nothing until it is registered.
  std::optional<Life> life() const EXCLUDES(mutex_);
  // Until when (boot_time_ms) nobody else can have been given what this node leads. 0: no lease.
  std::int64_t lease_until_ms() const EXCLUDES(mutex_);
  bool has_lease() const { return boot_time_ms() < lease_until_ms(); }

  // A planned stop: no more heartbeats, and the others are told (FenceNode), so that they need not
  // wait for silence. Best effort.
  void leave() EXCLUDES(mutex_);
  // Idempotent.
  void stop() EXCLUDES(mutex_);

 private:
  void run();
  std::chrono::milliseconds step();
  Result<> register_node();
  Result<> beat(const Life& life);
  Result<> come_back();
  void note(const Error& error);

  ClusterMetadata& metadata_;
  const NodeSessionOptions options_;
  std::string noted_;  // The thread's.

  mutable base::Mutex mutex_;
  base::CondVar stopping_changed_;
  std::optional<Life> life_ GUARDED_BY(mutex_);
  std::int64_t lease_until_ms_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace lynxdb::cluster
