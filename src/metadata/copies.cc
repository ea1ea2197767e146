#include "metadata/copies.h"

#include <algorithm>
#include <utility>

namespace lynxdb::metadata {
namespace {

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

void insert_sorted(std::vector<NodeId>& nodes, NodeId node) {
  if (!holds(nodes, node)) nodes.insert(std::upper_bound(nodes.begin(), nodes.end(), node), node);
}

bool is_live(const State& state, NodeId node) {
  const auto found = state.nodes.find(node);
  return found != state.nodes.end() && !found->second.fenced;
}

std::ptrdiff_t partitions_led_by(const State& state, NodeId node) {
  return std::ranges::count_if(
      state.partitions, [&](const auto& entry) { return entry.second.copies.leader == node; });
}

// Of the replicas that are in `eligible` and live, the one that leads the fewest partitions, and of
// equals the first: what a dead node led is shared out among those who stay.
std::optional<NodeId> least_burdened(const State& state, const Replication& copies,
                                     const std::vector<NodeId>& eligible) {
  std::optional<NodeId> best;
  std::ptrdiff_t fewest = 0;
  for (const NodeId node : copies.replicas) {
    if (!holds(eligible, node) || !is_live(state, node)) continue;
    const std::ptrdiff_t led = partitions_led_by(state, node);
    if (best && led >= fewest) continue;
    best = node;
    fewest = led;
  }
  return best;
}

bool is_ascending(const std::vector<NodeId>& nodes) {
  return std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal<>()) == nodes.end();
}

}  // namespace

void set_leader(PartitionState& partition, std::optional<NodeId> leader) {
  partition.copies.leader = leader;
  ++partition.leader_epoch;
  ++partition.partition_epoch;
}

void set_isr(const State& state, PartitionState& partition, std::vector<NodeId> isr) {
  Replication& copies = partition.copies;
  std::sort(isr.begin(), isr.end());
  const std::vector<NodeId> before = std::exchange(copies.isr, std::move(isr));
  if (copies.isr.size() >= state.min_isr) {
    copies.elr.clear();
  } else {
    for (const NodeId node : before) insert_sorted(copies.elr, node);
    std::erase_if(copies.elr, [&](NodeId node) { return holds(copies.isr, node); });
  }
  ++partition.partition_epoch;
}

void leave(State& state, PartitionState& partition, NodeId node, bool keeps_log) {
  Replication& copies = partition.copies;
  if (holds(copies.isr, node)) {
    std::vector<NodeId> rest = copies.isr;
    std::erase(rest, node);
    set_isr(state, partition, std::move(rest));
  }
  if (!keeps_log && std::erase(copies.elr, node) > 0) ++partition.partition_epoch;
  if (copies.leader == node) set_leader(partition, std::nullopt);
}

void elect(const State& state, PartitionState& partition) {
  Replication& copies = partition.copies;
  if (copies.leader.has_value()) return;
  if (const auto of_isr = least_burdened(state, copies, copies.isr)) {
    set_leader(partition, of_isr);
  } else if (const auto of_elr = least_burdened(state, copies, copies.elr)) {
    set_isr(state, partition, {*of_elr});
    set_leader(partition, of_elr);
  }
}

std::string find_fault(const State& state, const PartitionState& partition) {
  const Replication& copies = partition.copies;
  if (!is_ascending(copies.isr) || !is_ascending(copies.elr)) return "has an unsorted ISR or ELR";
  for (const NodeId node : copies.isr) {
    if (!holds(copies.replicas, node)) return "has an ISR with a node that is no replica";
    if (!is_live(state, node)) return "has a fenced node in its ISR";
    if (holds(copies.elr, node)) return "has a node in ISR and ELR";
  }
  for (const NodeId node : copies.elr)
    if (!holds(copies.replicas, node)) return "has an ELR with a node that is no replica";
  if (copies.leader && !holds(copies.isr, *copies.leader)) return "has a leader outside of its ISR";
  if (!copies.leader && !copies.isr.empty()) return "has an ISR and no leader";
  if (!copies.elr.empty() && copies.isr.size() >= state.min_isr) return "has an ELR without need";
  for (const NodeId node : copies.replicas) {
    if (!state.nodes.contains(node)) return "has an unknown replica";
    if (std::count(copies.replicas.begin(), copies.replicas.end(), node) != 1)
      return "has a replica twice";
  }
  return "";
}

}  // namespace lynxdb::metadata
