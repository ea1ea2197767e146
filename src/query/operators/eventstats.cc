// eventstats: each row gets the aggregates of its group. Two passes: rows are put aside while their
// groups are computed, then completed in their order.
#include "query/aggregation_partitions.h"
#include "query/expression_memory.h"
#include "query/operators/batch_spool.h"
#include "query/operators/group_join.h"
#include "query/operators/operators.h"
#include "query/stages/compile_spec.h"

namespace lynxdb::query {
namespace {

using event::EventBatch;

constexpr const char* kCommand = "eventstats";
// The rest is for the two sides of the join of groups and rows.
constexpr std::size_t kResultShare = 4;

std::vector<std::string> outputs_of(const AggregationSpec& spec) {
  std::vector<std::string> outputs;
  for (const AggregationSpec::Call& call : spec.calls) outputs.push_back(call.aggregate.output);
  return outputs;
}

class Eventstats final : public Operator {
 public:
  Eventstats(OperatorPtr input, std::shared_ptr<const AggregationSpec> spec, Execution& execution)
      : input_(std::move(input)),
        spec_(std::move(spec)),
        groups_(std::make_unique<PartialAggregation>(spec_, execution)),
        rows_(execution, kCommand),
        execution_(execution) {}

  Result<std::optional<EventBatch>> next() override {
    if (input_ != nullptr) TRY(consume());
    TRY(execution_.cancellation.check());
    if (pending_.rows() == 0) {
      std::optional<EventBatch> batch = TRY(rows_.next());
      if (!batch) return batch;
      pending_ = *std::move(batch);
      if (joined_ == nullptr) TRY(find_groups());
    }
    EventBatch completed = joined_ != nullptr ? TRY(joined_->complete(pending_)) : complete();
    completed.set_sequence(sequence_++);
    return std::optional(std::move(completed));
  }

 private:
  Result<> consume() {
    std::uint64_t sequence = 0;
    while (std::optional<EventBatch> batch = TRY(input_->next())) {
      TRY(execution_.cancellation.check());
      batch->set_sequence(sequence++);
      TRY(add_to_groups(*batch));
      TRY(account());
      TRY(rows_.add(*batch));
    }
    input_.reset();
    if (groups_->impl().spilled()) TRY(rows_.spill_all());
    TRY(rows_.finish());
    if (groups_->impl().spilled()) return join_on_disk();
    for (std::size_t i = 0; i < spec_->calls.size(); ++i)
      results_.push_back(groups_->impl().groups->states(i).finish(execution_.hints));
    return {};
  }

  Result<> add_to_groups(const EventBatch& batch) {
    ExpressionMemory made(execution_);
    groups_->impl().groups->add(batch);
    return made.check(kCommand);
  }

  // Rows go to disk before groups do.
  Result<> account() {
    PartialAggregation::Impl& groups = groups_->impl();
    if (groups.memory.resize(groups.groups->memory_bytes())) return {};
    TRY(rows_.spill_all());
    if (groups.memory.resize(groups.groups->memory_bytes())) return {};
    return groups.spill();
  }

  // --- Groups in memory

  Result<> find_groups() {
    ExpressionMemory made(execution_);
    picks_ = groups_->impl().groups->groups_of(pending_);
    return made.check(kCommand);
  }

  EventBatch complete() {
    const std::size_t size = rows_to_take(results_, picks_, picks_.size() - pending_.rows());
    const auto groups = std::span<const std::uint32_t>(picks_).last(pending_.rows()).first(size);
    EventBatch completed = pending_.slice(0, size);
    for (std::size_t i = 0; i < results_.size(); ++i)
      completed.set(spec_->calls[i].aggregate.output, event::take(results_[i], groups), true);
    pending_ = pending_.slice(size, pending_.rows() - size);
    return completed;
  }

  // --- Groups on disk

  Result<> join_on_disk() {
    GroupJoin join(execution_, kCommand);
    std::vector<std::unique_ptr<PartialAggregation>> parts;
    parts.push_back(std::move(groups_));
    TRY(add_groups(join, std::move(parts)));
    TRY(add_rows(join));
    joined_ =
        std::make_unique<OrderedResults>(outputs_of(*spec_), execution_, kCommand, kResultShare);
    TRY(join.join(*joined_));
    TRY(joined_->finish());
    return rows_.rewind();
  }

  Result<> add_groups(GroupJoin& join, std::vector<std::unique_ptr<PartialAggregation>> parts) {
    MergedGroups merged(spec_, std::move(parts), execution_);
    TRY(merged.prepare());
    for (std::size_t p = 0; p < merged.partitions(); ++p) {
      TRY(join.add_groups(*TRY(merged.load(p))));
      merged.drop(p);
    }
    return {};
  }

  Result<> add_rows(GroupJoin& join) {
    const GroupSet keys(spec_);
    std::int64_t row = 0;
    while (const std::optional<EventBatch> batch = TRY(rows_.next())) {
      TRY(execution_.cancellation.check());
      ExpressionMemory made(execution_);
      const std::vector<event::ColumnPtr> columns = keys.first_keys(*batch);
      TRY(made.check(kCommand));
      TRY(join.add_rows(columns, batch->rows(), row));
      row += static_cast<std::int64_t>(batch->rows());
    }
    return {};
  }

  OperatorPtr input_;  // Null once it was read.
  const std::shared_ptr<const AggregationSpec> spec_;
  std::unique_ptr<PartialAggregation> groups_;  // Null once they were joined on disk.
  BatchSpool rows_;
  Execution& execution_;

  EventBatch pending_;                     // Rows to be completed.
  std::vector<std::uint32_t> picks_;       // Groups of the batch that pending_ is the rest of.
  std::vector<event::ColumnPtr> results_;  // Per aggregate, one row per group.
  std::unique_ptr<OrderedResults> joined_;
  std::uint64_t sequence_ = 0;
};

}  // namespace

Result<OperatorPtr> make_eventstats(OperatorPtr input, const spl2::EventstatsCommand& command,
                                    const CompileContext& context, Execution& execution) {
  auto spec = std::make_shared<const AggregationSpec>(
      TRY(compile_spec(command.aggregates, command.by, kCommand, context)));
  return OperatorPtr(std::make_unique<Eventstats>(std::move(input), std::move(spec), execution));
}

}  // namespace lynxdb::query
