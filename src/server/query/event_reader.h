// Where the server reads events from: the storage engine, or a list in memory for tests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/engine.h"

namespace lynxdb::server {

// What reading a view came to, and what was spared.
struct ScanStats {
  std::uint64_t segments_total = 0;
  std::uint64_t segments_scanned = 0;
  std::uint64_t skipped_by_time = 0;
  std::uint64_t skipped_by_index = 0;
  std::uint64_t skipped_by_tokens = 0;  // Token filters and term indexes: "bloom".
  std::uint64_t skipped_by_stats = 0;   // Min and max.
  std::uint64_t rows_read = 0;
  std::uint64_t bytes_read = 0;
};

// What is stored at one moment; outlives every source opened from it. Thread-safe.
class QueryView {
 public:
  virtual ~QueryView() = default;

  // Rows newest first: `_time` descending, then as the spec of row order says.
  virtual Result<query::SourcePtr> open(const std::vector<spl2::SourceName>& names,
                                        const query::ScanRequest& request,
                                        query::Execution& execution) = 0;
  virtual ScanStats stats() const = 0;
  // Names of indexes that hold events.
  virtual std::vector<std::string> indexes() const = 0;
};

// Thread-safe.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Everything acknowledged before the call is in the view. Errors: kUnavailable, kIo.
  virtual Result<std::shared_ptr<QueryView>> view() = 0;
};

}  // namespace lynxdb::server
