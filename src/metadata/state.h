// What the cluster (or a single node) has agreed on: how far each partition is flushed, and which
// segments hold the flushed events. One applied state is one consistent manifest: every event below
// a partition's `flushed_offset` that retention has not dropped is in exactly one of its segments.
//
//   I9   for each partition: rows in segments + retired_rows == flushed_offset
//   I11  offsets and segments change together, in one command
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metadata/ids.h"

namespace lynxdb::metadata {

struct PartitionState {
  LeaderEpoch leader_epoch = 1;
  std::uint32_t partition_epoch = 1;
  Offset flushed_offset = 0;       // Everything below it is in committed segments, or retired.
  std::uint64_t retired_rows = 0;  // Dropped by retention since the partition began.

  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

// `rows` of the events in `offsets` of one partition; the others are in other segments.
struct SegmentPart {
  PartitionId partition;
  OffsetRange offsets;
  std::uint64_t rows = 0;

  friend bool operator==(const SegmentPart&, const SegmentPart&) = default;
};

inline constexpr std::uint32_t kSegmentLevels = 3;  // L0 (flushed), L1 and L2 (compacted).

struct SegmentEntry {
  SegmentId id;  // 0 until it is committed.
  std::string object_key;
  std::uint64_t size_bytes = 0;
  std::uint32_t crc32c = 0;  // Of the whole object.
  std::uint64_t rows = 0;
  std::string index;
  std::uint32_t level = 0;
  // Of its events, both included.
  std::int64_t time_min_ns = 0;
  std::int64_t time_max_ns = 0;
  std::vector<SegmentPart> parts;  // By partition, ascending; each partition once.

  friend bool operator==(const SegmentEntry&, const SegmentEntry&) = default;
};

using SegmentPtr = std::shared_ptr<const SegmentEntry>;

struct State {
  Version version = 0;
  std::string cluster_id;  // Random; given when the cluster was created.
  SegmentId next_segment_id{1};
  // Ordered, so that equal states have equal bytes.
  std::map<PartitionId, PartitionState> partitions;
  std::map<SegmentId, SegmentPtr> segments;
};

using StatePtr = std::shared_ptr<const State>;

// The state as bytes, versioned and checksummed (docs/formats/metadata-log.md). Equal states have
// equal bytes: nodes compare state_hash().
void encode(const State& state, std::string& out);
Result<State> decode_state(std::string_view bytes);
std::uint64_t state_hash(const State& state);

// A description of the first broken rule, or "" when `state` keeps I9 and its own order.
std::string find_fault(const State& state);

}  // namespace lynxdb::metadata
