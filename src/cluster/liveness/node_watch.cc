#include "cluster/liveness/node_watch.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "cluster/liveness/node_session.h"

namespace lynxdb::cluster {

NodeWatch::NodeWatch(ClusterMetadata& metadata, PeerLinks& links, NodeWatchOptions options)
    : metadata_(metadata),
      links_(links),
      options_(std::move(options)),
      detector_(options_.detector) {
  metadata_.set_heartbeat_handler([this](const Heartbeat& heartbeat) { return take(heartbeat); });
  thread_ = std::thread([this] { run(); });
}

NodeWatch::~NodeWatch() { stop(); }

void NodeWatch::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    stopping_changed_.notify_all();
  }
  metadata_.set_heartbeat_handler(nullptr);
  if (thread_.joinable()) thread_.join();
}

Result<metadata::Version> NodeWatch::take(const Heartbeat& heartbeat) {
  const metadata::StatePtr state = metadata_.state();
  const auto node = state->nodes.find(heartbeat.node);
  if (node == state->nodes.end() || node->second.epoch < heartbeat.epoch) {
    // It registered a moment ago, and this node has not applied that yet.
    return Error{ErrorCode::kUnavailable, "the node that leads does not know this node yet"};
  }
  if (node->second.epoch != heartbeat.epoch || node->second.fenced)
    return Error{ErrorCode::kConflict, "this node is fenced"};
  const base::MutexLock lock(mutex_);
  detector_.heard(heartbeat.node, heartbeat.epoch, boot_time_ms());
  return state->version;
}

void NodeWatch::run() {
  while (true) {
    look(metadata_.leads());
    const Deadline next = std::chrono::steady_clock::now() + options_.interval;
    const base::MutexLock lock(mutex_);
    while (!stopping_ && stopping_changed_.wait_until(mutex_, next)) {
    }
    if (stopping_) return;
  }
}

void NodeWatch::look(bool leads) {
  const bool begins = leads && !led_;
  led_ = leads;
  if (!leads) return;
  const metadata::StatePtr state = metadata_.state();
  {
    const base::MutexLock lock(mutex_);
    if (begins) detector_.lead();
    detector_.update(*state, boot_time_ms());
  }
  knock(*state);
  std::vector<metadata::FenceNode> dead;
  {
    const base::MutexLock lock(mutex_);
    dead = detector_.dead(boot_time_ms());
  }
  for (const metadata::FenceNode& fence : dead) {
    // Refused or unknown: the next look sees what is so.
    if (!metadata_.propose(fence)) continue;
    options_.log(
        fmt::format("fenced node '{}', which does not answer", state->nodes.at(fence.node).name));
  }
}

void NodeWatch::knock(const metadata::State& state) {
  for (const auto& [id, node] : state.nodes) {
    if (node.fenced || links_.has_connection(node.cluster_address)) continue;
    const auto answer = links_.hello(node.cluster_address, {},
                                     std::chrono::steady_clock::now() + options_.knock_timeout);
    const base::MutexLock lock(mutex_);
    if (answer && answer->incarnation == node.incarnation) {
      detector_.answered(id);
    } else if (answer || answer.error().code == ErrorCode::kUnavailable) {
      detector_.refused(id);
    }
  }
}

}  // namespace lynxdb::cluster
