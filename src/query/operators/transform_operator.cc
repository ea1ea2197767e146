#include <algorithm>
#include <utility>

#include "query/expression_memory.h"
#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

class TransformOperator final : public Operator {
 public:
  TransformOperator(OperatorPtr input, std::vector<TransformPtr> transforms, Execution& execution)
      : input_(std::move(input)),
        transforms_(std::move(transforms)),
        execution_(execution),
        piece_bytes_(std::max(execution.memory.limit_bytes() / 8, kPieceBytesMin)) {}

  Result<std::optional<event::EventBatch>> next() override {
    while (true) {
      TRY(execution_.cancellation.check());
      if (rest_.rows() == 0) {
        std::optional<event::EventBatch> batch = TRY(input_->next());
        if (!batch) return batch;
        rest_ = *std::move(batch);
        row_bytes_ = rest_.memory_bytes() / rest_.rows() + 1;
      }
      event::EventBatch rows = TRY(apply(next_piece()));
      if (rows.rows() > 0) return std::optional(std::move(rows));
    }
  }

 private:
  static constexpr std::size_t kPieceBytesMin = std::size_t{1} << 20U;

  // Rows can be megabytes each: then only some of the batch, so that what is made of them fits.
  event::EventBatch next_piece() {
    const std::size_t size = std::clamp<std::size_t>(piece_bytes_ / row_bytes_, 1, rest_.rows());
    if (size == rest_.rows()) return std::exchange(rest_, {});
    event::EventBatch piece = rest_.slice(0, size);
    rest_ = rest_.slice(size, rest_.rows() - size);
    return piece;
  }

  Result<event::EventBatch> apply(event::EventBatch rows) {
    ExpressionMemory memory(execution_, rows.rows() * row_bytes_);
    for (const TransformPtr& transform : transforms_) {
      if (rows.rows() == 0) break;
      rows = TRY(transform->apply(std::move(rows)));
      TRY(memory.check(transform->command()));
    }
    return rows;
  }

  OperatorPtr input_;
  std::vector<TransformPtr> transforms_;
  Execution& execution_;
  const std::size_t piece_bytes_;
  event::EventBatch rest_;  // Of the input's last batch.
  std::size_t row_bytes_ = 0;
};

}  // namespace

OperatorPtr make_transform_operator(OperatorPtr input, std::vector<TransformPtr> transforms,
                                    Execution& execution) {
  if (transforms.empty()) return input;
  return std::make_unique<TransformOperator>(std::move(input), std::move(transforms), execution);
}

}  // namespace lynxdb::query
