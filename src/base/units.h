// Sizes and durations as people write them: `512mb`, `1h30m`. The one reader for the configuration,
// flags and the query language.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lynxdb::base {

// A duration in ns: whole numbers with units, the largest first, each at most once; spaces may
// stand between: `90s`, `1h30m`, `2 days`. Units: ns us ms s m h d w and sec min hr hour day week
// with their plurals. Nullopt when `text` is none, or does not fit 64 bits.
std::optional<std::int64_t> parse_duration_ns(std::string_view text);

// The shortest text that parse_duration_ns reads back: "1h30m"; "0s" for 0. `ns` >= 0.
std::string duration_text(std::int64_t ns);

// As a setting: a bare `0` is a duration, too. Errors: kInvalidArgument, naming the text.
Result<std::chrono::nanoseconds> parse_duration_setting(std::string_view text);

// A size in bytes: a whole number, alone or with b, kb, mb, gb, tb (or kib, mib, ...) of 1024 each,
// in any case, a space between allowed. Errors: kInvalidArgument, naming the text.
Result<std::uint64_t> parse_size_bytes(std::string_view text);

// The exact size in its largest whole unit: "512mb", "1536kb", "1000", "0".
std::string size_text(std::uint64_t bytes);

}  // namespace lynxdb::base
