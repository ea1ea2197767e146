// What one query's scans read and skipped: for answers' meta and --analyze.
#pragma once

#include <atomic>
#include <cstdint>

namespace lynxdb::scan {

// Why something was not read.
enum class Skip : std::uint8_t {
  kTime,   // No event in the time range.
  kIndex,  // Another index.
  kText,   // The text index has no place for a literal.
  kStats,  // Bounds or constants of a column.
};
inline constexpr std::size_t kSkips = 4;

// Thread-safe; outlives the sources that count into it.
struct ScanCounters {
  using Count = std::atomic<std::uint64_t>;

  Count segments_total{0};
  Count segments_skipped[kSkips] = {};
  Count row_groups_total{0};  // Of segments that were opened.
  Count row_groups_skipped[kSkips] = {};
  Count tail_batches_total{0};
  Count tail_batches_skipped[kSkips] = {};
  Count rows_read{0};  // That filters looked at.
  Count bytes_read{0};
};

}  // namespace lynxdb::scan
