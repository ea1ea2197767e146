// Durations and time spans: 5m, 1h30m, 2 weeks, 1mon.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "spl2/ast.h"

namespace lynxdb::spl2 {

// A duration, or `Nmon` calendar months. Spans of zero are none.
std::optional<TimeSpan> parse_time_span(std::string_view text);

}  // namespace lynxdb::spl2
