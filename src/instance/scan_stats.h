// What scans counted, as answers say it.
#pragma once

#include "scan/scan_counters.h"
#include "server/query/event_reader.h"

namespace lynxdb::instance {

inline server::ScanStats scan_stats(const scan::ScanCounters& counters) {
  const auto skipped = [&](scan::Skip why) {
    return counters.segments_skipped[static_cast<std::size_t>(why)].load();
  };
  server::ScanStats stats{.segments_total = counters.segments_total.load(),
                          .skipped_by_time = skipped(scan::Skip::kTime),
                          .skipped_by_index = skipped(scan::Skip::kIndex),
                          .skipped_by_tokens = skipped(scan::Skip::kText),
                          .skipped_by_stats = skipped(scan::Skip::kStats),
                          .rows_read = counters.rows_read.load(),
                          .bytes_read = counters.bytes_read.load()};
  stats.segments_scanned = stats.segments_total - stats.skipped_by_time - stats.skipped_by_index -
                           stats.skipped_by_tokens - stats.skipped_by_stats;
  return stats;
}

}  // namespace lynxdb::instance
