// Merged groups as rows, ascending by key; only the first ones where no others are used.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "query/aggregation_partitions.h"
#include "query/expression_memory.h"
#include "query/operators/run_merge.h"

namespace lynxdb::query {

using event::EventBatch;
using event::ValueView;

namespace {

// Blocks of a run: one of each run is in memory during the merge.
constexpr std::size_t kRunBlockBytesMin = 4U << 10U;
constexpr std::size_t kRunBlockBytesMax = 64U << 10U;
// Files that are open at once, beside those of the groups.
constexpr std::size_t kRunsMax = 128;
// Rows may be megabytes each: a merged batch ends when it is about this large.
constexpr std::size_t kMergedBytesMax = 8U << 20U;

// One partition's rows, sorted and waiting on disk.
class SortedRun {
 public:
  explicit SortedRun(std::unique_ptr<SpillFile> file) : file_(std::move(file)) {}

  // Goes to the next row; false behind the last one.
  Result<bool> advance() {
    if (batch_ && ++row_ < batch_->rows()) return true;
    row_ = 0;
    batch_ = TRY(file_->next());
    row_bytes_ = batch_ ? batch_->memory_bytes() / batch_->rows() : 0;
    return batch_.has_value();
  }
  const EventBatch& batch() const { return *batch_; }
  std::size_t row() const { return row_; }
  std::size_t row_bytes() const { return row_bytes_; }

  // By the key columns, as GroupTable::sorted. Never equal for rows of two partitions.
  static bool less(const SortedRun& a, const SortedRun& b, const AggregationSpec& spec) {
    for (std::size_t k = 0; k < spec.keys.size(); ++k) {
      const ValueView x = a.batch_->fields()[k].column->view(a.row_);
      const ValueView y = b.batch_->fields()[k].column->view(b.row_);
      const bool by_text = k < spec.keys_by_text && !x.is_null() && !y.is_null();
      if (!by_text)
        if (const int order = sort_compare(x, y); order != 0) return order < 0;
      const std::string x_text = event::text(x);
      const std::string y_text = event::text(y);
      if (by_text)
        if (const int order = sort_compare(ValueView::string(x_text), ValueView::string(y_text));
            order != 0)
          return order < 0;
      if (const int order = x_text.compare(y_text); order != 0) return order < 0;
    }
    return false;
  }

 private:
  std::unique_ptr<SpillFile> file_;
  std::optional<EventBatch> batch_;
  std::size_t row_ = 0;
  std::size_t row_bytes_ = 0;
};

class SortedRows final : public Operator {
 public:
  explicit SortedRows(std::unique_ptr<MergedGroups> groups) : groups_(std::move(groups)) {}

  Result<std::optional<EventBatch>> next() override {
    if (!started_) TRY(start());
    TRY(groups_->execution().cancellation.check());
    std::optional<EventBatch> batch = runs_.empty() ? TRY(next_sorted()) : TRY(next_merged());
    if (batch) batch->set_sequence(sequence_++);
    return batch;
  }

 private:
  // For a heap with the first row on top.
  auto later() const {
    return [&spec = groups_->spec()](const SortedRun& a, const SortedRun& b) {
      return SortedRun::less(b, a, spec);
    };
  }

  Result<> start() {
    started_ = true;
    TRY(groups_->prepare());
    const ExpressionMemory scope(groups_->execution());  // For interrupted().
    if (groups_->partitions() == 1) {
      only_ = TRY(groups_->load(0));
      order_ = sorted(*only_);
      return groups_->execution().cancellation.check();
    }
    for (std::size_t p = 0; p < groups_->partitions(); ++p) {
      const GroupSet& partition = *TRY(groups_->load(p));
      const std::vector<std::uint32_t> order = sorted(partition);
      TRY(groups_->execution().cancellation.check());
      if (!order.empty()) TRY(write_run(partition, order));
      groups_->drop(p);
      if (runs_.size() == kRunsMax) TRY(merge_runs());
    }
    groups_->unload();
    std::make_heap(runs_.begin(), runs_.end(), later());
    return {};
  }

  static std::vector<std::uint32_t> sorted(const GroupSet& groups) {
    return groups.table().sorted(groups.first_groups(), groups.spec().keys_by_text);
  }

