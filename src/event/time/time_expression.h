// Time expressions: `from`, `to`, `earliest`, `latest`, `--since`, comparisons with timestamps.
//
//   now, -15m, +1h, now-1d@d, @h, -1w@w1, 2026-01-15T00:00:00Z, 2026-01-15 10:00, 2026-01-15,
//   1737000000 (epoch, unit by magnitude)
//
// Offsets are durations of one or more units (`1h30m`, `2days`); `mon` and `y` are calendar steps.
// `@unit` rounds down in UTC; `@w` and `@w0` are Sunday, `@w1` Monday, ... `@w6` Saturday.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace lynxdb::event {

// ns since 1970. Times before 1970 or after 2262 are cut to those limits (`-100y` means "from the
// start"). Errors: kInvalidArgument, naming the text.
Result<std::int64_t> parse_time_expression(std::string_view text, std::int64_t now_ns);

// As above; a bare duration (`15m`) means that long ago: `--since 15m`.
Result<std::int64_t> parse_since(std::string_view text, std::int64_t now_ns);

// The same without an error text, for comparisons row by row: a timestamp column with a string.
std::optional<std::int64_t> try_time_expression(std::string_view text, std::int64_t now_ns);

}  // namespace lynxdb::event
