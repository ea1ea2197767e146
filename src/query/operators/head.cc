#include <algorithm>
#include <utility>

#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

class HeadOperator final : public Operator {
 public:
  HeadOperator(OperatorPtr input, std::uint64_t count) : input_(std::move(input)), left_(count) {}

  Result<std::optional<event::EventBatch>> next() override {
    if (left_ == 0) {
      input_.reset();  // Stops what runs behind it.
      return std::optional<event::EventBatch>();
    }
    std::optional<event::EventBatch> batch = TRY(input_->next());
    if (!batch) return batch;
    const std::uint64_t rows = std::min<std::uint64_t>(left_, batch->rows());
    left_ -= rows;
    if (left_ == 0) input_.reset();
    return std::optional(batch->slice(0, static_cast<std::size_t>(rows)));
  }

 private:
  OperatorPtr input_;
  std::uint64_t left_;
};

}  // namespace

OperatorPtr make_head(OperatorPtr input, std::uint64_t count) {
  return std::make_unique<HeadOperator>(std::move(input), count);
}

}  // namespace lynxdb::query
