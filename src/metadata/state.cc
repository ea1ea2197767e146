#include "metadata/state.h"

#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "metadata/cluster_codec.h"
#include "metadata/copies.h"
#include "metadata/segment_codec.h"
#include "metadata/segment_rules.h"

namespace lynxdb::metadata {
namespace {

constexpr std::string_view kMagic = "LXM";
// 1: of a single node. 3: with nodes and copies. 2 was never released.
constexpr std::uint8_t kSingleFormat = 1;
constexpr std::uint8_t kClusterFormat = 3;
constexpr std::size_t kFrameBytes = kMagic.size() + sizeof(std::uint8_t) + sizeof(std::uint32_t);

Error corrupt(std::string_view what) {
  return Error{ErrorCode::kCorruption, "metadata state: " + std::string(what)};
}

// The oldest format that has room for it, so that an older server can go on with it.
std::uint8_t format_of(const State& state) {
  const bool is_single = state.nodes.empty() && state.replication_factor == 1 &&
                         state.removed_members.empty() && !state.rebalance_wanted;
  return is_single ? kSingleFormat : kClusterFormat;
}

void encode_body(const State& state, std::string& out) {
  const bool has_copies = format_of(state) == kClusterFormat;
  base::put_varint(state.version, out);
  base::put_string(state.cluster_id, out);
  if (has_copies) put_nodes(state, out);
  base::put_varint(state.next_segment_id.value(), out);
  base::put_varint(state.partitions.size(), out);
  for (const auto& [id, partition] : state.partitions) {
    base::put_varint(id.value(), out);
    base::put_varint(partition.leader_epoch, out);
    base::put_varint(partition.partition_epoch, out);
    base::put_varint(partition.flushed_offset, out);
    base::put_varint(partition.retired_rows, out);
    if (has_copies) put_copies(partition.copies, out);
  }
  base::put_varint(state.segments.size(), out);
  for (const auto& [id, segment] : state.segments) put_segment(*segment, out);
}

Result<State> decode_body(std::uint8_t format, base::ByteReader& in) {
  State state;
  state.version = in.varint();
  state.cluster_id = std::string(in.string());
  if (format == kClusterFormat) read_nodes(in, state);
  state.next_segment_id = SegmentId(in.varint());
  const std::size_t partitions = read_count(in);
  for (std::size_t i = 0; i < partitions && !in.failed(); ++i) {
    const PartitionId id(static_cast<std::uint32_t>(in.varint()));
    PartitionState& partition = state.partitions[id];
    partition.leader_epoch = static_cast<LeaderEpoch>(in.varint());
    partition.partition_epoch = static_cast<std::uint32_t>(in.varint());
    partition.flushed_offset = in.varint();
    partition.retired_rows = in.varint();
    if (format == kClusterFormat) partition.copies = read_copies(in);
  }
  if (state.partitions.size() != partitions) return corrupt("a partition is there twice");
  const std::size_t segments = read_count(in);
  for (std::size_t i = 0; i < segments && !in.failed(); ++i) {
    auto segment = std::make_shared<const SegmentEntry>(read_segment(in));
    state.segments[segment->id] = segment;
  }
  if (in.failed()) return corrupt("ends early");
  if (state.segments.size() != segments) return corrupt("a segment is there twice");
  if (in.remaining() != 0) return corrupt("bytes after its end");
  return state;
}

}  // namespace

void encode(const State& state, std::string& out) {
  const std::size_t begin = out.size();
  out.append(kMagic);
  base::put_fixed(format_of(state), out);
  encode_body(state, out);
  base::put_fixed(base::crc32c(std::string_view(out).substr(begin)), out);
}

Result<State> decode_state(std::string_view bytes) {
  if (bytes.size() < kFrameBytes || !bytes.starts_with(kMagic)) return corrupt("is none");
  const std::string_view covered = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
  const auto crc = base::ByteReader(bytes.substr(covered.size())).fixed<std::uint32_t>();
  if (base::crc32c(covered) != crc) return corrupt("bad checksum");
  const auto format = static_cast<std::uint8_t>(covered[kMagic.size()]);
  if (format != kSingleFormat && format != kClusterFormat)
    return corrupt("unknown version " + std::to_string(format));
  base::ByteReader in(covered.substr(kMagic.size() + sizeof(std::uint8_t)));
  State state = TRY(decode_body(format, in));
  if (format != format_of(state)) return corrupt("is in a format that it does not need");
  if (const std::string fault = find_fault(state); !fault.empty()) return corrupt(fault);
  return state;
}

std::uint64_t state_hash(const State& state) {
  std::string bytes;
  encode_body(state, bytes);

  return (std::uint64_t{base::fnv32a(bytes)} << 32U) | base::crc32c(bytes);
}

std::string find_fault(const State& state) {
  std::map<PartitionId, std::uint64_t> rows;
  for (const auto& [id, segment] : state.segments) {
    const std::string name = "segment " + std::to_string(id.value());
    if (id != segment->id || id >= state.next_segment_id) return name + " has a wrong id";
    if (const std::string fault = find_fault(*segment); !fault.empty()) return name + " " + fault;
    for (const SegmentPart& part : segment->parts) {
      const auto partition = state.partitions.find(part.partition);
      if (partition == state.partitions.end() ||
          part.offsets.end > partition->second.flushed_offset) {
        return name + " holds events that were never flushed";
      }
      rows[part.partition] += part.rows;
    }
  }
  for (const auto& [id, node] : state.nodes) {
    if (id != node.id || id >= state.next_node_id || node.epoch == 0 || node.name.empty())
      return "node " + std::to_string(id.value()) + " has a wrong id, epoch or name";
  }
  for (const auto& [id, partition] : state.partitions) {
    if (const std::string fault = find_fault(state, partition); !fault.empty())
      return "partition " + std::to_string(id.value()) + " " + fault;
    if (rows[id] + partition.retired_rows != partition.flushed_offset) {
      return "partition " + std::to_string(id.value()) + " is flushed to " +
             std::to_string(partition.flushed_offset) + " but its segments have " +
             std::to_string(rows[id]) + " events and " + std::to_string(partition.retired_rows) +
             " are retired";
    }
  }
  return "";
}

}  // namespace lynxdb::metadata
