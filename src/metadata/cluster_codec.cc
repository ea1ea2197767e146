#include "metadata/cluster_codec.h"

#include "metadata/segment_codec.h"

namespace lynxdb::metadata {
namespace {

constexpr std::uint8_t kFenced = 1;
constexpr std::uint8_t kDraining = 2;

void put_node(const NodeEntry& node, std::string& out) {
  base::put_varint(node.id.value(), out);
  base::put_string(node.name, out);
  base::put_fixed(node.incarnation, out);
  base::put_varint(node.epoch, out);
  base::put_fixed(
      static_cast<std::uint8_t>((node.fenced ? kFenced : 0) | (node.draining ? kDraining : 0)),
      out);
  base::put_fixed(node.roles, out);
  base::put_varint(node.raft_id, out);
  base::put_string(node.cluster_address, out);
  base::put_string(node.http_address, out);
}

NodeEntry read_node(base::ByteReader& in) {
  NodeEntry node;
  node.id = NodeId(read_u32(in));
  node.name = std::string(in.string());
  node.incarnation = in.fixed<std::uint64_t>();
  node.epoch = read_u32(in);
  const auto flags = in.fixed<std::uint8_t>();
  if (flags > (kFenced | kDraining)) in.fail();
  node.fenced = (flags & kFenced) != 0;
  node.draining = (flags & kDraining) != 0;
  node.roles = in.fixed<std::uint8_t>();
  node.raft_id = in.varint();
  node.cluster_address = std::string(in.string());
  node.http_address = std::string(in.string());
  return node;
}

}  // namespace

void put_nodes(const State& state, std::string& out) {
  base::put_varint(state.replication_factor, out);
  base::put_varint(state.min_isr, out);
  base::put_varint(state.next_node_id.value(), out);
  base::put_varint(state.nodes.size(), out);
  for (const auto& [id, node] : state.nodes) put_node(node, out);
  base::put_varint(state.removed_members.size(), out);
  for (const std::uint64_t member : state.removed_members) base::put_varint(member, out);
  base::put_fixed(static_cast<std::uint8_t>(state.rebalance_wanted ? 1 : 0), out);
}

void read_nodes(base::ByteReader& in, State& state) {
  state.replication_factor = read_u32(in);
  state.min_isr = read_u32(in);
  state.next_node_id = NodeId(read_u32(in));
  const std::size_t nodes = read_count(in);
  for (std::size_t i = 0; i < nodes && !in.failed(); ++i) {
    NodeEntry node = read_node(in);
    const NodeId id = node.id;
    if (!state.nodes.emplace(id, std::move(node)).second) in.fail();
  }
  const std::size_t removed = read_count(in);
  for (std::size_t i = 0; i < removed && !in.failed(); ++i)
    if (!state.removed_members.insert(in.varint()).second) in.fail();
  const auto wanted = in.fixed<std::uint8_t>();
  if (wanted > 1) in.fail();
  state.rebalance_wanted = wanted == 1;
}

void put_node_ids(const std::vector<NodeId>& nodes, std::string& out) {
  base::put_varint(nodes.size(), out);
  for (const NodeId node : nodes) base::put_varint(node.value(), out);
}

std::vector<NodeId> read_node_ids(base::ByteReader& in) {
  std::vector<NodeId> nodes;
  const std::size_t count = read_count(in);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) nodes.emplace_back(read_u32(in));
  return nodes;
}

// A leader is its id, and 0 is none: ids begin at 1.
void put_copies(const Replication& copies, std::string& out) {
  put_node_ids(copies.replicas, out);
  base::put_varint(copies.leader ? copies.leader->value() : 0, out);
  put_node_ids(copies.isr, out);
  put_node_ids(copies.elr, out);
  base::put_varint(copies.losses_accepted, out);
}

Replication read_copies(base::ByteReader& in) {
  Replication copies;
  copies.replicas = read_node_ids(in);
  const std::uint32_t leader = read_u32(in);
  if (leader != 0) copies.leader = NodeId(leader);
  copies.isr = read_node_ids(in);
  copies.elr = read_node_ids(in);
  copies.losses_accepted = read_u32(in);
  return copies;
}

}  // namespace lynxdb::metadata
