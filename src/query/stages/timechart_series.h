// Which columns a timechart has: the series that are kept, and where the others go.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "query/aggregates/exact_sum.h"
#include "query/aggregation_groups.h"

namespace lynxdb::query {

inline constexpr std::string_view kNullSeries = "NULL";
inline constexpr std::string_view kOtherSeries = "OTHER";

// The totals of the series: first add() all groups, then choose(). Not thread-safe.
class SeriesChoice {
 public:
  static constexpr std::uint32_t kDropped = 0xffffffffU;

  // Adds the first aggregate's cells to the totals of their series. Key 1 of the groups is the
  // series.
  void add(const GroupSet& groups, const event::Column& cells);
  // Keeps the `limit` series (0 = all) with the largest totals, ties by name; decides where groups
  // without a value and the rest go.
  void choose(std::uint64_t limit, bool use_other, bool use_null);

  // After choose(): names in the order of columns, and the column of a series (kDropped: none).
  const std::vector<std::string>& names() const { return names_; }
  std::uint32_t column(std::string_view series) const;
  std::uint32_t null_column() const { return null_column_; }

  std::size_t memory_bytes() const;

 private:
  struct Series {
    ExactSum total;  // Exact, so that the choice does not depend on the order of cells.
    std::uint32_t column = kDropped;
  };

  std::unordered_map<std::string, Series> series_;
  std::size_t names_bytes_ = 0;
  bool nulls_ = false;
  std::vector<std::string> names_;
  std::uint32_t null_column_ = kDropped;
};

}  // namespace lynxdb::query
