#include <utility>

#include "base/bytes.h"
#include "metadata/cluster_codec.h"
#include "metadata/command.h"
#include "metadata/segment_codec.h"

namespace lynxdb::metadata {
namespace {

// Never given another meaning: old logs hold them. The record log around a command carries the crc.
enum class Tag : std::uint8_t {
  kCreateCluster = 1,
  kCommitFlush = 2,
  kReplaceSegments = 3,
  kDropSegments = 4,
  kCreateReplicatedCluster = 5,  // CreateCluster with copies.
  kRegisterNode = 6,
  kFenceNode = 7,
  kUnfenceNode = 8,
  kRemoveNode = 9,
  kChangeIsr = 10,
  kAssignReplicas = 11,
  kMoveLeader = 12,
  kAcceptLoss = 13,
  kDrainNode = 14,
  kWantRebalance = 15,
  kRestoreCluster = 16,
};

void put_tag(Tag tag, std::string& out) { base::put_fixed(static_cast<std::uint8_t>(tag), out); }

void put_flag(bool flag, std::string& out) {
  base::put_fixed(static_cast<std::uint8_t>(flag ? 1 : 0), out);
}

void put_ids(const std::vector<SegmentId>& ids, std::string& out) {
  base::put_varint(ids.size(), out);
  for (const SegmentId id : ids) base::put_varint(id.value(), out);
}

void put_segments(const std::vector<SegmentEntry>& segments, std::string& out) {
  base::put_varint(segments.size(), out);
  for (const SegmentEntry& segment : segments) put_segment(segment, out);
}

void put(const CreateCluster& command, std::string& out) {
  const bool has_copies = command.replication_factor != 1 || command.min_isr != 1;
  put_tag(has_copies ? Tag::kCreateReplicatedCluster : Tag::kCreateCluster, out);
  base::put_string(command.cluster_id, out);
  base::put_varint(command.partition_count, out);
  if (!has_copies) return;
  base::put_varint(command.replication_factor, out);
  base::put_varint(command.min_isr, out);
}

void put(const RestoreCluster& command, std::string& out) {
  put_tag(Tag::kRestoreCluster, out);
  base::put_string(command.cluster_id, out);
  base::put_varint(command.replication_factor, out);
  base::put_varint(command.min_isr, out);
  base::put_string(command.left, out);
}

void put(const CommitFlush& command, std::string& out) {
  put_tag(Tag::kCommitFlush, out);
  base::put_varint(command.partitions.size(), out);
  for (const CommitFlush::Advance& advance : command.partitions) {
    base::put_varint(advance.partition.value(), out);
    base::put_varint(advance.leader_epoch, out);
    base::put_varint(advance.expected_offset, out);
    base::put_varint(advance.flushed_offset, out);
  }
  put_segments(command.segments, out);
}

void put(const ReplaceSegments& command, std::string& out) {
  put_tag(Tag::kReplaceSegments, out);
  put_ids(command.removed, out);
  put_segments(command.added, out);
}

void put(const DropSegments& command, std::string& out) {
  put_tag(Tag::kDropSegments, out);
  put_ids(command.removed, out);
}

void put(const RegisterNode& command, std::string& out) {
  put_tag(Tag::kRegisterNode, out);
  base::put_string(command.name, out);
  base::put_fixed(command.incarnation, out);
  base::put_fixed(command.roles, out);
  base::put_varint(command.raft_id, out);
  base::put_string(command.cluster_address, out);
  base::put_string(command.http_address, out);
  base::put_varint(command.expected_epoch, out);
  put_flag(command.log_is_whole, out);
}

void put_node_epoch(Tag tag, NodeId node, NodeEpoch epoch, std::string& out) {
  put_tag(tag, out);
  base::put_varint(node.value(), out);
  base::put_varint(epoch, out);
}

void put(const FenceNode& command, std::string& out) {
  put_node_epoch(Tag::kFenceNode, command.node, command.epoch, out);
}

void put(const UnfenceNode& command, std::string& out) {
  put_node_epoch(Tag::kUnfenceNode, command.node, command.epoch, out);
}

void put(const RemoveNode& command, std::string& out) {
  put_tag(Tag::kRemoveNode, out);
  base::put_varint(command.node.value(), out);
}

void put(const ChangeIsr& command, std::string& out) {
  put_tag(Tag::kChangeIsr, out);
  base::put_varint(command.partition.value(), out);
  base::put_varint(command.leader_epoch, out);
  base::put_varint(command.partition_epoch, out);
  base::put_varint(command.isr.size(), out);
  for (const ChangeIsr::Member& member : command.isr) {
    base::put_varint(member.node.value(), out);
    base::put_varint(member.epoch, out);
  }
}

void put(const AssignReplicas& command, std::string& out) {
  put_tag(Tag::kAssignReplicas, out);
  base::put_varint(command.partition.value(), out);
  base::put_varint(command.partition_epoch, out);
  put_node_ids(command.replicas, out);
}

void put(const MoveLeader& command, std::string& out) {
  put_tag(Tag::kMoveLeader, out);
  base::put_varint(command.partition.value(), out);
  base::put_varint(command.leader_epoch, out);
  base::put_varint(command.to.value(), out);
}

void put(const AcceptLoss& command, std::string& out) {
  put_tag(Tag::kAcceptLoss, out);
  base::put_varint(command.partition.value(), out);
  base::put_varint(command.partition_epoch, out);
  base::put_varint(command.leader.value(), out);
}

void put(const DrainNode& command, std::string& out) {
  put_tag(Tag::kDrainNode, out);
  base::put_varint(command.node.value(), out);
  put_flag(command.draining, out);
}

void put(const WantRebalance& command, std::string& out) {
  put_tag(Tag::kWantRebalance, out);
  put_flag(command.wanted, out);
}

// --- Reading -------------------------------------------------------------------------------------

std::vector<SegmentId> read_ids(base::ByteReader& in) {
  std::vector<SegmentId> ids;
  const std::size_t count = read_count(in);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) ids.emplace_back(in.varint());
  return ids;
}

std::vector<SegmentEntry> read_segments(base::ByteReader& in) {
  std::vector<SegmentEntry> segments;
  const std::size_t count = read_count(in);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) segments.push_back(read_segment(in));
  return segments;
}

