// While this node leads the metadata, it takes the others' heartbeats, knocks at the ports of those
// whose connection broke, and fences who is dead (failure_detector.h).
#pragma once

#include <chrono>

#include "base/mutex.h"
#include "base/periodic_thread.h"
#include "cluster/liveness/cluster_metadata.h"
#include "cluster/liveness/failure_detector.h"
#include "cluster/rpc/peer_links.h"

namespace lynxdb::cluster {

struct NodeWatchOptions {
  FailureDetectorOptions detector;
  std::chrono::milliseconds interval{100};
  std::chrono::milliseconds knock_timeout{250};
  std::function<void(std::string_view)> log = [](std::string_view) {};
};

// Thread-safe. Sets the metadata's heartbeat handler; both must outlive it.
class NodeWatch {
 public:
  NodeWatch(ClusterMetadata& metadata, PeerLinks& links, NodeWatchOptions options);
  ~NodeWatch();

  // Idempotent.
  void stop();

 private:
  Result<metadata::Version> take(const Heartbeat& heartbeat) EXCLUDES(mutex_);
  void look(bool leads) EXCLUDES(mutex_);
  void knock(const metadata::State& state) EXCLUDES(mutex_);
  void ask_who_listens(const metadata::NodeEntry& node) EXCLUDES(mutex_);

  ClusterMetadata& metadata_;
  PeerLinks& links_;
  const NodeWatchOptions options_;
  bool led_ = false;  // The thread's.

  base::Mutex mutex_;
  FailureDetector detector_ GUARDED_BY(mutex_);

  base::PeriodicThread thread_;
};

}  // namespace lynxdb::cluster
