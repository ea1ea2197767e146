// What every segment entry keeps, by itself.
#pragma once

#include <map>
#include <span>
#include <string>

#include "metadata/state.h"

namespace lynxdb::metadata {

// "has ..." when a rule is broken, else "".
std::string find_fault(const SegmentEntry& segment);

// Events of each partition in all of `segments`.
std::map<PartitionId, std::uint64_t> rows_by_partition(std::span<const SegmentEntry> segments);

}  // namespace lynxdb::metadata
