// Runs a parsed query: plan, optimise, open sources, execute, hand out rows.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "query/execution.h"
#include "query/operator.h"
#include "query/scan_request.h"
#include "query/spill.h"
#include "spl2/ast.h"

namespace lynxdb::query {

struct QueryOptions {
  std::size_t memory_limit_bytes = std::size_t{1} << 30U;  // Then operators spill.
  std::size_t threads = 1;
  std::string spill_directory;  // Created when the first operator spills.
  std::uint64_t spill_bytes_max = std::uint64_t{10} << 30U;
  std::int64_t now_ns = 0;
  std::optional<std::int64_t> from_ns;  // from <= _time < to
  std::optional<std::int64_t> to_ns;
  std::optional<std::chrono::milliseconds> timeout;
  // Stored events come as an index gives them: newest first, of equal times the later one first.
  bool newest_first = false;
  // Sources are told as text what could be done where their rows are (ScanRequest::shard_text).
  bool describes_shards = false;
  // Ends the query from outside, also while start() runs its CTEs; and memory that several queries
  // share, beside their own limits. Both may be null, and must outlive the query.
  const Cancellation* cancellation = nullptr;
  base::MemoryBudget* memory_pool = nullptr;
};

// Opens what a pipeline reads (never CTEs: the engine runs those itself). Called once per pipeline
// that reads stored events; `names` is empty for the default source.
using OpenSource = std::function<Result<SourcePtr>(
    const std::vector<spl2::SourceName>& names, const ScanRequest& request, Execution& execution)>;

enum class ResultType : std::uint8_t { kEvents, kAggregate, kTimechart };

// What one step of the pipeline did (--analyze).
struct StepProfile {
  std::string text;   // The command, canonical.
  std::string where;  // "scan", "shard" (beside the workers) or "coordinator".
  std::uint64_t rows_in = 0;
  std::uint64_t rows_out = 0;
  std::uint64_t busy_ns = 0;  // Summed over workers; of an operator without its inputs.
};

// One running query. Belongs to one thread, but for `cancel` and `progress`.
class RunningQuery {
 public:
  ~RunningQuery();  // Stops the workers.

  // The next rows (never an empty batch), nullopt at the end. Errors: what the pipeline met;
  // kCancelled, kTimeout, kOutOfBudget, kIo...
  Result<std::optional<event::EventBatch>> next();
  void cancel();

  Source::Progress progress() const;       // Summed over all sources opened so far.
  std::vector<std::string> hints() const;  // Complete after the end.
  std::uint64_t spilled_bytes() const;
  std::size_t memory_peak_bytes() const;
  ResultType result_type() const;
  // The columns that every row prints, when the pipeline fixes them; nullopt when they depend on
  // data.
  std::optional<std::vector<std::string>> columns() const;
  std::vector<StepProfile> profile() const;  // After the end.

  struct Impl;
  explicit RunningQuery(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

// What start() would refuse, found without opening anything. Errors: kInvalidArgument (exit 4 of
// the command line), with their place in the query's text: a bad pattern, an aggregate outside
// stats.
Result<> check(std::shared_ptr<const spl2::Query> query, const QueryOptions& options);

// Plans and starts; CTEs run here. Errors of planning are those of check().
Result<std::unique_ptr<RunningQuery>> start(std::shared_ptr<const spl2::Query> query,
                                            QueryOptions options, OpenSource open);

// Pipelines of the query that read stored events: more than one cannot share an input that can be
// read only once (stdin).
std::size_t stored_scans(const spl2::Query& query);

}  // namespace lynxdb::query
