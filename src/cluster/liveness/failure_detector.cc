#include "cluster/liveness/failure_detector.h"

namespace lynxdb::cluster {

void FailureDetector::lead() { lives_.clear(); }

void FailureDetector::update(const metadata::State& state, std::int64_t now_ms) {
  std::erase_if(lives_, [&](const auto& life) {
    const auto node = state.nodes.find(life.first);
    return node == state.nodes.end() || node->second.fenced;
  });
  for (const auto& [id, node] : state.nodes) {
    if (node.fenced) continue;
    Life& life = lives_[id];
    if (life.epoch != node.epoch) life = {.epoch = node.epoch, .heard_ms = now_ms, .refusals = 0};
  }
}

void FailureDetector::heard(metadata::NodeId node, metadata::NodeEpoch epoch, std::int64_t now_ms) {
  const auto life = lives_.find(node);
  if (life == lives_.end() || life->second.epoch != epoch) return;
  life->second.heard_ms = now_ms;
  life->second.refusals = 0;
}

void FailureDetector::refused(metadata::NodeId node) {
  const auto life = lives_.find(node);
  if (life != lives_.end()) ++life->second.refusals;
}

void FailureDetector::answered(metadata::NodeId node) {
  const auto life = lives_.find(node);
  if (life != lives_.end()) life->second.refusals = 0;
}

void FailureDetector::fenced(const metadata::FenceNode& fence) {
  const auto life = lives_.find(fence.node);
  if (life != lives_.end() && life->second.epoch == fence.epoch) lives_.erase(life);
}

std::vector<metadata::FenceNode> FailureDetector::dead(std::int64_t now_ms) const {
  std::vector<metadata::FenceNode> dead;
  for (const auto& [id, life] : lives_) {
    const bool is_silent = now_ms - life.heard_ms >= options_.fence_timeout.count();
    if (is_silent || life.refusals >= options_.refusals_max) dead.push_back({id, life.epoch});
  }
  return dead;
}

}  // namespace lynxdb::cluster
