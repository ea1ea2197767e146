#include "query/stages/timechart_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "query/aggregation_impl.h"
#include "query/expression_memory.h"
#include "query/expression_nodes.h"
#include "query/operators/xyseries_on_disk.h"
#include "query/stages/timechart_series.h"
#include "query/time_bucket.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;

constexpr std::size_t kBucketsMax = 50'000;
constexpr std::size_t kColumnsMax = 1000;

// The chunk of cells that a batch of rows is made of ends behind this much.
constexpr std::size_t kGatheredBytesMax = 8U << 20U;

// What the cells are: the groups once more, by bucket and column.
std::shared_ptr<const AggregationSpec> cell_spec(const AggregationSpec& groups) {
  auto spec = std::make_shared<AggregationSpec>(groups);
  spec->keys = {{make_field("bucket"), "bucket"}, {make_field("column"), "column"}};
  spec->keys_by_text = 0;
  for (std::size_t i = 0; i < spec->calls.size(); ++i)
    spec->calls[i].aggregate.output = "cell" + std::to_string(i);
  return spec;
}

// Two passes over the groups: the first finds the buckets and the totals that decide which series
// get a column, the second merges states into cells, those of the other series into OTHER. Cells
// spill as groups do, and come back in the order of the rows.
class TimechartRows final : public Operator {
 public:
  TimechartRows(std::unique_ptr<MergedGroups> groups, TimechartOptions options)
      : groups_(std::move(groups)),
        options_(std::move(options)),
        execution_(groups_->execution()),
        calls_(groups_->spec().calls),
        wide_(groups_->spec().keys.size() > 1),
        series_(execution_) {}

  Result<std::optional<EventBatch>> next() override {
    TRY(execution_.cancellation.check());
    if (!started_) TRY(start());
    if (begin_ >= buckets_.size()) return std::optional<EventBatch>();
    EventBatch batch = TRY(next_rows());
    batch.set_sequence(sequence_++);
    return std::optional(std::move(batch));
  }

 private:
  Result<> start() {
    started_ = true;
    TRY(groups_->prepare());
    TRY(look());
    if (buckets_.empty()) return {};
    TRY(lay_out());
    return merge_cells();
  }

  // First pass.
  Result<> look() {
    std::set<std::int64_t> starts;
    std::string scratch;
    for (std::size_t p = 0; p < groups_->partitions(); ++p) {
      const GroupSet& groups = *TRY(groups_->load(p));
      for (std::uint32_t g = 0; g < groups.size(); ++g) {
        if (g % kBatchRows == 0) TRY(execution_.cancellation.check());
        const event::ValueView bucket = groups.table().value(0, g, scratch);
        if (bucket.is_null())
          execution_.hints.add(std::string(kUntimedHint));
        else
          starts.insert(bucket.as_int());
        if (starts.size() > kBucketsMax) return too_many_buckets();
      }
      // Hints of this pass would be those of the rows that are left out, too.
      Hints unused;
      if (wide_) TRY(series_.add(groups, *groups.states(0).finish(unused)));
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
    return too_many_buckets();
  }

  Error too_many_buckets() const {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("timechart: more than {} buckets of {}", kBucketsMax, options_.span.text),
        "a larger span, for example span=1d", options_.command_span};
  }

