// What the cluster (or a single node) has agreed on: how far each partition is flushed, and which
// segments hold the flushed events. One applied state is one consistent manifest: every event below
// a partition's `flushed_offset` that retention has not dropped is in exactly one of its segments.
//
// In a cluster also: which nodes there are, which of them have a copy of each partition's log, and
// who leads it.
//
//   I9   for each partition: rows in segments + retired_rows == flushed_offset
//   I11  offsets and segments change together, in one command
//   I15  what names an old node epoch or leader epoch changes nothing
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metadata/ids.h"
#include "metadata/node.h"

namespace lynxdb::metadata {

// Where the log of a partition is (Kafka's model: KIP-497, KIP-903, KIP-966). Empty on a single
// node, which leads everything.
struct Replication {
  std::vector<NodeId> replicas;  // Whoever shall have a copy; the first is the preferred leader.
  std::optional<NodeId> leader;
  std::vector<NodeId> isr;  // Have every committed event. Ascending, like elr.
  // Have every committed event, too, but left the ISR when it fell below min_isr: nothing can have
  // been committed since.
  std::vector<NodeId> elr;
  std::uint32_t losses_accepted =
      0;  // How often a person had it led by a copy that may lack events.

  friend bool operator==(const Replication&, const Replication&) = default;
};

struct PartitionState {
  LeaderEpoch leader_epoch = 1;
  std::uint32_t partition_epoch = 1;  // Grows at every change of `copies`.
  Offset flushed_offset = 0;          // Everything below it is in committed segments, or retired.
  std::uint64_t retired_rows = 0;     // Dropped by retention since the partition began.
  Replication copies;

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
  std::uint32_t replication_factor = 1;
  std::uint32_t min_isr = 1;  // Events are committed while so many nodes have them.
  NodeId next_node_id{1};
  // Ordered, so that equal states have equal bytes.
  std::map<NodeId, NodeEntry> nodes;
  // Members of the Raft group that were removed with their nodes: they never come back.
  std::set<std::uint64_t> removed_members;
  // A person's wish: copies and leaders are spread evenly once, whatever the settings say.
  bool rebalance_wanted = false;
  std::map<PartitionId, PartitionState> partitions;
  std::map<SegmentId, SegmentPtr> segments;
};

// Null when there is none.
const NodeEntry* find_node(const State& state, std::string_view name);

using StatePtr = std::shared_ptr<const State>;

// The state as bytes, versioned and checksummed (docs/formats/metadata-log.md). Equal states have
// equal bytes: nodes compare state_hash().
void encode(const State& state, std::string& out);
Result<State> decode_state(std::string_view bytes);
std::uint64_t state_hash(const State& state);

// A description of the first broken rule, or "" when `state` keeps I9 and its own order.
std::string find_fault(const State& state);

}  // namespace lynxdb::metadata
