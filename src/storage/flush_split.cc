#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "storage/append_check.h"
#include "storage/flush.h"
#include "storage/time_bucket.h"

namespace lynxdb::storage {
namespace {

// More buckets than this in one flush: small neighbours are kept together.
constexpr std::size_t kBucketsMax = 32;
constexpr std::size_t kSmallBucketRows = 8192;

using Buckets = std::map<std::int64_t, std::vector<RowRef>>;

// The index of each row of a batch, looked up with as little work as its column allows.
class IndexOfRow {
 public:
  explicit IndexOfRow(const event::EventBatch& batch) {
    const event::ColumnPtr* column = batch.find(event::kIndex);
    if (column != nullptr) column_ = column->get();
  }

  std::string_view operator()(std::size_t row) const {
    if (column_ == nullptr) return kDefaultIndex;
    const event::ValueView value = column_->view(row);
    return value.is_null() ? kDefaultIndex : value.as_string();
  }

 private:
  const event::Column* column_ = nullptr;
};

// Moves the rows of small buckets to the next one, as long as that is small, too.
void join_small(Buckets& buckets) {
  if (buckets.size() <= kBucketsMax) return;
  for (auto bucket = buckets.begin(); std::next(bucket) != buckets.end();) {
    const auto next = std::next(bucket);
    const std::size_t rows = bucket->second.size() + next->second.size();
    if (rows <= kSmallBucketRows) {
      next->second.insert(next->second.end(), bucket->second.begin(), bucket->second.end());
      buckets.erase(bucket);
    }
    bucket = next;
  }
}

}  // namespace

std::vector<FlushPart> split_by_index_and_time(std::span<const TailBatchPtr> batches,
                                               TimeBucket bucket) {
  std::map<std::string, Buckets, std::less<>> indexes;
  for (std::uint32_t i = 0; i < batches.size(); ++i) {
    const event::EventBatch& batch = *batches[i]->batch;
    const IndexOfRow index_of(batch);
    const auto times = (*batch.find(event::kTime))->int_values();
    std::string_view last_index;
    std::int64_t last_bucket = 0;
    std::vector<RowRef>* rows = nullptr;
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      const std::string_view index = index_of(row);
      const std::int64_t number = bucket_of(times[row], bucket);
      if (rows == nullptr || number != last_bucket || index != last_index) {
        auto known = indexes.find(index);
        if (known == indexes.end()) known = indexes.emplace(index, Buckets{}).first;
        rows = &known->second[number];
        last_index = index;
        last_bucket = number;
      }
      rows->push_back({times[row], i, row});
    }
  }
  std::vector<FlushPart> parts;
  for (auto& [index, buckets] : indexes) {
    join_small(buckets);
    for (auto& [number, rows] : buckets) {
      parts.push_back({index, bucket_name(number, bucket), std::move(rows)});
    }
  }
  return parts;
}

}  // namespace lynxdb::storage
