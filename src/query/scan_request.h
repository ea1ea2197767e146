// What a pipeline needs from its source. The optimiser fills it in; a source uses what it can.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/run_pattern.h"
#include "query/int_range.h"
#include "query/operator.h"

namespace lynxdb::query {

// A condition that every event must meet to come out of the pipeline.
struct ScanFilter {
  // Stored fields that it can read; it sees no other.
  std::vector<std::string> fields{};
  // Drops the rows that do not meet it.
  TransformPtr keep{};
  // It asks of its one field to be an int in this range, where the field is an int.
  std::optional<IntRange> ints{};
  // As the query says it, canonical.
  std::string text{};
};

// Texts of this stored field are searched for the first match of the pattern, and for nothing else:
// what does not matter for that may be missing in them, all of it where there is no match.
struct ScanExcerpt {
  std::string field;
  base::RunPattern pattern;
};

// Everything here is permission, not duty: the pipeline filters again, so a source that ignores all
// of it is slower but right.
struct ScanRequest {
  // Stored fields that are read; all of them when `all_fields`.
  bool all_fields = true;
  std::vector<std::string> fields;
  // Every event that can pass has a `_raw` that contains each of these (ASCII case ignored).
  std::vector<std::string> raw_contains;
  // All must hold.
  std::vector<ScanFilter> filters;
  std::optional<ScanExcerpt> excerpt;
  // Events outside from <= _time < to cannot pass.
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();
  // The pipeline stops after about this many events (head); 0 = reads all.
  std::uint64_t rows_wanted = 0;
  // Nobody can see in what order events come.
  bool any_order = false;
  // For sources that let others read a part of the rows (QueryOptions::describes_shards): the
  // commands that `filters` come from, and everything up to the groups of an aggregation whose
  // shares may be merged in any order; canonical, "" when there is nothing of that kind.
  std::string filter_text{};
  std::string shard_text{};
  // With shard_text: the bounds that the query was given, which its commands may look at.
  std::optional<std::int64_t> query_from_ns{};
  std::optional<std::int64_t> query_to_ns{};
  // Only the number of events matters: no field is read at all.
  bool count_only() const { return !all_fields && fields.empty(); }
};

}  // namespace lynxdb::query
