#include "query/stages/timechart_series.h"

#include <algorithm>

#include "query/expression_nodes.h"

namespace lynxdb::query {

using event::Type;
using event::ValueView;

namespace {

const std::string kSeries = "series";
const std::string kTotal = "total";

// The exact sum of the cells of each series: it does not depend on their order.
std::shared_ptr<const AggregationSpec> totals_spec() {
  auto spec = std::make_shared<AggregationSpec>();
  spec->command = "timechart";
  spec->keys.push_back({make_field(kSeries), kSeries});
  spl2::Aggregate sum;
  sum.function = "sum";
  sum.output = kTotal;
  spec->calls.emplace_back();
  spec->calls.back().aggregate = sum;
  spec->calls.back().argument = make_field(kTotal);
  return spec;
}

double number_of(ValueView total) {
  if (total.type() == Type::kInt) return static_cast<double>(total.as_int());
  return total.type() == Type::kFloat ? total.as_float() : 0;
}

}  // namespace

SeriesChoice::SeriesChoice(Execution& execution)
    : execution_(execution),
      spec_(totals_spec()),
      totals_(std::make_unique<PartialAggregation>(spec_, execution)) {}

Result<> SeriesChoice::add(const GroupSet& groups, const event::Column& cells) {
  const GroupTable& table = groups.table();
  std::string scratch;
  for (std::uint32_t begin = 0; begin < table.size();) {
    event::ColumnBuilder names;
    event::ColumnBuilder totals;
    for (; begin < table.size() && names.size() < kBatchRows; ++begin) {
      if (table.value(0, begin, scratch).is_null()) continue;
      if (table.value(1, begin, scratch).is_null()) {
        nulls_ = true;
        continue;
      }
      const ValueView number = to_number(cells.view(begin));
      names.append_string(table.text(1, begin));
      const bool counts = number.type() == Type::kInt || number.type() == Type::kFloat;
      totals.append(counts ? number : ValueView());
    }
    event::EventBatch batch(names.size());
    batch.set(kSeries, names.finish());
    batch.set(kTotal, totals.finish());
    TRY(totals_->consume(batch));
  }
  return {};
}

Result<std::optional<std::vector<SeriesChoice::Candidate>>> SeriesChoice::best(
    std::uint64_t limit, std::size_t columns_max) {
  std::vector<std::unique_ptr<PartialAggregation>> parts;
  parts.push_back(std::move(totals_));
  const OperatorPtr rows = merge_aggregation(spec_, std::move(parts), execution_);
  // A heap with the candidate that goes first on top. Rows come by name.
  const auto better = [](const Candidate& a, const Candidate& b) {
    return a.total != b.total ? a.total > b.total : a.place < b.place;
  };
  std::vector<Candidate> kept;
  std::uint64_t place = 0;
  while (const std::optional<event::EventBatch> batch = TRY(rows->next())) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      kept.push_back({std::string(batch->fields()[0].column->view(row).as_string()),
                      number_of(batch->fields()[1].column->view(row)), place++});
      std::push_heap(kept.begin(), kept.end(), better);
      if (limit != 0 && kept.size() > limit) {
        std::pop_heap(kept.begin(), kept.end(), better);
        kept.pop_back();
        rest_ = true;
      }
      if (kept.size() > columns_max) return std::optional<std::vector<Candidate>>();
    }
  }
  std::sort(kept.begin(), kept.end(),
            [](const Candidate& a, const Candidate& b) { return a.place < b.place; });
  return std::optional(std::move(kept));
}

std::uint32_t SeriesChoice::add_column(std::string_view name) {
  names_.emplace_back(name);
  return static_cast<std::uint32_t>(names_.size() - 1);
}

// Two columns of one name would be one in every output: a series that is called NULL or OTHER
// shares the column of what we call so, and the user is told.
std::uint32_t SeriesChoice::add_special(std::string_view name, bool is_series,
                                        std::string_view hint) {
  const std::uint32_t column = add_column(name);
  if (!is_series) return column;
  columns_.emplace(name, column);
  execution_.hints.add(std::string(hint));
  return column;
}

Result<bool> SeriesChoice::choose(std::uint64_t limit, bool use_other, bool use_null,
                                  std::size_t columns_max) {
  std::optional<std::vector<Candidate>> kept = TRY(best(limit, columns_max));
  if (!kept) return false;
  const bool shows_nulls = nulls_ && use_null;
  const bool shows_rest = rest_ && use_other;
  bool null_is_series = false;
  bool other_is_series = false;
  for (const Candidate& candidate : *kept) {
    if (shows_nulls && candidate.name == kNullSeries)
      null_is_series = true;
    else if (shows_rest && candidate.name == kOtherSeries)
      other_is_series = true;
    else
      columns_.emplace(candidate.name, add_column(candidate.name));
  }
  if (shows_nulls)
    null_column_ = add_special(kNullSeries, null_is_series,
                               "timechart: the column NULL has the events with the value \"NULL\" "
                               "and those without one; usenull=false leaves the latter out");
  if (shows_rest)
    other_column_ = add_special(kOtherSeries, other_is_series,
                                "timechart: the column OTHER has the events with the value "
                                "\"OTHER\" and the rest; useother=false leaves the latter out");
  return true;
}

std::uint32_t SeriesChoice::column(const std::string& series) const {
  const auto found = columns_.find(series);
  return found == columns_.end() ? other_column_ : found->second;
}

}  // namespace lynxdb::query
