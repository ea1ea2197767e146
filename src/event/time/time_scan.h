// The small pieces that time formats share: digits, fractions, zones. Positions are pointers into a
// text that ends at `end`; a function that does not fit returns null and reads nothing beyond
// `end`.
#pragma once

#include <cstdint>

#include "base/ascii.h"

namespace lynxdb::event {

using base::is_alpha;
using base::is_digit;
using base::is_space;

// The number written in two digits at `p`, or -1. Both bytes must be readable.
constexpr std::int32_t two_digits(const char* p) {
  return is_digit(p[0]) && is_digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

// 70..99 are of the 20th century.
constexpr std::int32_t year_of_two_digits(std::int32_t year) {
  return year >= 70 ? year + 1900 : year + 2000;
}

// Z, +hhmm, +hh:mm or +hh (also with `-`); up to 23:59. Sets the seconds east of UTC.
const char* scan_zone_offset(const char* p, const char* end, std::int32_t& offset_s);
// UTC, GMT or Z as a whole word, any case.
const char* scan_zone_name(const char* p, const char* end);
// What may follow a time: a zone offset at once, or a space and UTC, GMT, +hhmm or +hh:mm. Returns
// `p` and leaves `offset_s` when there is none.
const char* scan_optional_zone(const char* p, const char* end, std::int32_t& offset_s);
// `.` or `,` and digits; those after the ninth are read over. Returns `p` when there is none.
const char* scan_optional_fraction(const char* p, const char* end, std::int32_t& nanosecond);

}  // namespace lynxdb::event
