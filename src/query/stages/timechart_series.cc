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

// A series that is called NULL or OTHER shares its column with what we call so.
std::uint32_t SeriesChoice::special(std::string_view name) {
  const auto same = std::find(names_.begin(), names_.end(), name);
  if (same != names_.end()) return static_cast<std::uint32_t>(same - names_.begin());
  names_.emplace_back(name);
  return static_cast<std::uint32_t>(names_.size() - 1);
}

Result<bool> SeriesChoice::choose(std::uint64_t limit, bool use_other, bool use_null,
                                  std::size_t columns_max) {
  std::optional<std::vector<Candidate>> kept = TRY(best(limit, columns_max));
  if (!kept) return false;
  for (Candidate& candidate : *kept) {
    columns_.emplace(candidate.name, static_cast<std::uint32_t>(names_.size()));
    names_.push_back(std::move(candidate.name));
  }
  if (nulls_ && use_null) null_column_ = special(kNullSeries);
  if (rest_ && use_other) other_column_ = special(kOtherSeries);
  return true;
}

std::uint32_t SeriesChoice::column(const std::string& series) const {
  const auto found = columns_.find(series);
  return found == columns_.end() ? other_column_ : found->second;
}

}  // namespace lynxdb::query
