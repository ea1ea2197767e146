#include "query/operators/batch_spool.h"

#include <utility>

#include "base/check.h"

namespace lynxdb::query {

BatchSpool::BatchSpool(Execution& execution, std::string command)
    : execution_(execution), command_(std::move(command)), memory_(execution.memory) {}

Result<> BatchSpool::add(const event::EventBatch& batch) {
  if (batch.rows() == 0) return {};
  rows_ += batch.rows();
  if (file_ != nullptr) return append(batch);
  // Kept rows must not pin the chunks of input that they were cut from.
  event::EventBatch kept = event::compact(batch);
  const std::size_t bytes = kept.memory_bytes();
  if (!memory_.resize(bytes_ + bytes)) {
    TRY(spill_all());
    return append(kept);
  }
  bytes_ += bytes;
  batches_.push_back(std::move(kept));
  return {};
}

Result<> BatchSpool::append(const event::EventBatch& batch) {
  auto written = file_->append(batch);
  if (!written) return std::move(written).error().in(command_);
  return {};
}

Result<> BatchSpool::spill_all() {
  if (file_ != nullptr) return {};
  file_ = TRY(SpillFile::create(execution_.spill));
  for (const event::EventBatch& batch : batches_) {
    TRY(execution_.cancellation.check());
    TRY(append(batch));
  }
  batches_.clear();
  bytes_ = 0;
  memory_.clear();
  return {};
}

void BatchSpool::drop_front(std::uint64_t rows) {
  while (!batches_.empty() && rows_ - batches_.front().rows() >= rows) {
    rows_ -= batches_.front().rows();
    bytes_ -= batches_.front().memory_bytes();
    batches_.pop_front();
  }
  memory_.resize(bytes_);
}

Result<> BatchSpool::finish() {
  if (file_ != nullptr) TRY(file_->finish());
  return {};
}

Result<> BatchSpool::rewind() {
  LYNXDB_CHECK(file_ != nullptr);
  return file_->rewind();
}

Result<std::optional<event::EventBatch>> BatchSpool::next() {
  if (file_ != nullptr) return file_->next();
  if (batches_.empty()) return std::optional<event::EventBatch>();
  event::EventBatch batch = std::move(batches_.front());
  batches_.pop_front();
  bytes_ -= batch.memory_bytes();
  memory_.resize(bytes_);
  return std::optional(std::move(batch));
}

}  // namespace lynxdb::query
