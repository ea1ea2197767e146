#include <algorithm>
#include <utility>

#include "metadata/apply_cluster.h"
#include "metadata/copies.h"

namespace lynxdb::metadata {
namespace {

constexpr std::size_t kNodeNameBytesMax = 128;
constexpr std::size_t kAddressBytesMax = 300;

// The node, when it lives its life number `epoch`.
Result<NodeEntry*> node_in_epoch(State& state, NodeId id, NodeEpoch epoch) {
  const auto found = state.nodes.find(id);
  if (found == state.nodes.end())
    return conflict("node " + std::to_string(id.value()) + " is unknown");
  if (found->second.epoch != epoch) {
    return conflict("node " + found->second.name + " has epoch " +
                    std::to_string(found->second.epoch) + ", not " + std::to_string(epoch));
  }
  return &found->second;
}

void leave_everything(State& state, NodeId node, bool keeps_log) {
  for (auto& [id, partition] : state.partitions) leave(state, partition, node, keeps_log);
  for (auto& [id, partition] : state.partitions) elect(state, partition);
}

NodeEntry* find_by_name(State& state, std::string_view name) {
  for (auto& [id, node] : state.nodes)
    if (node.name == name) return &node;
  return nullptr;
}

bool is_address(std::string_view text) { return !text.empty() && text.size() <= kAddressBytesMax; }

}  // namespace

Result<> change(State& state, const RegisterNode& command) {
  if (state.cluster_id.empty()) return conflict("there is no cluster yet");
  if (command.name.empty() || command.name.size() > kNodeNameBytesMax || command.roles == 0 ||
      command.roles > kAllRoles || !is_address(command.cluster_address)) {
    return conflict("a node needs a name, an address and roles");
  }
  if (state.removed_members.contains(command.raft_id)) {
    return conflict("node " + command.name +
                    " was removed from the cluster: it can join anew with an empty data_dir");
  }
  NodeEntry* node = find_by_name(state, command.name);
  const NodeEpoch epoch = node == nullptr ? 0 : node->epoch;
  if (node != nullptr && node->incarnation != command.incarnation && !node->fenced) {
    return conflict("a node named " + command.name + " is running at " + node->cluster_address +
                    ": give each node a cluster.node_id of its own");
  }
  if (epoch != command.expected_epoch) {
    return conflict("node " + command.name + " has epoch " + std::to_string(epoch) + ", not " +
                    std::to_string(command.expected_epoch));
  }
  if (node == nullptr) {
    const NodeId id = state.next_node_id;
    state.next_node_id = id.next();
    node = &state.nodes[id];
    node->id = id;
    node->name = command.name;
  } else {
    const bool is_same = node->incarnation == command.incarnation;
    node->fenced = true;
    leave_everything(state, node->id, is_same && command.log_is_whole);
  }
  node->incarnation = command.incarnation;
  ++node->epoch;
  node->roles = command.roles;
  node->raft_id = command.raft_id;
  node->cluster_address = command.cluster_address;
  node->http_address = command.http_address;
  return {};
}

Result<> change(State& state, const FenceNode& command) {
  NodeEntry* node = TRY(node_in_epoch(state, command.node, command.epoch));
  if (node->fenced) return conflict("node " + node->name + " is fenced already");
  node->fenced = true;
  leave_everything(state, node->id, true);
  return {};
}

Result<> change(State& state, const UnfenceNode& command) {
  NodeEntry* node = TRY(node_in_epoch(state, command.node, command.epoch));
  if (!node->fenced) return conflict("node " + node->name + " is not fenced");
  node->fenced = false;
  for (auto& [id, partition] : state.partitions) elect(state, partition);
  return {};
}

Result<> change(State& state, const RemoveNode& command) {
  const auto node = state.nodes.find(command.node);
  if (node == state.nodes.end()) return conflict("node is unknown");
  if (!node->second.fenced) return conflict("node " + node->second.name + " is running");
  for (const auto& [id, partition] : state.partitions) {
    const auto& replicas = partition.copies.replicas;
    if (std::find(replicas.begin(), replicas.end(), command.node) != replicas.end())
      return conflict("node " + node->second.name + " still has a copy of " + name_of(id));
  }
  if (node->second.raft_id != 0) state.removed_members.insert(node->second.raft_id);
  state.nodes.erase(node);
  return {};
}

Result<> change(State& state, const DrainNode& command) {
  const auto node = state.nodes.find(command.node);
  if (node == state.nodes.end()) return conflict("node is unknown");
  if (node->second.draining == command.draining)
    return conflict("node " + node->second.name +
                    (command.draining ? " is draining already" : " is not draining"));
  node->second.draining = command.draining;
  return {};
}

Result<> change(State& state, const WantRebalance& command) {
  if (state.nodes.empty()) return conflict("there are no nodes to balance");
  if (state.rebalance_wanted == command.wanted)
    return conflict(command.wanted ? "the cluster is rebalanced already" : "nobody rebalances");
  state.rebalance_wanted = command.wanted;
  return {};
}

const NodeEntry* find_node(const State& state, std::string_view name) {
  for (const auto& [id, node] : state.nodes)
    if (node.name == name) return &node;
  return nullptr;
}

}  // namespace lynxdb::metadata
