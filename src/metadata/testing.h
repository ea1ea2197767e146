// Small states and commands for tests.
#pragma once

#include <string>
#include <vector>

#include "metadata/command.h"

namespace lynxdb::metadata {

inline State created() { return *apply_command(State{}, CreateCluster{"test-cluster", 1}); }

// A segment with all events in [begin, end) of partition 0.
inline SegmentEntry segment_of(const std::string& key, Offset begin, Offset end) {
  SegmentEntry segment;
  segment.object_key = key;
  segment.size_bytes = 1000;
  segment.rows = end - begin;
  segment.index = "main";
  segment.time_min_ns = 5;
  segment.time_max_ns = 9;
  segment.parts = {{PartitionId(0), {begin, end}, end - begin}};
  return segment;
}

inline CommitFlush flush_of(Offset begin, Offset end, std::vector<SegmentEntry> segments) {
  return {{{PartitionId(0), 1, begin, end}}, std::move(segments)};
}

}  // namespace lynxdb::metadata
