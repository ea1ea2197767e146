// Which columns a timechart has: the series that are kept, and where the others go.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "query/aggregation_groups.h"

namespace lynxdb::query {

inline constexpr std::string_view kNullSeries = "NULL";
inline constexpr std::string_view kOtherSeries = "OTHER";

// The totals of the series: first add() all groups, then choose(). Not thread-safe. Totals spill
// within the query's memory; what is kept is bounded by the number of columns.
class SeriesChoice {
 public:
  static constexpr std::uint32_t kDropped = 0xffffffffU;

  explicit SeriesChoice(Execution& execution);

  // Adds the first aggregate's cells to the totals of their series. Key 1 of the groups is the
  // series.
  Result<> add(const GroupSet& groups, const event::Column& cells);
  // Keeps the `limit` series (0 = all) with the largest totals, ties by name; decides where groups
  // without a value and the rest go: into columns behind all others. False when that would be more
  // than `columns_max` series.
  Result<bool> choose(std::uint64_t limit, bool use_other, bool use_null, std::size_t columns_max);

  // After choose(): names in the order of columns, and the column of a series (kDropped: none).
  const std::vector<std::string>& names() const { return names_; }
  std::uint32_t column(const std::string& series) const;
  std::uint32_t null_column() const { return null_column_; }

 private:
  struct Candidate {
    std::string name;
    double total = 0;
    std::uint64_t place = 0;  // By name among all.
  };
  // Nullopt when there are too many to be columns.
  Result<std::optional<std::vector<Candidate>>> best(std::uint64_t limit, std::size_t columns_max);
  std::uint32_t add_column(std::string_view name);
  std::uint32_t add_special(std::string_view name, bool is_series, std::string_view hint);

  Execution& execution_;
  std::shared_ptr<const AggregationSpec> spec_;
  std::unique_ptr<PartialAggregation> totals_;  // Until choose().
  bool nulls_ = false;
  bool rest_ = false;  // There are series that are not kept.
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> columns_;
  std::uint32_t null_column_ = kDropped;
  std::uint32_t other_column_ = kDropped;
};

}  // namespace lynxdb::query
