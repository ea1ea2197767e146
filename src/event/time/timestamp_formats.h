// The single formats behind timestamp.h. Each reads a timestamp at `p` and returns where it ends,
// or null when it does not fit there. Nothing beyond `end` is read.
#pragma once

#include <cstdint>

#include "event/time/timestamp.h"

namespace lynxdb::event {

struct TimestampText {
  const char* begin;
  const char* end;
  const TimestampDefaults& defaults;
};

// Which shorter forms ISO 8601 may take: only where the whole text must be a timestamp.
enum class IsoForms : std::uint8_t { kFull, kWithShort };

const char* scan_iso(const char* p, const TimestampText& text, IsoForms forms, std::int64_t& ns);
// 2005-06-03-15.42.50.675872
const char* scan_dashed(const char* p, const TimestampText& text, std::int64_t& ns);
// Jan  2 15:04:05; with a year after the day, and after the time if asked for.
enum class TrailingYear : std::uint8_t { kNo, kAllowed };
const char* scan_month_first(const char* p, const TimestampText& text, TrailingYear trailing,
                             std::int64_t& ns);
// 15/Jan/2026:10:30:00 +0000, 14 Feb 2026 14:52:01.234; two-digit years only if asked for.
enum class ShortYear : std::uint8_t { kNo, kAllowed };
const char* scan_day_first(const char* p, const TimestampText& text, ShortYear short_year,
                           std::int64_t& ns);
// Sun Dec 04 04:47:44 2005; Mon, 02 Jan 2006 15:04:05 GMT; Monday, 02-Jan-06 15:04:05 GMT
const char* scan_weekday_first(const char* p, const TimestampText& text, std::int64_t& ns);
// 17/06/09 20:10:40
const char* scan_short_year_first(const char* p, const TimestampText& text, std::int64_t& ns);
// 081109 203615
const char* scan_packed(const char* p, const TimestampText& text, std::int64_t& ns);
// E0102 15:04:05.678
const char* scan_klog(const char* p, const TimestampText& text, std::int64_t& ns);

}  // namespace lynxdb::event
