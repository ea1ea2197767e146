#include "query/stages/timechart_series.h"

#include <algorithm>

namespace lynxdb::query {

using event::Type;
using event::Value;
using event::ValueView;

void SeriesChoice::add(const GroupSet& groups, const event::Column& cells) {
  const GroupTable& table = groups.table();
  std::string scratch;
  for (std::uint32_t g = 0; g < table.size(); ++g) {
    if (table.value(0, g, scratch).is_null()) continue;
    if (table.value(1, g, scratch).is_null()) {
      nulls_ = true;
      continue;
    }
    const auto [place, added] = series_.try_emplace(table.text(1, g));
    if (added) names_bytes_ += place->first.capacity();
    const ValueView number = to_number(cells.view(g));
    if (number.type() == Type::kInt) place->second.total.add(number.as_int());
    if (number.type() == Type::kFloat) place->second.total.add(number.as_float());
  }
}

void SeriesChoice::choose(std::uint64_t limit, bool use_other, bool use_null) {
  struct Candidate {
    Value name;
    double total;
    Series* series;
  };
  std::vector<Candidate> candidates;
  candidates.reserve(series_.size());
  for (auto& [name, series] : series_)
    candidates.push_back({Value::string(name), series.total.to_double(), &series});

  const auto by_name = [](const Candidate& a, const Candidate& b) {
    const int order = sort_compare(a.name, b.name);
    return order != 0 ? order < 0 : a.name.as_string() < b.name.as_string();
  };
  const auto by_total = [&](const Candidate& a, const Candidate& b) {
    return a.total != b.total ? a.total > b.total : by_name(a, b);
  };
  const bool rest = limit != 0 && candidates.size() > limit;
  if (rest) {
    std::sort(candidates.begin(), candidates.end(), by_total);
    candidates.resize(limit);
  }
  std::sort(candidates.begin(), candidates.end(), by_name);
  for (const Candidate& candidate : candidates) {
    candidate.series->column = static_cast<std::uint32_t>(names_.size());
    names_.push_back(candidate.name.as_string());
  }

  // A series that is called NULL or OTHER shares its column with what we call so.
  const auto special = [this](std::string_view name) {
    const auto same = std::find(names_.begin(), names_.end(), name);
    if (same != names_.end()) return static_cast<std::uint32_t>(same - names_.begin());
    names_.emplace_back(name);
    return static_cast<std::uint32_t>(names_.size() - 1);
  };
  if (nulls_ && use_null) null_column_ = special(kNullSeries);
  if (!rest || !use_other) return;
  const std::uint32_t other = special(kOtherSeries);
  for (auto& [name, series] : series_)
    if (series.column == kDropped) series.column = other;
}

std::uint32_t SeriesChoice::column(std::string_view series) const {
  const auto found = series_.find(std::string(series));
  return found == series_.end() ? kDropped : found->second.column;
}

std::size_t SeriesChoice::memory_bytes() const {
  return names_bytes_ + series_.size() * (sizeof(std::string) + sizeof(Series) + 3 * sizeof(void*));
}

}  // namespace lynxdb::query
