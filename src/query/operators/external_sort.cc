#include "query/operators/external_sort.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/stop_scope.h"

namespace lynxdb::query {
namespace {

// Runs merged at once: with fewer, rows are written more often; with more, blocks get too small.
constexpr std::size_t kFanIn = 16;
constexpr std::size_t kBlockBytesMin = 4U << 10U;
constexpr std::size_t kBlockBytesMax = 512U << 10U;

// Columns are copied once when the buffered batches are put together for sorting.
std::size_t bytes_to_sort(const event::EventBatch& batch, std::size_t keys) {
  return 2 * batch.memory_bytes() + batch.rows() * SortKeys::bytes_per_row(keys);
}

}  // namespace

ExternalSort::ExternalSort(std::vector<spl2::SortKey> keys, Execution& execution,
                           std::string command, std::size_t share)
    : keys_(std::move(keys)),
      execution_(execution),
      command_(std::move(command)),
      buffer_bytes_max_(execution.memory.limit_bytes() / share),
      memory_(execution.memory) {}

// All blocks of a merge together stay below a quarter of the query's memory.
std::size_t ExternalSort::block_bytes() const {
  return std::clamp(execution_.memory.limit_bytes() / (4 * kFanIn), kBlockBytesMin, kBlockBytesMax);
}

bool ExternalSort::reserve(std::size_t bytes) {
  return bytes <= buffer_bytes_max_ && memory_.resize(bytes);
}

Result<> ExternalSort::add(const event::EventBatch& batch) {
  TRY(execution_.cancellation.check());
  if (batch.rows() == 0) return {};
  // Kept rows must not pin the chunks of input that they were cut from.
  event::EventBatch rows = event::compact(batch);
  rows_added_ += rows.rows();
  const std::size_t bytes = bytes_to_sort(rows, keys_.size());
  missing_.add(rows);
  if (!reserve(buffer_bytes_ + bytes + missing_.bytes())) {
    // What was buffered makes room; a batch that does not fit even then is a run of its own.
    TRY(spill_buffer());
    missing_.add(rows);
    if (!reserve(bytes)) {
      buffer_.push_back(std::move(rows));
      return spill_buffer();
    }
  }
  buffer_.push_back(std::move(rows));
  buffer_bytes_ += bytes;
  return {};
}

Result<event::EventBatch> ExternalSort::take_buffer(SortKeys& keys) {
  const auto asks = [this] { return !execution_.cancellation.check(); };
  const base::StopScope scope(asks);
  event::EventBatch rows = event::concat(buffer_);
  TRY(execution_.cancellation.check());
  buffer_.clear();
  keys = SortKeys(rows, keys_);
  TRY(execution_.cancellation.check());
  return rows;
}

Result<> ExternalSort::spill_buffer() {
  missing_ = {};
  if (buffer_.empty()) return {};
  SortKeys keys;
  const event::EventBatch rows = TRY(take_buffer(keys));
  const std::vector<std::uint32_t> order = TRY(keys.sorted_rows(execution_.cancellation));
  auto file = TRY(SpillFile::create(execution_.spill));
  for (std::size_t begin = 0; begin < order.size(); begin += kBatchRows) {
    TRY(execution_.cancellation.check());
    const std::size_t size = std::min(kBatchRows, order.size() - begin);
    const auto written =
        append_in_blocks(rows.take(std::span(order).subspan(begin, size)), block_bytes(), *file);
    if (!written) return Error(written.error()).in(command_);
  }
  TRY(file->finish());
  runs_.push_back({std::move(file), 0});
  buffer_bytes_ = 0;
  missing_ = {};
  memory_.clear();
  return merge_full_levels();
}

// Keeps the number of open files at kFanIn per level, each level kFanIn times the one before.
Result<> ExternalSort::merge_full_levels() {
  while (runs_.size() >= kFanIn) {
    const unsigned level = runs_.back().level;
    const auto same = [&](const Run& run) { return run.level == level; };
    if (!std::all_of(runs_.end() - kFanIn, runs_.end(), same)) return {};
    TRY(merge_last(kFanIn));
  }
  return {};
}

Result<> ExternalSort::merge_last(std::size_t count) {
  LYNXDB_CHECK(count >= 2 && count <= runs_.size());
  std::vector<std::unique_ptr<SpillFile>> files;
  unsigned level = 0;
  for (std::size_t i = runs_.size() - count; i < runs_.size(); ++i) {
    level = std::max(level, runs_[i].level);
    files.push_back(std::move(runs_[i].file));
  }
  runs_.resize(runs_.size() - count);
  const auto merge = TRY(RunMerge::start(std::move(files), keys_));
  auto merged = TRY(SpillFile::create(execution_.spill));
  while (std::optional<event::EventBatch> batch = TRY(merge->next())) {
    TRY(execution_.cancellation.check());
    const auto written = append_in_blocks(*batch, block_bytes(), *merged);
    if (!written) return Error(written.error()).in(command_);
  }
  TRY(merged->finish());
  runs_.push_back({std::move(merged), level + 1});
  return {};
}

Result<> ExternalSort::finish() {
  if (runs_.empty()) {
    if (buffer_.empty()) return {};
    SortKeys keys;
    sorted_ = TRY(take_buffer(keys));
    order_ = TRY(keys.sorted_rows(execution_.cancellation));
    return {};
  }
  TRY(spill_buffer());
  while (runs_.size() > kFanIn) TRY(merge_last(std::min(kFanIn, runs_.size() - kFanIn + 1)));
  std::vector<std::unique_ptr<SpillFile>> files;
  for (Run& run : runs_) files.push_back(std::move(run.file));
  runs_.clear();
  merge_ = TRY(RunMerge::start(std::move(files), keys_));
  return {};
}

std::optional<event::EventBatch> ExternalSort::next_in_memory() {
  if (emitted_ == order_.size()) {
    sorted_ = {};
    memory_.clear();
    return std::nullopt;
  }
  const std::size_t size = std::min(kBatchRows, order_.size() - emitted_);
  event::EventBatch batch = sorted_.take(std::span(order_).subspan(emitted_, size));
  emitted_ += size;
  return batch;
}

Result<std::optional<event::EventBatch>> ExternalSort::next() {
  TRY(execution_.cancellation.check());
  std::optional<event::EventBatch> batch =
      merge_ != nullptr ? TRY(merge_->next()) : next_in_memory();
  if (batch) batch->set_sequence(sequence_++);
  return batch;
}

}  // namespace lynxdb::query
