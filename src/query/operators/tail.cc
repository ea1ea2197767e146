#include <algorithm>
#include <utility>

#include "query/operators/batch_spool.h"
#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

class TailOperator final : public Operator {
 public:
  TailOperator(OperatorPtr input, std::uint64_t count, Execution& execution)
      : input_(std::move(input)), count_(count), execution_(execution), spool_(execution, "tail") {}

  Result<std::optional<event::EventBatch>> next() override {
    if (input_ != nullptr) TRY(consume());
    while (std::optional<event::EventBatch> batch = TRY(spool_.next())) {
      TRY(execution_.cancellation.check());
      const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, batch->rows()));
      skip_ -= skipped;
      if (skipped < batch->rows())
        return std::optional(batch->slice(skipped, batch->rows() - skipped));
    }
    return std::optional<event::EventBatch>();
  }

 private:
  Result<> consume() {
    while (std::optional<event::EventBatch> batch = TRY(input_->next())) {
      TRY(execution_.cancellation.check());
      // Of a batch only its end can be among the last rows: the spool copies what it keeps.
      const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(count_, batch->rows()));
      TRY(spool_.add(batch->slice(batch->rows() - kept, kept)));
      spool_.drop_front(count_);
    }
    input_.reset();
    skip_ = spool_.rows() > count_ ? spool_.rows() - count_ : 0;
    return spool_.finish();
  }

  OperatorPtr input_;
  std::uint64_t count_;
  Execution& execution_;
  BatchSpool spool_;
  std::uint64_t skip_ = 0;  // Rows of the spool before the last `count_`.
};

}  // namespace

OperatorPtr make_tail(OperatorPtr input, std::uint64_t count, Execution& execution) {
  return std::make_unique<TailOperator>(std::move(input), count, execution);
}

}  // namespace lynxdb::query
