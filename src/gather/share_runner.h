// Runs parts of other nodes' queries on this one: over rows that this node keeps for them, and over
// segments, which every node can read.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory_budget.h"
#include "base/result.h"
#include "cluster/rpc/data_handlers.h"
#include "gather/share_codec.h"
#include "scan/segment_opener.h"
#include "scan/store_source.h"

namespace lynxdb::gather {

struct ShareRunnerOptions {
  std::size_t threads = 1;         // Of one share.
  std::uint64_t memory_bytes = 0;  // Of all shares together.
  std::string spill_directory;
  std::uint64_t spill_bytes_max = 0;
};

// Thread-safe. `segments` must outlive it.
class ShareRunner {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  ShareRunner(scan::SegmentOpener& segments, ShareRunnerOptions options)
      : segments_(segments), options_(std::move(options)), memory_(options_.memory_bytes) {}

  // Frames: rows or groups, then one kEnd. Errors: those of the query; kCancelled, kTimeout,
  // kCorruption.
  Result<> run(const std::vector<storage::TailBatchPtr>& tail, std::string_view request,
               Deadline deadline, const cluster::ShareOutput& out);

 private:
  struct Running;

  Result<> send_rows(Running& running, const cluster::ShareOutput& out);
  Result<> send_groups(Running& running, const cluster::ShareOutput& out);
  Result<query::SourcePtr> open(Running& running, const query::ScanRequest& request,
                                query::Execution& execution, scan::KeepOrder keep_order);

  scan::SegmentOpener& segments_;
  const ShareRunnerOptions options_;
  base::MemoryBudget memory_;
};

}  // namespace lynxdb::gather
