// Where the server reads events from: the storage engine, or a list in memory for tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/engine.h"

namespace lynxdb::server {

// What one node of a cluster did for the queries of a request.
struct NodeStats {
  std::string name;
  std::uint64_t segments = 0;   // That it was to read.
  std::uint64_t tail_rows = 0;  // Events in its memory, in no segment yet.
  // Of other nodes: what they read, what came here, and shares that others had to do instead.
  std::uint64_t rows_read = 0;
  std::uint64_t rows_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t failures = 0;
};

// Events that are not in the answer, because nobody could be reached who has them.
struct MissingEvents {
  std::uint32_t partition = 0;
  std::string why;
};

struct ViewOptions {
  bool partial_results = false;  // Answer without what cannot be reached.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

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
  std::vector<NodeStats> nodes{};  // Of a cluster, by name.
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
  // Whether other nodes do a part of the work (QueryOptions::describes_shards).
  virtual bool spreads() const { return false; }
  // What the answers lack so far, by partition.
  virtual std::vector<MissingEvents> missing() const { return {}; }
};

// Thread-safe.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Everything acknowledged before the call is in the view. Errors: kUnavailable, kIo.
  virtual Result<std::shared_ptr<QueryView>> view() = 0;
  // The same; on a single node nothing is out of reach.
  virtual Result<std::shared_ptr<QueryView>> view_with(const ViewOptions& /*options*/) {
    return view();
  }
};

}  // namespace lynxdb::server
