// The wide rows of timechart: one per bucket, one column per series (and aggregate).
#pragma once

#include <string_view>

#include "query/aggregation_partitions.h"

namespace lynxdb::query {

struct TimechartOptions {
  spl2::TimeSpan span;
  std::uint64_t limit = 10;
  bool use_other = true;
  bool use_null = true;
  bool fill = true;
  bool long_format = false;
  // Of the query's text, for errors.
  base::TextSpan command_span{};
  base::TextSpan by_span{};
};

inline constexpr std::string_view kUntimedHint = "timechart leaves out rows without _time";

// Keys of the groups: the bucket, and the series if there are two.
OperatorPtr timechart_rows(std::unique_ptr<MergedGroups> groups, const TimechartOptions& options);

}  // namespace lynxdb::query
