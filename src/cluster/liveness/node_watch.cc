#include "cluster/liveness/node_watch.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "cluster/boot_time.h"
#include "cluster/liveness/port_probe.h"

namespace lynxdb::cluster {

NodeWatch::NodeWatch(ClusterMetadata& metadata, PeerLinks& links, NodeWatchOptions options)
    : metadata_(metadata),
      links_(links),
      options_(std::move(options)),
      detector_(options_.detector) {
  metadata_.set_heartbeat_handler([this](const Heartbeat& heartbeat) { return take(heartbeat); });
  thread_.start([this] {
    look(metadata_.leads());
    return options_.interval;
  });
}

NodeWatch::~NodeWatch() { stop(); }

void NodeWatch::stop() {
  metadata_.set_heartbeat_handler(nullptr);
  thread_.stop();
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
    {
      const base::MutexLock lock(mutex_);
      detector_.fenced(fence);
    }
    options_.log(
        fmt::format("fenced node '{}', which does not answer", state->nodes.at(fence.node).name));
  }
}

void NodeWatch::knock(const metadata::State& state) {
  for (const auto& [id, node] : state.nodes) {
    if (node.fenced || links_.has_connection(node.cluster_address)) continue;
    const PortState port = probe_port(node.cluster_address, options_.knock_timeout);
    if (port == PortState::kRefused) {
      const base::MutexLock lock(mutex_);
      detector_.refused(id);
    } else if (port == PortState::kListening) {
      ask_who_listens(node);
    }
  }
}

// Its port may be another's by now: then it is as dead as behind a closed one.
void NodeWatch::ask_who_listens(const metadata::NodeEntry& node) {
  const auto answer = links_.hello(node.cluster_address, {},
                                   std::chrono::steady_clock::now() + options_.knock_timeout);
  if (!answer) return;
  const base::MutexLock lock(mutex_);
  if (answer->incarnation == node.incarnation) {
    detector_.answered(node.id);
  } else {
    detector_.refused(node.id);
  }
}

}  // namespace lynxdb::cluster