CreateCluster read_create(base::ByteReader& in) {
  CreateCluster command;
  command.cluster_id = std::string(in.string());
  command.partition_count = read_u32(in);
  return command;
}

CommitFlush read_flush(base::ByteReader& in) {
  CommitFlush command;
  const std::size_t count = read_count(in);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    CommitFlush::Advance advance;
    advance.partition = PartitionId(read_u32(in));
    advance.leader_epoch = read_u32(in);
    advance.expected_offset = in.varint();
    advance.flushed_offset = in.varint();
    command.partitions.push_back(advance);
  }
  command.segments = read_segments(in);
  return command;
}

ReplaceSegments read_replace(base::ByteReader& in) {
  ReplaceSegments command;
  command.removed = read_ids(in);
  command.added = read_segments(in);
  return command;
}

CreateCluster read_create_replicated(base::ByteReader& in) {
  CreateCluster command = read_create(in);
  command.replication_factor = read_u32(in);
  command.min_isr = read_u32(in);
  return command;
}

RestoreCluster read_restore(base::ByteReader& in) {
  RestoreCluster command;
  command.cluster_id = std::string(in.string());
  command.replication_factor = read_u32(in);
  command.min_isr = read_u32(in);
  command.left = std::string(in.string());
  return command;
}

bool read_flag(base::ByteReader& in) {
  const auto flag = in.fixed<std::uint8_t>();
  if (flag > 1) in.fail();
  return flag == 1;
}

RegisterNode read_register(base::ByteReader& in) {
  RegisterNode command;
  command.name = std::string(in.string());
  command.incarnation = in.fixed<std::uint64_t>();
  command.roles = in.fixed<std::uint8_t>();
  command.raft_id = in.varint();
  command.cluster_address = std::string(in.string());
  command.http_address = std::string(in.string());
  command.expected_epoch = static_cast<NodeEpoch>(in.varint());
  command.log_is_whole = read_flag(in);
  return command;
}

