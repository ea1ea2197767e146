#include <utility>

#include "query/operators/external_sort.h"
#include "query/operators/field_names.h"
#include "query/operators/operators.h"
#include "query/operators/top_rows.h"

namespace lynxdb::query {
namespace {

class SortOperator final : public Operator {
 public:
  SortOperator(OperatorPtr input, std::vector<spl2::SortKey> keys,
               std::optional<std::uint64_t> limit, Execution& execution)
      : input_(std::move(input)),
        keys_(std::move(keys)),
        limit_(limit),
        execution_(execution),
        sort_(keys_, execution, "sort") {}

  Result<std::optional<event::EventBatch>> next() override {
    if (limit_ == 0) return std::optional<event::EventBatch>();
    if (input_ != nullptr) {
      TRY(consume());
      input_.reset();
      TRY(sort_.finish());
    }
    std::optional<event::EventBatch> batch = TRY(sort_.next());
    if (!batch || !limit_) return batch;
    const std::uint64_t rows = std::min<std::uint64_t>(*limit_, batch->rows());
    *limit_ -= rows;
    return std::optional(batch->slice(0, static_cast<std::size_t>(rows)));
  }

 private:
  Result<std::optional<event::EventBatch>> pull() {
    TRY(execution_.cancellation.check());
    std::optional<event::EventBatch> batch = TRY(input_->next());
    if (batch)
      for (const spl2::SortKey& key : keys_) name_field(*batch, key.field);
    return batch;
  }

  Result<> consume() {
    if (limit_) TRY(consume_top());
    while (std::optional<event::EventBatch> batch = TRY(pull())) TRY(sort_.add(*std::move(batch)));
    return {};
  }

  // Until the input ends, or the first rows alone do not fit in memory: then the rest goes the way
  // of a full sort.
  Result<> consume_top() {
    TopRows top(keys_, *limit_, execution_);
    bool fits = true;
    while (fits) {
      const std::optional<event::EventBatch> batch = TRY(pull());
      if (!batch) break;
      fits = top.add(*batch);
    }
    for (event::EventBatch& rows : top.take_candidates()) TRY(sort_.add(rows));
    return {};
  }

  OperatorPtr input_;
  std::vector<spl2::SortKey> keys_;
  std::optional<std::uint64_t> limit_;  // Rows still wanted.
  Execution& execution_;
  ExternalSort sort_;
};

}  // namespace

OperatorPtr make_sort(OperatorPtr input, std::vector<spl2::SortKey> keys,
                      std::optional<std::uint64_t> limit, Execution& execution) {
  return std::make_unique<SortOperator>(std::move(input), std::move(keys), limit, execution);
}

}  // namespace lynxdb::query
