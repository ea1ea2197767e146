#include <set>
#include <utility>

#include "base/check.h"
#include "metadata/apply_cluster.h"
#include "metadata/command.h"
#include "metadata/segment_rules.h"

namespace lynxdb::metadata {
namespace {

constexpr std::uint32_t kPartitionsMax = 65'536;
constexpr std::uint32_t kReplicationFactorMax = 7;

Result<> add_segments(State& state, const std::vector<SegmentEntry>& segments) {
  for (const SegmentEntry& segment : segments) {
    if (const std::string fault = find_fault(segment); !fault.empty()) {
      return conflict("segment " + segment.object_key + " " + fault);
    }
    auto committed = std::make_shared<SegmentEntry>(segment);
    committed->id = state.next_segment_id;
    state.next_segment_id = state.next_segment_id.next();
    state.segments.emplace(committed->id, std::move(committed));
  }
  return {};
}

// Takes the segments out of `state`; all of them must be in it, and named once.
Result<std::vector<SegmentEntry>> remove_segments(State& state, const std::vector<SegmentId>& ids) {
  std::vector<SegmentEntry> removed;
  for (const SegmentId id : ids) {
    const auto segment = state.segments.find(id);
    if (segment == state.segments.end()) {
      return conflict("segment " + std::to_string(id.value()) + " is gone");
    }
    removed.push_back(*segment->second);
    state.segments.erase(segment);
  }
  if (removed.empty()) return conflict("no segment is named");
  return removed;
}

// What both ways to begin a cluster have.
template <typename Founding>
Result<> begin_cluster(State& state, const Founding& command) {
  if (!state.cluster_id.empty()) return conflict("the cluster exists already");
  if (command.cluster_id.empty()) return conflict("a cluster needs an id");
  if (command.min_isr == 0 || command.min_isr > command.replication_factor ||
      command.replication_factor > kReplicationFactorMax) {
    return conflict("a cluster needs 1 to 7 copies, and a min_isr of no more than these");
  }
  state.cluster_id = command.cluster_id;
  state.replication_factor = command.replication_factor;
  state.min_isr = command.min_isr;
  return {};
}

Result<> change(State& state, const CreateCluster& command) {
  TRY(begin_cluster(state, command));
  if (command.partition_count == 0 || command.partition_count > kPartitionsMax)
    return conflict("a cluster needs 1 to 65536 partitions");
  for (std::uint32_t i = 0; i < command.partition_count; ++i) state.partitions[PartitionId(i)] = {};
  return {};
}

// Epochs go on, too: whoever still acts for the other cluster is out of date in this one.
Result<> change(State& state, const RestoreCluster& command) {
  TRY(begin_cluster(state, command));
  Result<State> left = decode_state(command.left);
  if (!left)
    return conflict("what the other cluster left is not readable: " + left.error().message);
  if (left->partitions.empty()) return conflict("what the other cluster left has no partitions");
  for (const auto& [id, before] : left->partitions) {
    PartitionState& partition = state.partitions[id];
    partition.leader_epoch = before.leader_epoch + 1;
    partition.partition_epoch = before.partition_epoch + 1;
    partition.flushed_offset = before.flushed_offset;
    partition.retired_rows = before.retired_rows;
  }
  state.next_segment_id = left->next_segment_id;
  state.segments = std::move(left->segments);
  return {};
}

// What CommitFlush says of one partition is what is so.
Result<> advance_partition(State& state, const CommitFlush::Advance& advance) {
  const auto found = state.partitions.find(advance.partition);
  if (found == state.partitions.end()) return conflict(name_of(advance.partition) + " is unknown");
  PartitionState& partition = found->second;
  if (partition.leader_epoch != advance.leader_epoch) {
    return conflict(name_of(advance.partition) + " has leader epoch " +
                    std::to_string(partition.leader_epoch) + ", not " +
                    std::to_string(advance.leader_epoch));
  }
  if (partition.flushed_offset != advance.expected_offset) {
    return conflict(name_of(advance.partition) + " is flushed to " +
                    std::to_string(partition.flushed_offset) + ", not " +
                    std::to_string(advance.expected_offset));
  }
  if (advance.flushed_offset <= advance.expected_offset) {
    return conflict(name_of(advance.partition) + " would not move forward");
  }
  partition.flushed_offset = advance.flushed_offset;
  return {};
}

Result<> change(State& state, const CommitFlush& command) {
  if (command.partitions.empty()) return conflict("nothing was flushed");
  auto rows = rows_by_partition(command.segments);
  std::map<PartitionId, OffsetRange> flushed;
  for (const CommitFlush::Advance& advance : command.partitions) {
    TRY(advance_partition(state, advance));
    flushed[advance.partition] = {advance.expected_offset, advance.flushed_offset};
    if (rows[advance.partition] != advance.flushed_offset - advance.expected_offset) {
      return conflict(name_of(advance.partition) + ": rows do not add up");
    }
  }
  for (const SegmentEntry& segment : command.segments) {
    for (const SegmentPart& part : segment.parts) {
      const auto range = flushed.find(part.partition);
      if (range == flushed.end() || part.offsets.begin < range->second.begin ||
          part.offsets.end > range->second.end) {
        return conflict("segment " + segment.object_key + " holds events that were not flushed");
      }
    }
  }
  return add_segments(state, command.segments);
}

Result<> change(State& state, const ReplaceSegments& command) {
  const auto removed = TRY(remove_segments(state, command.removed));
  if (rows_by_partition(removed) != rows_by_partition(command.added)) {
    return conflict("rows do not add up");
  }
  for (const auto& list : {removed, command.added}) {
    for (const SegmentEntry& segment : list) {
      if (segment.index != removed.front().index) return conflict("indexes do not agree");
    }
  }
  return add_segments(state, command.added);
}

Result<> change(State& state, const DropSegments& command) {
  const auto removed = TRY(remove_segments(state, command.removed));
  for (const auto& [partition, rows] : rows_by_partition(removed)) {
    state.partitions.at(partition).retired_rows += rows;
  }
  return {};
}

}  // namespace

Result<State> apply_command(const State& state, const Command& command) {
  State next = state;
  TRY(std::visit([&](const auto& one) { return change(next, one); }, command));
  ++next.version;
#ifdef LYNXDB_DEBUG
  if (const std::string fault = find_fault(next); !fault.empty())
    base::check_failed(__FILE__, __LINE__, fault.c_str());
#endif
  return next;
}

}  // namespace lynxdb::metadata
