// What a pipeline needs from its source. The optimiser fills it in; a source uses what it can.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace lynxdb::query {

// Everything here is permission, not duty: the pipeline filters again, so a source that ignores all
// of it is slower but right.
struct ScanRequest {
  // Stored fields that are read; all of them when `all_fields`.
  bool all_fields = true;
  std::vector<std::string> fields;
  // Every event that can pass has a `_raw` that contains each of these (ASCII case ignored).
  std::vector<std::string> raw_contains;
  // Events outside from <= _time < to cannot pass.
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();
  // The pipeline stops after about this many events (head); 0 = reads all.
  std::uint64_t rows_wanted = 0;
  // Only the number of events matters: no field is read at all.
  bool count_only() const { return !all_fields && fields.empty(); }
};

}  // namespace lynxdb::query
