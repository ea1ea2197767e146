// The names of things that several modules count: partitions, segments, offsets, epochs.
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace lynxdb::metadata {

struct PartitionTag;
using PartitionId = base::StrongId<PartitionTag, std::uint32_t>;

// Given by the metadata state machine when a segment is committed; never used twice.
struct SegmentTag;
using SegmentId = base::StrongId<SegmentTag>;

// A member of the cluster; given by the metadata state machine when its name is first registered.
struct NodeTag;
using NodeId = base::StrongId<NodeTag, std::uint32_t>;
// Grows at every registration of a node: what an earlier life of it says is refused.
using NodeEpoch = std::uint32_t;

// Position of an event in its partition's log: counts events, from 0.
using Offset = std::uint64_t;
// Grows at every change of a partition's leader.
using LeaderEpoch = std::uint32_t;
// Grows by one with every command applied.
using Version = std::uint64_t;

// [begin, end)
struct OffsetRange {
  Offset begin = 0;
  Offset end = 0;

  std::uint64_t size() const { return end - begin; }
  friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

}  // namespace lynxdb::metadata
