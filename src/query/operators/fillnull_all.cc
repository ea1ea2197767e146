// `fillnull` without fields: every column that any row has, so all rows are read first.
#include <algorithm>
#include <utility>

#include "query/operators/batch_spool.h"
#include "query/operators/fill_column.h"
#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

class FillnullAllOperator final : public Operator {
 public:
  FillnullAllOperator(OperatorPtr input, event::Value value, Execution& execution)
      : input_(std::move(input)),
        value_(std::move(value)),
        execution_(execution),
        spool_(execution, "fillnull") {}

  Result<std::optional<event::EventBatch>> next() override {
    if (input_ != nullptr) TRY(consume());
    TRY(execution_.cancellation.check());
    std::optional<event::EventBatch> batch = TRY(spool_.next());
    if (batch) fill(*batch);
    return batch;
  }

 private:
  // Columns whose values were all filtered out are there or not depending on how rows were batched.
  static bool is_seen(const event::Field& field) {
    return field.named || field.column->null_count() < field.column->size();
  }

  Result<> consume() {
    while (std::optional<event::EventBatch> batch = TRY(input_->next())) {
      TRY(execution_.cancellation.check());
      for (const event::Field& field : batch->fields())
        if (is_seen(field) && std::find(names_.begin(), names_.end(), field.name) == names_.end())
          names_.push_back(field.name);
      TRY(spool_.add(*std::move(batch)));
    }
    input_.reset();
    return spool_.finish();
  }

  void fill(event::EventBatch& batch) const {
    for (const std::string& name : names_) {
      const event::ColumnPtr* found = batch.find(name);
      const event::ColumnPtr column =
          found != nullptr ? *found : event::Column::nulls(batch.rows());
      batch.set(name, fill_nulls(column, value_), true);
    }
  }

  OperatorPtr input_;
  event::Value value_;
  Execution& execution_;
  BatchSpool spool_;
  std::vector<std::string> names_;  // In order of appearance; bounded by the fields per event.
};

}  // namespace

OperatorPtr make_fillnull_all(OperatorPtr input, const spl2::FillnullCommand& command,
                              Execution& execution) {
  return std::make_unique<FillnullAllOperator>(std::move(input), literal_value(command.value),
                                               execution);
}

}  // namespace lynxdb::query
