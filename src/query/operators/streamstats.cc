// streamstats: aggregates of the rows so far, or of the last N, per group and in input order.
#include "query/field.h"
#include "query/group_table.h"
#include "query/operators/budget_error.h"
#include "query/operators/operators.h"
#include "query/operators/streamstats_window.h"
#include "query/stages/compile_spec.h"

namespace lynxdb::query {
namespace {

using event::ColumnPtr;
using event::EventBatch;

constexpr const char* kCommand = "streamstats";

// What a list holds outside its cell; a builder counts all else.
std::size_t list_bytes(const event::Value& value) {
  if (value.type() != event::Type::kList) return 0;
  std::size_t bytes = value.as_list().size() * sizeof(event::Value);
  for (const event::Value& element : value.as_list())
    if (element.type() == event::Type::kString) bytes += element.as_string().size();
  return bytes;
}

// The aggregates of all groups as they stand at a row.
class RunningAggregates {
 public:
  virtual ~RunningAggregates() = default;
  virtual void resize(std::size_t groups) = 0;
  // Adds row origin.first of the call's argument to a group. False when memory does not suffice.
  virtual bool add(std::size_t call, std::uint32_t group, const event::Column* argument,
                   const RowOrigin& origin) = 0;
  virtual event::Value current(std::size_t call, std::uint32_t group) const = 0;
  virtual std::size_t memory_bytes() const = 0;
};

class AllRows final : public RunningAggregates {
 public:
  explicit AllRows(const AggregationSpec& spec) {
    for (const AggregationSpec::Call& call : spec.calls)
      states_.push_back(make_states(call.aggregate));
  }
  void resize(std::size_t groups) override {
    for (const auto& states : states_) states->resize(groups);
  }
  bool add(std::size_t call, std::uint32_t group, const event::Column* argument,
           const RowOrigin& origin) override {
    states_[call]->update(std::span(&group, 1), argument, origin);
    return true;
  }
  event::Value current(std::size_t call, std::uint32_t group) const override {
    return states_[call]->current(group);
  }
  std::size_t memory_bytes() const override {
    std::size_t bytes = 0;
    for (const auto& states : states_) bytes += states->memory_bytes();
    return bytes;
  }

 private:
  std::vector<std::unique_ptr<AggregateStates>> states_;
};

class LastRows final : public RunningAggregates {
 public:
  LastRows(const AggregationSpec& spec, std::uint64_t window, std::size_t bytes_max)
      : spec_(spec), window_(window), bytes_max_(bytes_max), calls_(spec.calls.size()) {}

  void resize(std::size_t groups) override {
    for (std::size_t i = 0; i < calls_.size(); ++i)
      while (calls_[i].size() < groups) calls_[i].emplace_back(spec_.calls[i].aggregate);
  }
  bool add(std::size_t call, std::uint32_t group, const event::Column* argument,
           const RowOrigin& origin) override {
    SlidingAggregate& rows = calls_[call][group];
    const std::size_t before = rows.memory_bytes();
    rows.push(argument, origin);
    if (rows.rows() > window_ && !rows.pop(bytes_max_)) return false;
    bytes_ += rows.memory_bytes() - before;
    return true;
  }
  event::Value current(std::size_t call, std::uint32_t group) const override {
    return calls_[call][group].current();
  }
  std::size_t memory_bytes() const override {
    return bytes_ + (calls_.empty()
                         ? 0
                         : calls_.size() * calls_[0].size() * (sizeof(SlidingAggregate) + 128));
  }

 private:
  const AggregationSpec& spec_;
  const std::uint64_t window_;
  const std::size_t bytes_max_;
  std::vector<std::vector<SlidingAggregate>> calls_;  // Per aggregate and group.
  std::size_t bytes_ = 0;
};

class Streamstats final : public Operator {
 public:
  Streamstats(OperatorPtr input, AggregationSpec spec, const spl2::StreamstatsCommand& command,
              Execution& execution)
      : input_(std::move(input)),
        spec_(std::move(spec)),
        current_(command.current),
        table_(spec_.keys.size()),
        memory_(execution.memory),
        execution_(execution) {
    if (command.window == 0)
      running_ = std::make_unique<AllRows>(spec_);
    else
      running_ = std::make_unique<LastRows>(spec_, command.window, execution.memory.limit_bytes());
    for (const AggregationSpec::Call& call : spec_.calls)
      needs_time_ = needs_time_ || needs_time(call.aggregate);
  }

