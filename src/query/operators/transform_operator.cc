#include <utility>

#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

// Transforms behind an operator: run by the thread that pulls.
class TransformOperator final : public Operator {
 public:
  TransformOperator(OperatorPtr input, std::vector<TransformPtr> transforms, Execution& execution)
      : input_(std::move(input)), transforms_(std::move(transforms)), execution_(execution) {}

  Result<std::optional<event::EventBatch>> next() override {
    while (true) {
      TRY(execution_.cancellation.check());
      std::optional<event::EventBatch> batch = TRY(input_->next());
      if (!batch) return batch;
      event::EventBatch rows = *std::move(batch);
      for (const TransformPtr& transform : transforms_) {
        if (rows.rows() == 0) break;
        rows = TRY(transform->apply(std::move(rows)));
      }
      if (rows.rows() > 0) return std::optional(std::move(rows));
    }
  }

 private:
  OperatorPtr input_;
  std::vector<TransformPtr> transforms_;
  Execution& execution_;
};

}  // namespace

OperatorPtr make_transform_operator(OperatorPtr input, std::vector<TransformPtr> transforms,
                                    Execution& execution) {
  if (transforms.empty()) return input;
  return std::make_unique<TransformOperator>(std::move(input), std::move(transforms), execution);
}

}  // namespace lynxdb::query
