#include "metadata/segment_rules.h"

namespace lynxdb::metadata {

std::string find_fault(const SegmentEntry& segment) {
  if (segment.object_key.empty() || segment.index.empty()) return "has no key or no index";
  if (segment.level >= kSegmentLevels) return "has an impossible level";
  if (segment.time_min_ns > segment.time_max_ns) return "has an impossible time range";
  std::uint64_t rows = 0;
  const SegmentPart* earlier = nullptr;
  for (const SegmentPart& part : segment.parts) {
    if (earlier != nullptr && part.partition <= earlier->partition) return "has its parts unsorted";
    earlier = &part;
    const bool possible =
        part.offsets.begin < part.offsets.end && part.rows > 0 && part.rows <= part.offsets.size();
    if (!possible) return "has an impossible part";
    rows += part.rows;
  }
  if (rows == 0 || rows != segment.rows) return "has parts whose rows do not add up";
  return "";
}

std::map<PartitionId, std::uint64_t> rows_by_partition(std::span<const SegmentEntry> segments) {
  std::map<PartitionId, std::uint64_t> rows;
  for (const SegmentEntry& segment : segments) {
    for (const SegmentPart& part : segment.parts) rows[part.partition] += part.rows;
  }
  return rows;
}

}  // namespace lynxdb::metadata