  Result<std::optional<EventBatch>> next() override {
    TRY(execution_.cancellation.check());
    std::optional<EventBatch> batch = TRY(input_->next());
    if (!batch) return batch;
    TRY(complete(*batch));
    TRY(reserve(0));
    return batch;
  }

 private:
  // The groups of each row: one, but for keys that are lists.
  struct Row {
    std::uint32_t row;
    std::uint32_t group;
  };

  // Room for the groups and for results of this size.
  Result<> reserve(std::size_t result_bytes) {
    if (memory_.resize(table_.memory_bytes() + running_->memory_bytes() + result_bytes)) return {};
    return out_of_memory(execution_.memory, kCommand);
  }

  std::vector<Row> groups_of(const EventBatch& batch) {
    std::vector<ColumnPtr> columns;
    for (const AggregationSpec::Key& key : spec_.keys) columns.push_back(key.expr->evaluate(batch));
    const ExplodedKeys keys = explode_lists(std::move(columns));
    std::vector<std::uint32_t> groups(keys.exploded ? keys.rows.size() : batch.rows());
    table_.assign(keys.columns, 0, groups);
    std::vector<Row> rows(groups.size());
    for (std::uint32_t i = 0; i < groups.size(); ++i)
      rows[i] = {keys.exploded ? keys.rows[i] : i, groups[i]};
    return rows;
  }

  Result<> complete(EventBatch& batch) {
    const std::vector<Row> rows = groups_of(batch);
    running_->resize(table_.size());
    const ColumnPtr time = needs_time_ ? resolve_field(batch, event::kTime) : nullptr;
    const RowOrigin origin{
        .sequence = sequence_++, .time = time.get(), .newest_first = spec_.newest_first};
    // Arguments first: an aggregate may be named like the field that another one reads.
    std::vector<ColumnPtr> results;
    result_bytes_ = 0;
    for (std::size_t i = 0; i < spec_.calls.size(); ++i) {
      const ExpressionPtr& expr = spec_.calls[i].argument;
      const ColumnPtr argument = expr == nullptr ? nullptr : expr->evaluate(batch);
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
      const event::Value value = running_->current(call, group);
      result_bytes_ += list_bytes(value);
      builder.append(value);
    };
    for (std::size_t begin = 0; begin < rows.size();) {
      std::size_t end = begin + 1;
      while (end < rows.size() && rows[end].row == rows[begin].row) ++end;
      if (!current_) show(rows[begin].group);
      origin.first = rows[begin].row;
      for (std::size_t i = begin; i < end; ++i)
        if (!running_->add(call, rows[i].group, argument, origin))
          return out_of_memory(execution_.memory, kCommand);
      if (current_) show(rows[begin].group);
      // A list per row (values, list) can be far larger than the row.
      TRY(reserve(result_bytes_ + builder.memory_bytes()));
      begin = end;
    }
    result_bytes_ += builder.memory_bytes();
    return builder.finish();
  }

  OperatorPtr input_;
  const AggregationSpec spec_;
  const bool current_;
  GroupTable table_;
  std::unique_ptr<RunningAggregates> running_;
  base::MemoryReservation memory_;
  Execution& execution_;
  bool needs_time_ = false;
  std::uint64_t sequence_ = 0;
  std::size_t result_bytes_ = 0;  // Of the batch's finished columns, and lists of the one at work.
};

}  // namespace

Result<OperatorPtr> make_streamstats(OperatorPtr input, const spl2::StreamstatsCommand& command,
                                     const CompileContext& context, Execution& execution) {
  AggregationSpec spec = TRY(compile_spec(command.aggregates, command.by, kCommand, context));
  return OperatorPtr(
      std::make_unique<Streamstats>(std::move(input), std::move(spec), command, execution));
}

}  // namespace lynxdb::query
