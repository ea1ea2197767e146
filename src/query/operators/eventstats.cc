// eventstats: each row gets the aggregates of its group. Two passes: rows are put aside while their
// groups are computed, then completed in their order.
#include "query/aggregation_groups.h"
#include "query/operators/batch_spool.h"
#include "query/operators/budget_error.h"
#include "query/operators/operators.h"
#include "query/stages/compile_spec.h"

namespace lynxdb::query {
namespace {

using event::EventBatch;

constexpr const char* kCommand = "eventstats";

class Eventstats final : public Operator {
 public:
  Eventstats(OperatorPtr input, std::shared_ptr<const AggregationSpec> spec, Execution& execution)
      : input_(std::move(input)),
        groups_(std::move(spec)),
        rows_(execution, kCommand),
        memory_(execution.memory),
        execution_(execution) {}

  Result<std::optional<EventBatch>> next() override {
    if (!consumed_) TRY(consume());
    TRY(execution_.cancellation.check());
    std::optional<EventBatch> batch = TRY(rows_.next());
    if (batch) complete(*batch);
    return batch;
  }

 private:
  Result<> consume() {
    consumed_ = true;
    std::uint64_t sequence = 0;
    while (std::optional<EventBatch> batch = TRY(input_->next())) {
      TRY(execution_.cancellation.check());
      batch->set_sequence(sequence++);
      groups_.add(*batch);
      TRY(account());
      TRY(rows_.add(std::move(*batch)));
    }
    input_.reset();
    TRY(rows_.finish());
    for (std::size_t i = 0; i < groups_.spec().calls.size(); ++i)
      results_.push_back(groups_.states(i).finish(execution_.hints));
    return {};
  }

  // Groups must stay in memory; rows need not.
  Result<> account() {
    if (memory_.resize(groups_.memory_bytes())) return {};
    TRY(rows_.spill_all());
    if (memory_.resize(groups_.memory_bytes())) return {};
    return out_of_memory(execution_.memory, kCommand);
  }

  void complete(EventBatch& batch) {
    const std::vector<std::uint32_t> groups = groups_.groups_of(batch);
    for (std::size_t i = 0; i < results_.size(); ++i)
      batch.set(groups_.spec().calls[i].aggregate.output, event::take(results_[i], groups), true);
  }

  OperatorPtr input_;
  GroupSet groups_;
  BatchSpool rows_;
  base::MemoryReservation memory_;
  Execution& execution_;
  bool consumed_ = false;
  std::vector<event::ColumnPtr> results_;  // Per aggregate, one row per group.
};

}  // namespace

Result<OperatorPtr> make_eventstats(OperatorPtr input, const spl2::EventstatsCommand& command,
                                    const CompileContext& context, Execution& execution) {
  auto spec = std::make_shared<const AggregationSpec>(
      TRY(compile_spec(command.aggregates, command.by, kCommand, context)));
  return OperatorPtr(std::make_unique<Eventstats>(std::move(input), std::move(spec), execution));
}

}  // namespace lynxdb::query
