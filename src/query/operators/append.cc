// `append` and `multisearch`: pipelines one after the other.
#include <utility>

#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

// Opens each pipeline when the one before it is done, so that only one holds memory. Batches are
// numbered anew.
class SequenceOperator final : public Operator {
 public:
  SequenceOperator(OperatorPtr first, std::vector<OpenPipeline> others, Execution& execution)
      : current_(std::move(first)), others_(std::move(others)), execution_(execution) {}

  Result<std::optional<event::EventBatch>> next() override {
    while (true) {
      TRY(execution_.cancellation.check());
      if (current_ == nullptr) {
        if (opened_ == others_.size()) return std::optional<event::EventBatch>();
        current_ = TRY(others_[opened_++]());
      }
      std::optional<event::EventBatch> batch = TRY(current_->next());
      if (batch) {
        batch->set_sequence(sequence_++);
        return batch;
      }
      current_.reset();
    }
  }

 private:
  OperatorPtr current_;
  std::vector<OpenPipeline> others_;
  Execution& execution_;
  std::size_t opened_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

OperatorPtr make_append(OperatorPtr input, OpenPipeline sub, Execution& execution) {
  std::vector<OpenPipeline> others;
  others.push_back(std::move(sub));
  return std::make_unique<SequenceOperator>(std::move(input), std::move(others), execution);
}

OperatorPtr make_multisearch(std::vector<OpenPipeline> subs, Execution& execution) {
  return std::make_unique<SequenceOperator>(nullptr, std::move(subs), execution);
}

}  // namespace lynxdb::query