  // Rows from `begin` on of the groups in this order. Batch by batch: nobody waits for all of them
  // when the query ends before, and they never exist at once.
  EventBatch rows_from(const GroupSet& groups, std::span<const std::uint32_t> order,
                       std::size_t begin) {
    return groups.rows(order.subspan(begin, std::min(kBatchRows, order.size() - begin)),
                       groups_->execution().hints);
  }

  Result<> write_run(const GroupSet& groups, std::span<const std::uint32_t> order) {
    std::unique_ptr<SpillFile> file = TRY(SpillFile::create(groups_->execution().spill));
    for (std::size_t begin = 0; begin < order.size(); begin += kBatchRows) {
      const EventBatch rows = rows_from(groups, order, begin);
      TRY(groups_->execution().cancellation.check());
      TRY(append_in_blocks(rows, block_bytes(), *file));
    }
    return add_run(std::move(file));
  }

  std::size_t block_bytes() const {
    return std::clamp(groups_->execution().memory.limit_bytes() / (8 * kSpillPartitions),
                      kRunBlockBytesMin, kRunBlockBytesMax);
  }

  Result<> add_run(std::unique_ptr<SpillFile> file) {
    TRY(file->finish());
    SortedRun run(std::move(file));
    if (TRY(run.advance())) runs_.push_back(std::move(run));
    return {};
  }

  // All runs so far become one.
  Result<> merge_runs() {
    std::make_heap(runs_.begin(), runs_.end(), later());
    std::unique_ptr<SpillFile> file = TRY(SpillFile::create(groups_->execution().spill));
    while (!runs_.empty()) {
      TRY(groups_->execution().cancellation.check());
      if (const std::optional<EventBatch> batch = TRY(next_merged()))
        TRY(append_in_blocks(*batch, block_bytes(), *file));
    }
    return add_run(std::move(file));
  }

  Result<std::optional<EventBatch>> next_sorted() {
    if (begin_ >= order_.size()) return std::optional<EventBatch>();
    const ExpressionMemory scope(groups_->execution());  // For interrupted().
    EventBatch batch = rows_from(*only_, order_, begin_);
    TRY(groups_->execution().cancellation.check());
    begin_ += batch.rows();
    return std::optional(std::move(batch));
  }

  Result<std::optional<EventBatch>> next_merged() {
    std::vector<event::ColumnBuilder> columns(runs_.front().batch().field_count());
    std::vector<std::string> names;
    for (const event::Field& field : runs_.front().batch().fields()) names.push_back(field.name);
    std::size_t rows = 0;
    std::size_t bytes = 0;
    while (rows < kBatchRows && bytes < kMergedBytesMax && !runs_.empty()) {
      std::pop_heap(runs_.begin(), runs_.end(), later());
      SortedRun& run = runs_.back();
      for (std::size_t c = 0; c < columns.size(); ++c)
        columns[c].append(run.batch().fields()[c].column->view(run.row()));
      ++rows;
      bytes += run.row_bytes();
      if (TRY(run.advance()))
        std::push_heap(runs_.begin(), runs_.end(), later());
      else
        runs_.pop_back();
    }
    EventBatch batch(rows);
    for (std::size_t c = 0; c < columns.size(); ++c) batch.set(names[c], columns[c].finish(), true);
    batch.set_ordered(true);
    return std::optional(std::move(batch));
  }

  std::unique_ptr<MergedGroups> groups_;
  bool started_ = false;
  std::uint64_t sequence_ = 0;
  const GroupSet* only_ = nullptr;    // All groups, where no partitions are on disk,
  std::vector<std::uint32_t> order_;  // and the order of their rows.
  std::size_t begin_ = 0;
  std::vector<SortedRun> runs_;
};

}  // namespace

OperatorPtr sorted_rows(std::unique_ptr<MergedGroups> groups) {
  return std::make_unique<SortedRows>(std::move(groups));
}

OperatorPtr merge_aggregation(std::shared_ptr<const AggregationSpec> spec,
                              std::vector<std::unique_ptr<PartialAggregation>> parts,
                              Execution& execution) {
  return sorted_rows(std::make_unique<MergedGroups>(std::move(spec), std::move(parts), execution));
}

}  // namespace lynxdb::query
