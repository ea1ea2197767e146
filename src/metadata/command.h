// Changes to the metadata state. Each is compare-and-set: it says what it expects, and changes
// nothing when that is no longer so. Applying one is a pure function: no clock, no randomness.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "metadata/state.h"

namespace lynxdb::metadata {

// The first command of every log.
struct CreateCluster {
  std::string cluster_id;
  std::uint32_t partition_count = 1;
};

// Events [expected, flushed) of each partition are now in `segments`, all of them, once.
struct CommitFlush {
  struct Advance {
    PartitionId partition;
    LeaderEpoch leader_epoch = 0;
    Offset expected_offset = 0;  // The partition's flushed_offset now.
    Offset flushed_offset = 0;
  };
  std::vector<Advance> partitions;
  std::vector<SegmentEntry> segments;
};

// Compaction: the same events in other segments. Rows of each partition must agree.
struct ReplaceSegments {
  std::vector<SegmentId> removed;
  std::vector<SegmentEntry> added;
};

// Retention: the events of these segments are gone on purpose.
struct DropSegments {
  std::vector<SegmentId> removed;
};

using Command = std::variant<CreateCluster, CommitFlush, ReplaceSegments, DropSegments>;

void encode(const Command& command, std::string& out);
// Errors: kCorruption.
Result<Command> decode_command(std::string_view bytes);

// The state after `command`, one version later. kConflict when the command expects another state
// than this one (stale epoch, moved offset, segment gone, wrong row counts): nothing changes.
Result<State> apply_command(const State& state, const Command& command);

}  // namespace lynxdb::metadata
