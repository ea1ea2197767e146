#include <utility>

#include "query/operators/operators.h"
#include "query/operators/time_value.h"

namespace lynxdb::query {
namespace {

// `_time` is always a timestamp: everything downstream (order, bin, timechart) relies on it.
event::ColumnPtr to_timestamps(const event::ColumnPtr& column) {
  if (column->kind() == event::Kind::kTimestamp) return column;
  event::ColumnBuilder times;
  times.reserve(column->size());
  for (std::size_t row = 0; row < column->size(); ++row) {
    const std::optional<std::int64_t> ns = time_from_value(column->view(row));
    if (ns)
      times.append_timestamp(*ns);
    else
      times.append_null();
  }
  return times.finish();
}

class EvalTransform final : public Transform {
 public:
  explicit EvalTransform(std::vector<EvalAssignment> assignments)
      : assignments_(std::move(assignments)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    for (const EvalAssignment& assignment : assignments_) {
      event::ColumnPtr column = assignment.expr->evaluate(batch);
      if (assignment.field == event::kTime) column = to_timestamps(column);
      batch.set(assignment.field, std::move(column), true);
    }
    return batch;
  }
  std::string_view command() const override { return "eval"; }

 private:
  std::vector<EvalAssignment> assignments_;
};

}  // namespace

TransformPtr make_eval(std::vector<EvalAssignment> assignments) {
  return std::make_shared<EvalTransform>(std::move(assignments));
}

}  // namespace lynxdb::query
