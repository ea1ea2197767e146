// Group-by: partial aggregation beside the workers, one exact merge, rows sorted by key.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "event/event_batch.h"
#include "query/aggregate.h"
#include "query/execution.h"
#include "query/expression.h"
#include "query/first_rows.h"
#include "query/operator.h"

namespace lynxdb::query {

// What a stats-like command computes.
struct AggregationSpec {
  struct Key {
    ExpressionPtr expr;
    std::string output;
    base::TextSpan span{};  // Of the query's text; empty when the command itself added the key.
  };
  struct Call {
    spl2::Aggregate aggregate;
    ExpressionPtr argument;  // Null: plain count.
    // Counts instead the rows that a list in the last key added beyond the first of its event: an
    // event is in one group per distinct element.
    bool repeats_of_last_key = false;
  };
  std::vector<Key> keys;
  std::vector<Call> calls;
  std::string command = "stats";  // For messages.
  bool newest_first = false;      // As in CompileContext.
  // The first keys come in an order in which equal texts are neighbours (numbers by value, else by
  // text), whatever their types; the others as usual.
  std::size_t keys_by_text = 0;
  // Permission, not duty.
  std::optional<FirstRows> first_rows{};
};

// One worker's share of a group-by: consumes batches, spills within the budget. Not thread-safe.
class PartialAggregation {
 public:
  PartialAggregation(std::shared_ptr<const AggregationSpec> spec, Execution& execution);
  ~PartialAggregation();
  Result<> consume(const event::EventBatch& batch);
  // Adds groups as encode_groups() wrote them, of an equal spec. Takes any bytes. Errors:
  // kCorruption, and those of consume().
  Result<> merge_encoded(std::string_view groups);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

using AggregationParts = std::vector<std::unique_ptr<PartialAggregation>>;

// Merges the workers' shares and gives rows: key columns in order, then aggregates; sorted
// ascending by the keys; without keys exactly one row. Columns are `named`, batches are ordered().
OperatorPtr merge_aggregation(std::shared_ptr<const AggregationSpec> spec,
                              std::vector<std::unique_ptr<PartialAggregation>> parts,
                              Execution& execution);

// The merged groups of all shares, in blocks of about 256 KB. `take`: false ends it early. Errors:
// kOutOfBudget, kIo, kCancelled...
Result<> encode_groups(std::shared_ptr<const AggregationSpec> spec,
                       std::vector<std::unique_ptr<PartialAggregation>> parts, Execution& execution,
                       const std::function<bool(std::string)>& take);

// What a command needs to know when it is compiled.
struct CompileContext {
  std::int64_t now_ns = 0;
  std::set<std::string> upstream_columns;  // Columns made by earlier commands of the pipeline.
  // The query's time range, for timechart's default span.
  std::optional<std::int64_t> from_ns;
  std::optional<std::int64_t> to_ns;
  // Rows come as an index gives them, of equal times the later event first: for earliest and
  // latest.
  bool newest_first = false;
  // Of the command's rows, as the commands behind it use them.
  std::optional<FirstRows> first_rows{};
  // The command in the query's text, for mistakes that only its rows show.
  base::TextSpan command_span{};
};

// A stats-like command cut in two: `spec` is computed beside the workers (and later beside the
// shards), `finish` turns the merged groups into the command's rows. Immutable.
class AggregatingStage {
 public:
  virtual ~AggregatingStage() = default;
  virtual std::shared_ptr<const AggregationSpec> spec() const = 0;
  virtual OperatorPtr finish(std::vector<std::unique_ptr<PartialAggregation>> parts,
                             Execution& execution) const = 0;
};

using StagePtr = std::shared_ptr<const AggregatingStage>;

Result<StagePtr> make_stage(const spl2::StatsCommand& command, const CompileContext& context);
Result<StagePtr> make_stage(const spl2::TimechartCommand& command, const CompileContext& context);
Result<StagePtr> make_stage(const spl2::TopCommand& command, const CompileContext& context);

}  // namespace lynxdb::query
