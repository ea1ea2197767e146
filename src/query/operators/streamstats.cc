// streamstats: aggregates of the rows so far, or of the last N, per group and in input order.
#include "query/expression_memory.h"
#include "query/field.h"
#include "query/operators/batch_spool.h"
#include "query/operators/budget_error.h"
#include "query/operators/operators.h"
#include "query/operators/streamstats_on_disk.h"
#include "query/stages/compile_spec.h"

namespace lynxdb::query {
namespace {

using event::ColumnPtr;
using event::EventBatch;

constexpr const char* kCommand = "streamstats";
// With a window each row may take as long as thousands of others.
constexpr std::size_t kStreamRowsPerLook = 64;

class Streamstats final : public Operator {
 public:
  Streamstats(OperatorPtr input, AggregationSpec spec, const spl2::StreamstatsCommand& command,
              Execution& execution)
      : input_(std::move(input)),
        spec_(std::move(spec)),
        current_(command.current),
        window_(command.window),
        groups_(std::make_unique<StreamGroups>(spec_, window_, execution.memory.limit_bytes())),
        memory_(execution.memory),
        execution_(execution),
        rows_(execution, kCommand) {
    for (const AggregationSpec::Call& call : spec_.calls)
      needs_time_ = needs_time_ || needs_time(call.aggregate);
  }

  Result<std::optional<EventBatch>> next() override {
    TRY(execution_.cancellation.check());
    if (on_disk_ != nullptr) return next_from_disk();
    std::optional<EventBatch> batch = TRY(input_->next());
    if (!batch) return batch;
    TRY(complete(*batch));
    if (!memory_.resize(groups_->memory_bytes())) TRY(go_to_disk());
    batch->set_sequence(batches_++);
    return batch;
  }

 private:
  // The groups of each row: one, but for keys that are lists.
  struct Row {
    std::uint32_t row;
    std::uint32_t group;
  };

  // Groups are too many: the rows to come are computed on disk. Without keys there is one group.
  Result<> go_to_disk() {
    if (spec_.keys.empty()) return out_of_memory(execution_.memory, kCommand);
    on_disk_ = std::make_unique<StreamstatsOnDisk>(spec_, window_, current_, sequence_, execution_);
    TRY(on_disk_->add_groups(*groups_));
    groups_.reset();
    memory_.clear();
    TRY(rows_.spill_all());
    while (std::optional<EventBatch> batch = TRY(input_->next())) {
      TRY(execution_.cancellation.check());
      TRY(on_disk_->add_rows(*batch));
      TRY(rows_.add(*std::move(batch)));
    }
    TRY(rows_.finish());
    return on_disk_->finish();
  }

  Result<std::optional<EventBatch>> next_from_disk() {
    if (pending_.rows() == 0) {
      std::optional<EventBatch> batch = TRY(rows_.next());
      if (!batch) return batch;
      pending_ = *std::move(batch);
    }
    EventBatch completed = TRY(on_disk_->complete(pending_));
    completed.set_sequence(batches_++);
    return std::optional(std::move(completed));
  }

  std::vector<Row> groups_of(const EventBatch& batch) {
    std::vector<ColumnPtr> columns;
    for (const AggregationSpec::Key& key : spec_.keys) columns.push_back(key.expr->evaluate(batch));
    const ExplodedKeys keys = explode_lists(std::move(columns));
    std::vector<std::uint32_t> groups(keys.exploded ? keys.rows.size() : batch.rows());
    groups_->assign(keys.columns, groups);
    std::vector<Row> rows(groups.size());
    for (std::uint32_t i = 0; i < groups.size(); ++i)
      rows[i] = {keys.exploded ? keys.rows[i] : i, groups[i]};
    return rows;
  }

  Result<> complete(EventBatch& batch) {
    ExpressionMemory made(execution_);
    const std::vector<Row> rows = groups_of(batch);
    TRY(made.check(kCommand));
    const ColumnPtr time = needs_time_ ? resolve_field(batch, event::kTime) : nullptr;
    const RowOrigin origin{
        .sequence = sequence_++, .time = time.get(), .newest_first = spec_.newest_first};
    // Arguments first: an aggregate may be named like the field that another one reads.
    std::vector<ColumnPtr> results;
    for (std::size_t i = 0; i < spec_.calls.size(); ++i) {
      const ExpressionPtr& expr = spec_.calls[i].argument;
      const ColumnPtr argument = expr == nullptr ? nullptr : expr->evaluate(batch);
      TRY(made.check(kCommand));
      results.push_back(TRY(run(i, rows, argument.get(), origin)));
    }
    for (std::size_t i = 0; i < spec_.calls.size(); ++i)
      batch.set(spec_.calls[i].aggregate.output, std::move(results[i]), true);
    return {};
  }

  // A row of several groups joins each of them and shows the first one.
  Result<ColumnPtr> run(std::size_t call, const std::vector<Row>& rows,
                        const event::Column* argument, RowOrigin origin) {
    event::ColumnBuilder builder;
    builder.reserve(rows.size());
    const auto show = [&](std::uint32_t group) {
      const event::Value value = groups_->current(call, group);
      // A list per row (values, list) can be far larger than the row.
      if (!take_expression_memory(made_bytes(value))) return false;
      builder.append(value);
      return true;
    };
    std::size_t done = 0;
    for (std::size_t begin = 0; begin < rows.size();) {
      if (done++ % kStreamRowsPerLook == 0) TRY(execution_.cancellation.check());
      std::size_t end = begin + 1;
      while (end < rows.size() && rows[end].row == rows[begin].row) ++end;
      bool fits = current_ || show(rows[begin].group);
      origin.first = rows[begin].row;
      for (std::size_t i = begin; i < end; ++i)
        fits = fits && groups_->add(call, rows[i].group, argument, origin);
      if (current_) fits = fits && show(rows[begin].group);
      if (!fits) return out_of_memory(execution_.memory, kCommand);
      begin = end;
    }
    return builder.finish();
  }

  OperatorPtr input_;
  const AggregationSpec spec_;
  const bool current_;
  const std::uint64_t window_;
  std::unique_ptr<StreamGroups> groups_;  // Null when they are on disk.
  base::MemoryReservation memory_;
  Execution& execution_;
  bool needs_time_ = false;
  std::uint64_t sequence_ = 0;

  // When the groups did not fit in memory: the rows behind that place, and their results.
  BatchSpool rows_;
  std::unique_ptr<StreamstatsOnDisk> on_disk_;
  EventBatch pending_;  // Rows to be completed.
  std::uint64_t batches_ = 0;
};

}  // namespace

Result<OperatorPtr> make_streamstats(OperatorPtr input, const spl2::StreamstatsCommand& command,
                                     const CompileContext& context, Execution& execution) {
  AggregationSpec spec = TRY(compile_spec(command.aggregates, command.by, kCommand, context));
  return OperatorPtr(
      std::make_unique<Streamstats>(std::move(input), std::move(spec), command, execution));
}

}  // namespace lynxdb::query