template <typename OfNode>
OfNode read_node_epoch(base::ByteReader& in) {
  OfNode command;
  command.node = NodeId(read_u32(in));
  command.epoch = read_u32(in);
  return command;
}

ChangeIsr read_change_isr(base::ByteReader& in) {
  ChangeIsr command;
  command.partition = PartitionId(read_u32(in));
  command.leader_epoch = read_u32(in);
  command.partition_epoch = read_u32(in);
  const std::size_t count = read_count(in);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    const NodeId node(read_u32(in));
    command.isr.push_back({node, read_u32(in)});
  }
  return command;
}

AssignReplicas read_assign(base::ByteReader& in) {
  AssignReplicas command;
  command.partition = PartitionId(read_u32(in));
  command.partition_epoch = read_u32(in);
  command.replicas = read_node_ids(in);
  return command;
}

MoveLeader read_move(base::ByteReader& in) {
  MoveLeader command;
  command.partition = PartitionId(read_u32(in));
  command.leader_epoch = read_u32(in);
  command.to = NodeId(read_u32(in));
  return command;
}

AcceptLoss read_accept_loss(base::ByteReader& in) {
  AcceptLoss command;
  command.partition = PartitionId(read_u32(in));
  command.partition_epoch = read_u32(in);
  command.leader = NodeId(read_u32(in));
  return command;
}

DrainNode read_drain(base::ByteReader& in) {
  DrainNode command;
  command.node = NodeId(read_u32(in));
  command.draining = read_flag(in);
  return command;
}

Error corrupt(std::string_view what) {
  return Error{ErrorCode::kCorruption, "metadata command: " + std::string(what)};
}

}  // namespace

std::string cluster_id_of(const Command& command) {
  if (const auto* create = std::get_if<CreateCluster>(&command)) return create->cluster_id;
  if (const auto* restore = std::get_if<RestoreCluster>(&command)) return restore->cluster_id;
  return "";
}

void encode(const Command& command, std::string& out) {
  std::visit([&](const auto& one) { put(one, out); }, command);
}

Result<Command> decode_command(std::string_view bytes) {
  base::ByteReader in(bytes);
  const auto tag = in.fixed<std::uint8_t>();
  Command command;
  switch (static_cast<Tag>(tag)) {
    case Tag::kCreateCluster:
      command = read_create(in);
      break;
    case Tag::kCommitFlush:
      command = read_flush(in);
      break;
    case Tag::kReplaceSegments:
      command = read_replace(in);
      break;
    case Tag::kDropSegments:
      command = DropSegments{read_ids(in)};
      break;
    case Tag::kCreateReplicatedCluster:
      command = read_create_replicated(in);
      break;
    case Tag::kRegisterNode:
      command = read_register(in);
      break;
    case Tag::kFenceNode:
      command = read_node_epoch<FenceNode>(in);
      break;
    case Tag::kUnfenceNode:
      command = read_node_epoch<UnfenceNode>(in);
      break;
    case Tag::kRemoveNode:
      command = RemoveNode{NodeId(read_u32(in))};
      break;
    case Tag::kChangeIsr:
      command = read_change_isr(in);
      break;
    case Tag::kAssignReplicas:
      command = read_assign(in);
      break;
    case Tag::kMoveLeader:
      command = read_move(in);
      break;
    case Tag::kAcceptLoss:
      command = read_accept_loss(in);
      break;
    case Tag::kDrainNode:
      command = read_drain(in);
      break;
    case Tag::kWantRebalance:
      command = WantRebalance{read_flag(in)};
      break;
    case Tag::kRestoreCluster:
      command = read_restore(in);
      break;
    default:
      return corrupt("unknown command " + std::to_string(tag));
  }
  if (in.failed() || in.remaining() != 0) return corrupt("wrong length");
  return command;
}

}  // namespace lynxdb::metadata
