#include "query/operators/top_rows.h"

#include <algorithm>
#include <utility>

namespace lynxdb::query {

TopRows::TopRows(std::vector<spl2::SortKey> keys, std::uint64_t count, Execution& execution)
    : keys_(std::move(keys)),
      count_(count),
      cancellation_(execution.cancellation),
      memory_(execution.memory) {}

bool TopRows::reserve() {
  return memory_.resize(2 * candidate_bytes_ +
                        candidate_rows_ * SortKeys::bytes_per_row(keys_.size()));
}

bool TopRows::add(const event::EventBatch& batch) {
  event::EventBatch rows = better_rows(batch);
  if (rows.rows() == 0) return true;
  rows = event::compact(rows);
  candidate_rows_ += rows.rows();
  candidate_bytes_ += rows.memory_bytes();
  candidates_.push_back(std::move(rows));
  if (candidate_rows_ >= count_ + std::max<std::uint64_t>(count_, kBatchRows)) reduce();
  if (reserve()) return true;
  reduce();
  return reserve();
}

event::EventBatch TopRows::better_rows(const event::EventBatch& batch) const {
  if (!worst_) return batch;
  const SortKeys keys(batch, keys_);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < batch.rows(); ++row)
    if (SortKeys::compare(keys, row, *worst_, 0) < 0) rows.push_back(row);
  return rows.size() == batch.rows() ? batch : batch.take(rows);
}

void TopRows::reduce() {
  if (candidate_rows_ <= count_) return;
  const event::EventBatch all = event::concat(candidates_);
  auto order = SortKeys(all, keys_).sorted_rows(cancellation_);
  if (!order) return;
  order->resize(static_cast<std::size_t>(count_));
  const event::EventBatch best = event::compact(all.take(*order));
  worst_ = SortKeys(event::compact(best.slice(best.rows() - 1, 1)), keys_);
  candidate_rows_ = best.rows();
  candidate_bytes_ = best.memory_bytes();
  candidates_ = {best};
}

std::vector<event::EventBatch> TopRows::take_candidates() {
  memory_.clear();
  return std::exchange(candidates_, {});
}

}  // namespace lynxdb::query