  // Which columns there are.
  Result<> lay_out() {
    if (!wide_) {
      for (const auto& call : calls_) names_.push_back(call.aggregate.output);
      columns_ = 1;
      return {};
    }
    const bool chosen =
        TRY(series_.choose(options_.limit, options_.use_other, options_.use_null, kColumnsMax));
    columns_ = series_.names().size();
    if (!chosen || columns_ * calls_.size() > kColumnsMax)
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("timechart: more than {} columns", kColumnsMax),
                   "limit=N to keep the largest series, or format=long for rows instead of columns",
                   options_.by_span};
    for (const auto& call : calls_)
      for (const std::string& series : series_.names())
        names_.push_back(column_name(call.aggregate.output, series, calls_.size()));
    return {};
  }

  static std::string column_name(const std::string& aggregate, const std::string& series,
                                 std::size_t aggregates) {
    if (aggregates > 1 || series == event::kTime) return fmt::format("{}: {}", aggregate, series);
    return series;
  }

  // Second pass.
  Result<> merge_cells() {
    const auto spec = cell_spec(groups_->spec());
    auto cells = std::make_unique<PartialAggregation>(spec, execution_);
    for (std::size_t p = 0; p < groups_->partitions(); ++p) {
      const GroupSet& groups = *TRY(groups_->load(p));
      ExpressionMemory scope(execution_);  // For interrupted().
      cells->impl().groups->merge_as(TRY(cells_of(groups.table())), groups);
      TRY(execution_.cancellation.check());
      TRY(cells->impl().settle());
    }
    groups_.reset();
    std::vector<std::unique_ptr<PartialAggregation>> parts;
    parts.push_back(std::move(cells));
    cells_ = merge_aggregation(spec, std::move(parts), execution_);
    return {};
  }

  // Bucket and column of each group; null for those that are shown nowhere.
  Result<std::vector<ColumnPtr>> cells_of(const GroupTable& table) const {
    event::ColumnBuilder buckets;
    event::ColumnBuilder columns;
    std::string scratch;
    for (std::uint32_t group = 0; group < table.size(); ++group) {
      if (group % kBatchRows == 0) TRY(execution_.cancellation.check());
      const event::ValueView bucket = table.value(0, group, scratch);
      const std::uint32_t column =
          bucket.is_null() ? SeriesChoice::kDropped : column_of(table, group);
      if (column == SeriesChoice::kDropped) {
        buckets.append_null();
        columns.append_null();
      } else {
        buckets.append_timestamp(bucket.as_int());
        columns.append_int(column);
      }
    }
    return std::vector<ColumnPtr>{buckets.finish(), columns.finish()};
  }

  std::uint32_t column_of(const GroupTable& table, std::uint32_t group) const {
    if (!wide_) return 0;
    std::string scratch;
    return table.value(1, group, scratch).is_null() ? series_.null_column()
                                                    : series_.column(table.text(1, group));
  }

  // --- Rows

  Result<EventBatch> next_rows() {
    const std::size_t size =
        std::min(rows_per_wide_batch(columns_ * calls_.size()), buckets_.size() - begin_);
    std::vector<std::uint32_t> picks(size * columns_, event::kNoRow);  // By column, then row.
    std::vector<EventBatch> gathered;
    std::uint32_t cells = 0;
    std::size_t bytes = 0;
    std::size_t rows = 0;
    for (; rows < size && bytes < kGatheredBytesMax; ++rows) {
      while (TRY(load_cells())) {
        const std::size_t end = end_of_bucket(buckets_[begin_ + rows]);
        const EventBatch run = loaded_.slice(position_, end - position_);
        for (std::size_t i = 0; i < run.rows(); ++i) {
          const event::ValueView column = run.fields()[1].column->view(i);
          if (column.is_null()) continue;
          picks[static_cast<std::size_t>(column.as_int()) * size + rows] =
              cells + static_cast<std::uint32_t>(i);
        }
        cells += static_cast<std::uint32_t>(run.rows());
        if (run.rows() > 0) {
          bytes += run.memory_bytes();
          gathered.push_back(run);
        }
        position_ = end;
        if (position_ < loaded_.rows()) break;
      }
    }
    EventBatch batch = pivot(event::concat(gathered), picks, size, rows);
    begin_ += rows;
    return batch;
  }

  // False when there are no more cells.
  Result<bool> load_cells() {
    while (!cells_ended_ && position_ == loaded_.rows()) {
      std::optional<EventBatch> batch = TRY(cells_->next());
      cells_ended_ = !batch;
      position_ = 0;
      loaded_ = batch ? *std::move(batch) : EventBatch();
    }
    return !cells_ended_;
  }

  // Where the loaded cells of this bucket end; those without a bucket are in front of all others.
  std::size_t end_of_bucket(std::int64_t start) const {
    const event::Column& buckets = *loaded_.fields()[0].column;
    std::size_t end = position_;
    while (end < loaded_.rows() && (buckets.is_null(end) || buckets.view(end).as_int() <= start))
      ++end;
    return end;
  }

  EventBatch pivot(const EventBatch& cells, const std::vector<std::uint32_t>& picks,
                   std::size_t stride, std::size_t rows) {
    EventBatch batch(rows);
    const auto first = buckets_.begin() + static_cast<std::ptrdiff_t>(begin_);
    batch.set(event::kTime, Column::timestamps({first, first + static_cast<std::ptrdiff_t>(rows)}),
              true);
    for (std::size_t i = 0; i < calls_.size(); ++i)
      for (std::size_t column = 0; column < columns_; ++column)
        batch.set(names_[i * columns_ + column],
                  cell_column(i, cells, std::span(picks).subspan(column * stride, rows)), true);
    batch.set_ordered(true);
    return batch;
  }

  ColumnPtr cell_column(std::size_t call, const EventBatch& cells,
                        std::span<const std::uint32_t> picks) const {
    const ColumnPtr column = cells.rows() == 0 ? Column::nulls(0) : cells.fields()[call + 2].column;
    if (!counts(calls_[call].aggregate)) return event::take(column, picks);
    // Nothing to count is 0, not null.
    std::vector<std::int64_t> values(picks.size());
    for (std::size_t row = 0; row < picks.size(); ++row)
      if (picks[row] != event::kNoRow) values[row] = column->int_values()[picks[row]];
    return Column::ints(std::move(values));
  }

  std::unique_ptr<MergedGroups> groups_;  // Until there are cells.
  const TimechartOptions options_;
  Execution& execution_;
  const std::vector<AggregationSpec::Call> calls_;
  const bool wide_;

  bool started_ = false;
  std::vector<std::int64_t> buckets_;  // Starts of the rows, ascending.
  SeriesChoice series_;
  std::size_t columns_ = 0;         // Per aggregate.
  std::vector<std::string> names_;  // Of all columns, aggregate by aggregate.
  OperatorPtr cells_;               // Rows (bucket, column, aggregates), ascending.
  bool cells_ended_ = false;
  EventBatch loaded_;
  std::size_t position_ = 0;  // Of the next one among the loaded cells.

  std::size_t begin_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

OperatorPtr timechart_rows(std::unique_ptr<MergedGroups> groups, const TimechartOptions& options) {
  return std::make_unique<TimechartRows>(std::move(groups), options);
}

}  // namespace lynxdb::query
