#include <utility>

#include "query/operators/external_sort.h"
#include "query/operators/operators.h"
#include "query/operators/ordinal.h"

namespace lynxdb::query {
namespace {

// Sorts by row number, descending: the sort brings the spilling along.
class ReverseOperator final : public Operator {
 public:
  ReverseOperator(OperatorPtr input, Execution& execution)
      : input_(std::move(input)),
        sort_({{kOrdinalField, /*descending=*/true, {}}}, execution, "reverse") {}

  Result<std::optional<event::EventBatch>> next() override {
    if (input_ != nullptr) TRY(consume());
    std::optional<event::EventBatch> batch = TRY(sort_.next());
    if (batch) batch->remove(kOrdinalField);
    return batch;
  }

 private:
  Result<> consume() {
    std::int64_t row = 0;
    while (std::optional<event::EventBatch> batch = TRY(input_->next())) {
      set_ordinals(*batch, kOrdinalField, row);
      row += static_cast<std::int64_t>(batch->rows());
      TRY(sort_.add(*std::move(batch)));
    }
    input_.reset();
    return sort_.finish();
  }

  OperatorPtr input_;
  ExternalSort sort_;
};

}  // namespace

OperatorPtr make_reverse(OperatorPtr input, Execution& execution) {
  return std::make_unique<ReverseOperator>(std::move(input), execution);
}

}  // namespace lynxdb::query
