#include <utility>

#include "base/bytes.h"
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
};

void put_tag(Tag tag, std::string& out) { base::put_fixed(static_cast<std::uint8_t>(tag), out); }

void put_ids(const std::vector<SegmentId>& ids, std::string& out) {
  base::put_varint(ids.size(), out);
  for (const SegmentId id : ids) base::put_varint(id.value(), out);
}

void put_segments(const std::vector<SegmentEntry>& segments, std::string& out) {
  base::put_varint(segments.size(), out);
  for (const SegmentEntry& segment : segments) put_segment(segment, out);
}

void put(const CreateCluster& command, std::string& out) {
  put_tag(Tag::kCreateCluster, out);
  base::put_string(command.cluster_id, out);
  base::put_varint(command.partition_count, out);
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

Error corrupt(std::string_view what) {
  return Error{ErrorCode::kCorruption, "metadata command: " + std::string(what)};
}

}  // namespace

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
    default:
      return corrupt("unknown command " + std::to_string(tag));
  }
  if (in.failed() || in.remaining() != 0) return corrupt("wrong length");
  return command;
}

}  // namespace lynxdb::metadata
