// The time bucket of each row, as the first key of timechart.
#pragma once

#include "query/expression.h"

namespace lynxdb::query {

// floor_time of `_time`; null for rows without one.
ExpressionPtr time_key(const spl2::TimeSpan& span);

}  // namespace lynxdb::query
