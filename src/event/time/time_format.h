// strftime and strptime of the query language, always in UTC and in English.
//
// Codes: %Y %y %m %d %e %j %H %I %M %S %p %f (us) %L (ms) %N (ns) %3N %6N %9N %a %A %b %B %u %w %V
// %Z %z %s %F %T %D %R %c %%. Others are printed as they stand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lynxdb::event {

std::string format_time(std::int64_t ns, std::string_view format);
void append_time(std::int64_t ns, std::string_view format, std::string& out);

// The timestamp in ns since 1970; missing parts are those of 1970-01-01 00:00 UTC. All of `text`
// must fit, outer spaces aside; a space in `format` fits any run of spaces, also none. Nullopt: no
// fit, an impossible date, or outside 1970..2262. %z takes Z, +hhmm, +hh:mm, +hh; %Z takes UTC,
// GMT, Z.
std::optional<std::int64_t> parse_time(std::string_view text, std::string_view format);

}  // namespace lynxdb::event
