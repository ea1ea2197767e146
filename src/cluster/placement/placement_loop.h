// While this node leads the metadata, it proposes what plan_placement() says, again and again: new
// partitions get their copies, copies of nodes that are gone are made anew, load is evened out.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "base/mutex.h"
#include "base/periodic_thread.h"
#include "cluster/liveness/cluster_metadata.h"
#include "cluster/placement/placement.h"

namespace lynxdb::cluster {

struct PlacementLoopOptions {
  PlacementOptions placement;
  std::chrono::milliseconds interval{100};
  // A node that was fenced for so long is not waited for.
  std::chrono::milliseconds gone_after{10'000};
  // A copy is not taken from a live node so soon after its partition's leader changed: until its
  // lease is over, and it has heard of it, it may believe that it still leads.
  std::chrono::milliseconds keeps_copy{6'000};
};

class PlacementLoop {
 public:
  PlacementLoop(ClusterMetadata& metadata, PlacementLoopOptions options);

  // Takes effect with the next plan.
  void set_balances(bool balances) EXCLUDES(mutex_);
  // Idempotent.
  void stop() { thread_.stop(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct LedSince {
    metadata::LeaderEpoch epoch = 0;
    Clock::time_point since;
  };

  void look();
  std::set<metadata::NodeId> gone(const metadata::State& state);
  void note_leaders(const metadata::State& state);
  bool takes_too_soon(const metadata::State& state, const metadata::Command& command) const;

  ClusterMetadata& metadata_;
  const PlacementLoopOptions options_;
  // The thread's; forgotten when this node does not lead.
  std::map<metadata::NodeId, Clock::time_point> fenced_since_;
  std::map<metadata::PartitionId, LedSince> led_since_;

  base::Mutex mutex_;
  bool balances_ GUARDED_BY(mutex_);

  base::PeriodicThread thread_;
};

}  // namespace lynxdb::cluster
