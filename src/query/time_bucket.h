// Time buckets: what `bin`, `timechart` and time_bucket() floor to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// The start of the bucket that holds `ns` (UTC). Buckets are multiples of the span since 1970;
// those of whole weeks start on a Monday, those of months on the first of a month. Rounds down for
// times before 1970, too. A start before the earliest timestamp is that timestamp. The span is
// positive.
std::int64_t floor_time(std::int64_t ns, const spl2::TimeSpan& span);

// The start of the bucket after the one that starts at `start_ns`; nullopt beyond the last
// timestamp.
std::optional<std::int64_t> next_bucket(std::int64_t start_ns, const spl2::TimeSpan& span);

// floor_time of each value, in place.
void floor_times(std::span<std::int64_t> ns, const spl2::TimeSpan& span);

// "5m", "1h30m", "1w", "1mon". Error: kInvalidArgument.
Result<spl2::TimeSpan> parse_time_span(std::string_view text);

}  // namespace lynxdb::query
