// This node's life in its cluster: it registers, says that it lives, and holds the lease that this
// gives (REPLICATION E1, E3). A node that was fenced, because it slept or was cut off, comes back
// by itself as soon as it has caught up with the metadata.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "base/periodic_thread.h"
#include "cluster/boot_time.h"
#include "cluster/liveness/cluster_metadata.h"
#include "metadata/command.h"

namespace lynxdb::cluster {

struct NodeSessionOptions {
  // What it registers; `expected_epoch` is filled in.
  metadata::RegisterNode registration;
  std::chrono::milliseconds heartbeat_interval{1000};
  std::chrono::milliseconds lease_duration{4000};
  // All called by the session's thread. A new life has begun; the node is not fenced any more.
  std::function<void(metadata::NodeId, metadata::NodeEpoch)> registered =
      [](metadata::NodeId, metadata::NodeEpoch) {};
  // A heartbeat sent at that time (boot_time_ms) was answered by who had applied that version.
  std::function<void(std::int64_t, metadata::Version)> answered = [](std::int64_t,
                                                                     metadata::Version) {};
  // Whether this node can do its part. While not, it is silent, so that others take over.
  std::function<Result<>()> fitness = [] { return Result<>(); };
  // Something for people.
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

  // Somebody else registered this node: it does so again.
  void register_again() EXCLUDES(mutex_);
  // A planned stop: no more heartbeats, and the others are told (FenceNode), so that they need not
  // wait for silence. Best effort.
  void leave() EXCLUDES(mutex_);
  // Idempotent.
  void stop() { thread_.stop(); }

 private:
  std::chrono::milliseconds step();
  Result<> register_node();
  Result<> beat(const Life& life);
  Result<> come_back();
  void note(const Error& error);

  ClusterMetadata& metadata_;
  const NodeSessionOptions options_;
  std::string noted_;  // The thread's.

  mutable base::Mutex mutex_;
  std::optional<Life> life_ GUARDED_BY(mutex_);
  std::int64_t lease_until_ms_ GUARDED_BY(mutex_) = 0;

  base::PeriodicThread thread_;
};

}  // namespace lynxdb::cluster
