#include <algorithm>
#include <utility>

#include "metadata/apply_cluster.h"
#include "metadata/copies.h"

namespace lynxdb::metadata {
namespace {

bool is_in(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

Result<PartitionState*> partition_of(State& state, PartitionId id) {
  const auto found = state.partitions.find(id);
  if (found == state.partitions.end()) return conflict(name_of(id) + " is unknown");
  return &found->second;
}

Result<> expect_leader_epoch(PartitionId id, const PartitionState& partition, LeaderEpoch epoch) {
  if (partition.leader_epoch == epoch) return {};
  return conflict(name_of(id) + " has leader epoch " + std::to_string(partition.leader_epoch) +
                  ", not " + std::to_string(epoch));
}

Result<> expect_partition_epoch(PartitionId id, const PartitionState& partition,
                                std::uint32_t epoch) {
  if (partition.partition_epoch == epoch) return {};
  return conflict(name_of(id) + " has partition epoch " +
                  std::to_string(partition.partition_epoch) + ", not " + std::to_string(epoch));
}

Result<> expect_live(const State& state, NodeId id) {
  const auto node = state.nodes.find(id);
  if (node == state.nodes.end())
    return conflict("node " + std::to_string(id.value()) + " is unknown");
  if (node->second.fenced) return conflict("node " + node->second.name + " is fenced");
  return {};
}

// A partition's first copies: whoever lives has all of nothing.
void begin_copies(const State& state, PartitionState& partition) {
  std::vector<NodeId> live;
  for (const NodeId node : partition.copies.replicas)
    if (!state.nodes.at(node).fenced) live.push_back(node);
  set_isr(state, partition, std::move(live));
  partition.copies.elr.clear();
  elect(state, partition);
}

}  // namespace

Result<> change(State& state, const ChangeIsr& command) {
  PartitionState* partition = TRY(partition_of(state, command.partition));
  TRY(expect_leader_epoch(command.partition, *partition, command.leader_epoch));
  TRY(expect_partition_epoch(command.partition, *partition, command.partition_epoch));
  const Replication& copies = partition->copies;
  if (!copies.leader) return conflict(name_of(command.partition) + " has no leader");
  std::vector<NodeId> isr;
  for (const ChangeIsr::Member& member : command.isr) {
    TRY(expect_live(state, member.node));
    if (state.nodes.at(member.node).epoch != member.epoch)
      return conflict("node " + state.nodes.at(member.node).name + " was registered anew");
    if (!is_in(copies.replicas, member.node))
      return conflict("node " + state.nodes.at(member.node).name + " is no replica");
    if (is_in(isr, member.node)) return conflict("a node is named twice");
    isr.push_back(member.node);
  }
  if (!is_in(isr, *copies.leader)) return conflict("the leader would not be in sync with itself");
  set_isr(state, *partition, std::move(isr));
  return {};
}

Result<> change(State& state, const AssignReplicas& command) {
  PartitionState* partition = TRY(partition_of(state, command.partition));
  TRY(expect_partition_epoch(command.partition, *partition, command.partition_epoch));
  Replication& copies = partition->copies;
  const bool is_first = copies.replicas.empty();
  if (command.replicas.empty()) return conflict("a partition needs a replica");
  for (const NodeId node : command.replicas) {
    if (!state.nodes.contains(node)) return conflict("a replica is unknown");
    if (std::count(command.replicas.begin(), command.replicas.end(), node) != 1)
      return conflict("a replica is named twice");
  }
  copies.replicas = command.replicas;
  ++partition->partition_epoch;
  if (is_first) {
    begin_copies(state, *partition);
    return {};
  }
  // Its lease may last, and what the others commit without it would be missing in its answers.
  if (copies.leader && !is_in(copies.replicas, *copies.leader))
    return conflict(name_of(command.partition) + " is led by a node that would have no copy");
  // Nobody may be left with fewer complete copies than events are committed with, unless there were
  // fewer before.
  const std::size_t before = copies.isr.size() + copies.elr.size();
  const auto is_dropped = [&](NodeId node) { return !is_in(copies.replicas, node); };
  std::erase_if(copies.isr, is_dropped);
  std::erase_if(copies.elr, is_dropped);
  const std::size_t enough = std::min({before, std::size_t{state.min_isr}, copies.replicas.size()});
  if (copies.isr.size() + copies.elr.size() < enough || copies.isr.empty())
    return conflict(name_of(command.partition) + " would have too few complete copies");
  if (copies.isr.size() >= state.min_isr) copies.elr.clear();
  return {};
}

Result<> change(State& state, const MoveLeader& command) {
  PartitionState* partition = TRY(partition_of(state, command.partition));
  TRY(expect_leader_epoch(command.partition, *partition, command.leader_epoch));
  if (!is_in(partition->copies.isr, command.to))
    return conflict("only a node of the ISR can lead " + name_of(command.partition));
  if (partition->copies.leader == command.to)
    return conflict("it leads " + name_of(command.partition) + " already");
  set_leader(*partition, command.to);
  return {};
}

Result<> change(State& state, const AcceptLoss& command) {
  PartitionState* partition = TRY(partition_of(state, command.partition));
  TRY(expect_partition_epoch(command.partition, *partition, command.partition_epoch));
  Replication& copies = partition->copies;
  if (copies.leader) return conflict(name_of(command.partition) + " has a leader");
  TRY(expect_live(state, command.leader));
  if (!is_in(copies.replicas, command.leader)) return conflict("the node is no replica");
  copies.isr = {command.leader};
  copies.elr.clear();
  ++copies.losses_accepted;
  set_leader(*partition, command.leader);
  return {};
}

}  // namespace lynxdb::metadata
