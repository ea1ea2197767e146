#include "query/stages/timechart_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "query/operators/budget_error.h"
#include "query/stages/timechart_series.h"
#include "query/time_bucket.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;

constexpr std::size_t kBucketsMax = 50'000;
constexpr std::size_t kColumnsMax = 1000;

// Two passes over the groups: the first finds the buckets and the totals that decide which series
// get a column, the second merges states into cells, those of the other series into OTHER.
class TimechartRows final : public Operator {
 public:
  TimechartRows(std::unique_ptr<MergedGroups> groups, TimechartOptions options)
      : groups_(std::move(groups)),
        options_(std::move(options)),
        wide_(groups_->spec().keys.size() > 1),
        memory_(groups_->execution().memory) {}

  Result<std::optional<EventBatch>> next() override {
    TRY(groups_->execution().cancellation.check());
    if (!started_) TRY(start());
    if (begin_ >= buckets_.size()) return std::optional<EventBatch>();
    const std::size_t size = std::min(kBatchRows, buckets_.size() - begin_);
    EventBatch batch = rows(begin_, size);
    batch.set_sequence(sequence_++);
    begin_ += size;
    return std::optional(std::move(batch));
  }

 private:
  Result<> start() {
    started_ = true;
    TRY(groups_->prepare());
    TRY(look());
    if (buckets_.empty()) return {};
    TRY(lay_out());
    TRY(merge_cells());
    for (const auto& states : cells_)
      results_.push_back(states->finish(groups_->execution().hints));
    return {};
  }

  // First pass.
  Result<> look() {
    std::set<std::int64_t> starts;
    std::string scratch;
    for (std::size_t p = 0; p < groups_->partitions(); ++p) {
      const GroupSet& groups = *TRY(groups_->load(p));
      for (std::uint32_t g = 0; g < groups.size(); ++g) {
        const event::ValueView bucket = groups.table().value(0, g, scratch);
        if (bucket.is_null())
          groups_->execution().hints.add(std::string(kUntimedHint));
        else
          starts.insert(bucket.as_int());
      }
      // Hints of this pass would be those of the rows that are left out, too.
      Hints unused;
      if (wide_) series_.add(groups, *groups.states(0).finish(unused));
      if (!memory_.resize(series_.memory_bytes()))
        return out_of_memory(groups_->execution().memory, "timechart");
    }
    return set_buckets(starts);
  }

