#include "storage/memtable.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/check.h"

namespace lynxdb::storage {
namespace {

// Merged when this many neighbours are of one size class; a row is moved once per class.
constexpr std::size_t kMergeBatches = 16;

// 0, 1: below 16, 256 rows. 2: large enough for ever.
constexpr unsigned kLargeClass = 2;
unsigned size_class(std::size_t rows) {
  unsigned size = 0;
  for (std::size_t limit = kMergeBatches; size < kLargeClass && rows >= limit; limit *= 16) ++size;
  return size;
}

}  // namespace

TailBatchPtr make_tail_batch(PartitionId partition, Offset base_offset,
                             std::shared_ptr<const event::EventBatch> batch) {
  const event::ColumnPtr* time = batch->find(event::kTime);
  LYNXDB_CHECK(time != nullptr && (*time)->kind() == event::Kind::kTimestamp && batch->rows() > 0);
  const auto [min, max] =
      std::minmax_element((*time)->int_values().begin(), (*time)->int_values().end());
  TailBatch tail{partition, base_offset, std::move(batch), *min, *max};
  return std::make_shared<const TailBatch>(std::move(tail));
}

TailBatchPtr slice(const TailBatchPtr& batch, Offset begin, Offset end) {
  begin = std::max(begin, batch->base_offset);
  end = std::min(end, batch->end_offset());
  LYNXDB_CHECK(begin < end);
  if (begin == batch->base_offset && end == batch->end_offset()) return batch;
  auto rows = batch->batch->slice(static_cast<std::size_t>(begin - batch->base_offset),
                                  static_cast<std::size_t>(end - begin));
  return make_tail_batch(batch->partition, begin,
                         std::make_shared<const event::EventBatch>(std::move(rows)));
}

std::size_t memory_bytes(const event::EventBatch& batch) {
  constexpr std::size_t kPerBatch = 256;
  constexpr std::size_t kPerField = 384;  // Name, column, their blocks of shared memory.
  return kPerBatch + batch.field_count() * kPerField + batch.memory_bytes();
}

TailBatchPtr merge(const MergePlan& plan) {
  std::vector<event::EventBatch> batches;
  std::unordered_set<std::string_view> names;
  std::size_t fields_max = 0;
  for (const TailBatchPtr& batch : plan.batches) {
    batches.push_back(*batch->batch);
    fields_max = std::max(fields_max, batch->batch->field_count());
    for (const event::Field& field : batch->batch->fields()) names.insert(field.name);
  }
  if (names.size() > 2 * fields_max) return nullptr;
  auto rows = std::make_shared<const event::EventBatch>(event::compact(event::concat(batches)));
  const TailBatch& first = *plan.batches.front();
  return make_tail_batch(first.partition, first.base_offset, std::move(rows));
}

void Memtable::append(TailBatchPtr batch) {
  LYNXDB_CHECK(batch->base_offset == end_);
  const std::size_t bytes = memory_bytes(*batch->batch);
  end_ = batch->end_offset();
  bytes_ += bytes;
  entries_.push_back({std::move(batch), bytes});
}

void Memtable::release_below(Offset offset) {
  LYNXDB_CHECK(offset >= begin_);
  while (!entries_.empty() && entries_.front().batch->end_offset() <= offset) {
    bytes_ -= entries_.front().bytes;
    entries_.pop_front();
  }
  begin_ = offset;
  end_ = std::max(end_, offset);
  sealed_below_ = std::max(sealed_below_, offset);
}

void Memtable::truncate(Offset end) {
  if (end >= end_) return;
  while (!entries_.empty() && entries_.back().batch->end_offset() > end) {
    const TailBatchPtr last = std::move(entries_.back().batch);
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
    if (last->base_offset >= end) continue;
    TailBatchPtr rest = slice(last, last->base_offset, end);
    const std::size_t bytes = memory_bytes(*rest->batch);
    bytes_ += bytes;
    entries_.push_back({std::move(rest), bytes});
  }
  end_ = end;
  begin_ = std::min(begin_, end);
  sealed_below_ = std::min(sealed_below_, end);
  apart_below_ = std::min(apart_below_, end);
}

void Memtable::collect(Offset from, Offset to, std::vector<TailBatchPtr>& out) const {
  // A follower may know that more is flushed than it knows to be committed.
  if (from >= to) return;
  for (const Entry& entry : entries_) {
    if (entry.batch->end_offset() <= from) continue;
    if (entry.batch->base_offset >= to) break;
    out.push_back(slice(entry.batch, from, to));
  }
}

// --- Merging -------------------------------------------------------------------------------------

MergePlan Memtable::plan_merge() const {
  MergePlan plan;
  if (entries_.size() < kMergeBatches) return plan;
  const unsigned size = size_class(entries_.back().batch->batch->rows());
  if (size == kLargeClass) return plan;
  const auto first = entries_.end() - static_cast<std::ptrdiff_t>(kMergeBatches);
  const Offset floor = std::max(sealed_below_, apart_below_);
  for (auto entry = first; entry != entries_.end(); ++entry) {
    const TailBatch& batch = *entry->batch;
    if (batch.base_offset < floor || size_class(batch.batch->rows()) != size) return plan;
  }
  for (auto entry = first; entry != entries_.end(); ++entry) plan.batches.push_back(entry->batch);
  return plan;
}

void Memtable::finish_merge(const MergePlan& plan, TailBatchPtr merged) {
  const Offset begin = plan.batches.front()->base_offset;
  const Offset end = plan.batches.back()->end_offset();
  if (merged == nullptr) {
    apart_below_ = end;
    return;
  }
  if (begin < sealed_below_) return;  // Somebody seals or flushes them already, as they were.
  LYNXDB_CHECK(merged->base_offset == begin && merged->end_offset() == end);
  const auto first = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.batch == plan.batches.front();
  });
  const bool all_here = static_cast<std::size_t>(entries_.end() - first) >= plan.batches.size() &&
                        std::equal(plan.batches.begin(), plan.batches.end(), first,
                                   [](const TailBatchPtr& planned, const Entry& entry) {
                                     return planned == entry.batch;
                                   });
  if (!all_here) return;  // Cut off, flushed.
  const auto last = first + static_cast<std::ptrdiff_t>(plan.batches.size());
  for (auto entry = first; entry != last; ++entry) bytes_ -= entry->bytes;
  const std::size_t bytes = memory_bytes(*merged->batch);
  bytes_ += bytes;
  *first = {std::move(merged), bytes};
  entries_.erase(first + 1, last);
}

}  // namespace lynxdb::storage
