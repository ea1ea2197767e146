#include "cluster/placement/placement_loop.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace lynxdb::cluster {

PlacementLoop::PlacementLoop(ClusterMetadata& metadata, PlacementLoopOptions options)
    : metadata_(metadata), options_(options), balances_(options.placement.balances) {
  thread_.start([this] {
    look();
    return options_.interval;
  });
}

void PlacementLoop::set_balances(bool balances) {
  const base::MutexLock lock(mutex_);
  balances_ = balances;
}

// What cannot be proposed now is planned anew at the next look.
void PlacementLoop::look() {
  const metadata::StatePtr state = metadata_.state();
  if (!metadata_.leads() || state->cluster_id.empty()) {
    fenced_since_.clear();
    led_since_.clear();
    return;
  }
  note_leaders(*state);
  PlacementOptions options = options_.placement;
  {
    const base::MutexLock lock(mutex_);
    options.balances = balances_;
  }
  for (const metadata::Command& command : plan_placement(*state, gone(*state), options)) {
    if (takes_too_soon(*state, command)) continue;
    const auto done = metadata_.propose(command);
    if (!done && done.error().code != ErrorCode::kConflict) return;
  }
}

std::set<metadata::NodeId> PlacementLoop::gone(const metadata::State& state) {
  std::set<metadata::NodeId> gone;
  const auto now = Clock::now();
  for (const auto& [id, node] : state.nodes) {
    if (!node.fenced) {
      fenced_since_.erase(id);
    } else if (fenced_since_.try_emplace(id, now).first->second + options_.gone_after <= now) {
      gone.insert(id);
    }
  }
  return gone;
}

void PlacementLoop::note_leaders(const metadata::State& state) {
  for (const auto& [id, partition] : state.partitions) {
    LedSince& led = led_since_[id];
    if (led.epoch != partition.leader_epoch) led = {partition.leader_epoch, Clock::now()};
  }
}

bool PlacementLoop::takes_too_soon(const metadata::State& state,
                                   const metadata::Command& command) const {
  const auto* assign = std::get_if<metadata::AssignReplicas>(&command);
  if (assign == nullptr) return false;
  const auto& before = state.partitions.at(assign->partition).copies.replicas;
  const bool takes = std::any_of(before.begin(), before.end(), [&](metadata::NodeId node) {
    const auto entry = state.nodes.find(node);
    return std::find(assign->replicas.begin(), assign->replicas.end(), node) ==
               assign->replicas.end() &&
           entry != state.nodes.end() && !entry->second.fenced;
  });
  const auto led = led_since_.find(assign->partition);
  return takes && led != led_since_.end() && Clock::now() < led->second.since + options_.keeps_copy;
}

}  // namespace lynxdb::cluster