  Result<> set_buckets(const std::set<std::int64_t>& starts) {
    if (starts.empty()) return {};
    if (!options_.fill) {
      buckets_.assign(starts.begin(), starts.end());
    } else {
      std::optional<std::int64_t> start = *starts.begin();
      while (start && *start <= *starts.rbegin() && buckets_.size() <= kBucketsMax) {
        buckets_.push_back(*start);
        start = next_bucket(*start, options_.span);
      }
    }
    if (buckets_.size() <= kBucketsMax) return {};
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("timechart: more than {} buckets of {}", kBucketsMax, options_.span.text),
        "use a larger span, for example span=1d"};
  }

  // Which columns there are.
  Result<> lay_out() {
    const auto& calls = groups_->spec().calls;
    if (!wide_) {
      for (const auto& call : calls) names_.push_back(call.aggregate.output);
      columns_ = 1;
      return {};
    }
    series_.choose(options_.limit, options_.use_other, options_.use_null);
    columns_ = series_.names().size();
    if (columns_ * calls.size() > kColumnsMax)
      return Error{
          ErrorCode::kInvalidArgument, fmt::format("timechart: more than {} columns", kColumnsMax),
          "use limit=N to keep the largest series, or format=long for rows instead of columns"};
    for (const auto& call : calls)
      for (const std::string& series : series_.names())
        names_.push_back(column_name(call.aggregate.output, series, calls.size()));
    return {};
  }

  static std::string column_name(const std::string& aggregate, const std::string& series,
                                 std::size_t aggregates) {
    if (aggregates > 1 || series == event::kTime) return fmt::format("{}: {}", aggregate, series);
    return series;
  }

  // Second pass.
  Result<> merge_cells() {
    for (const AggregationSpec::Call& call : groups_->spec().calls)
      cells_.push_back(make_states(call.aggregate));
    for (std::size_t p = 0; p < groups_->partitions(); ++p) {
      const GroupSet& groups = *TRY(groups_->load(p));
      std::vector<std::uint32_t> mapping(groups.size());
      for (std::uint32_t g = 0; g < groups.size(); ++g) mapping[g] = cell_of(groups.table(), g);
      std::size_t bytes = series_.memory_bytes() + cell_ids_.size() * 4 * sizeof(std::uint64_t);
      for (std::size_t i = 0; i < cells_.size(); ++i) {
        cells_[i]->resize(cell_count_);
        cells_[i]->merge(groups.states(i), mapping);
        bytes += cells_[i]->memory_bytes();
      }
      if (!memory_.resize(bytes)) return out_of_memory(groups_->execution().memory, "timechart");
    }
    return {};
  }

  // The cell of a group. Cell 0 takes what is shown nowhere.
  std::uint32_t cell_of(const GroupTable& table, std::uint32_t group) {
    std::string scratch;
    const event::ValueView bucket = table.value(0, group, scratch);
    if (bucket.is_null()) return 0;
    std::uint32_t column = 0;
    if (wide_)
      column = table.value(1, group, scratch).is_null() ? series_.null_column()
                                                        : series_.column(table.text(1, group));
    if (column == SeriesChoice::kDropped) return 0;
    const auto row = static_cast<std::size_t>(
        std::lower_bound(buckets_.begin(), buckets_.end(), bucket.as_int()) - buckets_.begin());
    const auto [place, added] = cell_ids_.try_emplace(row * columns_ + column, cell_count_);
    if (added) ++cell_count_;
    return place->second;
  }

  EventBatch rows(std::size_t begin, std::size_t size) {
    EventBatch batch(size);
    const auto first = buckets_.begin() + static_cast<std::ptrdiff_t>(begin);
    batch.set(event::kTime, Column::timestamps({first, first + static_cast<std::ptrdiff_t>(size)}),
              true);
    std::vector<std::uint32_t> cells(size);
    const auto& calls = groups_->spec().calls;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      for (std::size_t column = 0; column < columns_; ++column) {
        for (std::size_t row = 0; row < size; ++row) {
          const auto found = cell_ids_.find((begin + row) * columns_ + column);
          cells[row] = found == cell_ids_.end() ? event::kNoRow : found->second;
        }
        batch.set(names_[i * columns_ + column], column_of(i, cells), true);
      }
    }
    batch.set_ordered(true);
    return batch;
  }

  ColumnPtr column_of(std::size_t call, std::span<const std::uint32_t> cells) const {
    if (!counts(groups_->spec().calls[call].aggregate)) return event::take(results_[call], cells);
    // Nothing to count is 0, not null.
    std::vector<std::int64_t> values(cells.size());
    for (std::size_t row = 0; row < cells.size(); ++row)
      if (cells[row] != event::kNoRow) values[row] = results_[call]->int_values()[cells[row]];
    return Column::ints(std::move(values));
  }

  std::unique_ptr<MergedGroups> groups_;
  const TimechartOptions options_;
  const bool wide_;
  base::MemoryReservation memory_;

  bool started_ = false;
  std::vector<std::int64_t> buckets_;  // Starts of the rows, ascending.
  SeriesChoice series_;
  std::size_t columns_ = 0;         // Per aggregate.
  std::vector<std::string> names_;  // Of all columns, aggregate by aggregate.
  WordMap cell_ids_;                // row * columns_ + column -> number of a cell that has events.
  std::uint32_t cell_count_ = 1;
  std::vector<std::unique_ptr<AggregateStates>> cells_;
  std::vector<ColumnPtr> results_;

  std::size_t begin_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

OperatorPtr timechart_rows(std::unique_ptr<MergedGroups> groups, const TimechartOptions& options) {
  return std::make_unique<TimechartRows>(std::move(groups), options);
}

}  // namespace lynxdb::query
