#include "event/time/timestamp_formats.h"

#include <limits>
#include <optional>
#include <string_view>

#include "event/time/civil.h"
#include "event/time/time_scan.h"

namespace lynxdb::event {
namespace {

struct Parts {
  CivilTime civil;
  std::int32_t zone_offset_s = 0;
};

std::string_view word_at(const char* p, const char* end) {
  const char* after = p;
  while (after != end && is_alpha(*after)) ++after;
  return {p, static_cast<std::size_t>(after - p)};
}

const char* skip_spaces(const char* p, const char* end) {
  while (p != end && *p == ' ') ++p;
  return p;
}

// A time must not run on into a longer number or word: "10:30:005", "10:30:00EST".
bool ends_cleanly(const char* p, const char* end) {
  return p == end || !(is_digit(*p) || is_alpha(*p) || *p == '_');
}

const char* scan_year(const char* p, const char* end, std::int32_t& year) {
  if (end - p < 4) return nullptr;
  const std::int32_t high = two_digits(p);
  const std::int32_t low = two_digits(p + 2);
  if (high < 0 || low < 0) return nullptr;
  year = high * 100 + low;
  return year >= 1969 && year <= 2263 ? p + 4 : nullptr;
}

// One digit, or two; ` 2` is read by the caller's skipping of spaces.
const char* scan_day(const char* p, const char* end, std::int32_t& day) {
  if (p == end || !is_digit(*p)) return nullptr;
  day = *p - '0';
  if (end - p >= 2 && is_digit(p[1])) {
    day = day * 10 + (p[1] - '0');
    ++p;
  }
  return p + 1;
}

// hh:mm:ss with the separator given, then a fraction.
const char* scan_clock(const char* p, const char* end, char separator, CivilTime& civil) {
  if (end - p < 8 || p[2] != separator || p[5] != separator) return nullptr;
  civil.hour = two_digits(p);
  civil.minute = two_digits(p + 3);
  civil.second = two_digits(p + 6);
  if (civil.hour < 0 || civil.minute < 0 || civil.second < 0) return nullptr;
  return scan_optional_fraction(p + 8, end, civil.nanosecond);
}

const char* finish(const char* p, const TimestampText& text, const Parts& parts, std::int64_t& ns) {
  if (!ends_cleanly(p, text.end)) return nullptr;
  const std::optional<std::int64_t> value = ns_of(parts.civil, parts.zone_offset_s);
  if (!value) return nullptr;
  ns = *value;
  return p;
}

// The year that puts the time at most one day after the receipt, and least before it. Reaches back
// over leap years for 29 February.
const char* finish_without_year(const char* p, const TimestampText& text, Parts parts,
                                std::int64_t& ns) {
  constexpr std::int32_t kYearsBackMax = 8;
  const std::int64_t receipt = text.defaults.receipt_ns;
  const std::int64_t latest = receipt > std::numeric_limits<std::int64_t>::max() - 2 * kNsPerDay
                                  ? receipt
                                  : receipt + kNsPerDay;
  const std::int32_t newest_year = civil_of(latest).year + 1;  // The zone may be a year ahead.
  for (std::int32_t back = 0; back <= kYearsBackMax + 1; ++back) {
    parts.civil.year = newest_year - back;
    std::int64_t candidate = 0;
    if (finish(p, text, parts, candidate) != nullptr && candidate <= latest) {
      ns = candidate;
      return p;
    }
  }
  return nullptr;
}

// hh:mm with nothing after it but a zone.
const char* scan_short_clock(const char* p, const char* end, CivilTime& civil) {
  if (end - p < 5 || p[2] != ':') return nullptr;
  civil.hour = two_digits(p);
  civil.minute = two_digits(p + 3);
  return civil.hour < 0 || civil.minute < 0 ? nullptr : p + 5;
}

}  // namespace

const char* scan_iso(const char* p, const TimestampText& text, IsoForms forms, std::int64_t& ns) {
  const char* end = text.end;
  if (end - p < 10 || (p[4] != '-' && p[4] != '/') || p[7] != p[4]) return nullptr;
  Parts parts{.civil = {}, .zone_offset_s = text.defaults.zone_offset_s};
  if (scan_year(p, end, parts.civil.year) == nullptr) return nullptr;
  parts.civil.month = two_digits(p + 5);
  parts.civil.day = two_digits(p + 8);
  p += 10;
  const bool has_time = end - p >= 6 && (*p == 'T' || *p == ' ' || *p == 't') && is_digit(p[1]);
  if (!has_time) return forms == IsoForms::kWithShort ? finish(p, text, parts, ns) : nullptr;
  const char* after = scan_clock(p + 1, end, ':', parts.civil);
  if (after == nullptr && forms == IsoForms::kWithShort) {
    parts.civil.second = 0;
    after = scan_short_clock(p + 1, end, parts.civil);
  }
  if (after == nullptr) return nullptr;
  after = scan_optional_zone(after, end, parts.zone_offset_s);
  return finish(after, text, parts, ns);
}

const char* scan_dashed(const char* p, const TimestampText& text, std::int64_t& ns) {
  if (text.end - p < 19 || p[4] != '-' || p[7] != '-' || p[10] != '-') return nullptr;
  Parts parts{.civil = {}, .zone_offset_s = text.defaults.zone_offset_s};
  if (scan_year(p, text.end, parts.civil.year) == nullptr) return nullptr;
  parts.civil.month = two_digits(p + 5);
  parts.civil.day = two_digits(p + 8);
  const char* after = scan_clock(p + 11, text.end, '.', parts.civil);
  return after == nullptr ? nullptr : finish(after, text, parts, ns);
}

const char* scan_month_first(const char* p, const TimestampText& text, TrailingYear trailing,
                             std::int64_t& ns) {
  const char* end = text.end;
  Parts parts{.civil = {}, .zone_offset_s = text.defaults.zone_offset_s};
  const std::string_view month = word_at(p, end);
  parts.civil.month = month_of_name(month);
  if (parts.civil.month == 0) return nullptr;
  const char* day_at = skip_spaces(p + month.size(), end);
  if (day_at == p + month.size()) return nullptr;
  const char* after_day = scan_day(day_at, end, parts.civil.day);
  if (after_day == nullptr) return nullptr;
  if (after_day != end && *after_day == ',') ++after_day;
  const char* clock_at = skip_spaces(after_day, end);
  if (clock_at == after_day) return nullptr;

  bool has_year = false;
  if (const char* after_year = scan_year(clock_at, end, parts.civil.year);
      after_year != nullptr && after_year != end && *after_year == ' ') {
    has_year = true;
    clock_at = skip_spaces(after_year, end);
  }
  const char* after = scan_clock(clock_at, end, ':', parts.civil);
  if (after == nullptr) return nullptr;
  after = scan_optional_zone(after, end, parts.zone_offset_s);
  if (!has_year && trailing == TrailingYear::kAllowed && after != end && *after == ' ') {
    const char* after_year = scan_year(after + 1, end, parts.civil.year);
    if (after_year != nullptr && ends_cleanly(after_year, end)) {
      has_year = true;
      after = after_year;
    }
  }
  return has_year ? finish(after, text, parts, ns) : finish_without_year(after, text, parts, ns);
}

const char* scan_day_first(const char* p, const TimestampText& text, ShortYear short_year,
                           std::int64_t& ns) {
  const char* end = text.end;
  Parts parts{.civil = {}, .zone_offset_s = text.defaults.zone_offset_s};
  p = scan_day(p, end, parts.civil.day);
  if (p == nullptr || p == end || (*p != '/' && *p != ' ' && *p != '-')) return nullptr;
  const char separator = *p++;
  const std::string_view month = word_at(p, end);
  parts.civil.month = month_of_name(month);
  p += month.size();
  if (parts.civil.month == 0 || p == end || *p != separator) return nullptr;
  ++p;

  const char* after_year = scan_year(p, end, parts.civil.year);
  if (after_year == nullptr && short_year == ShortYear::kAllowed && end - p >= 2) {
    const std::int32_t year = two_digits(p);
    if (year < 0) return nullptr;
    parts.civil.year = year_of_two_digits(year);
    after_year = p + 2;
  }
  if (after_year == nullptr || after_year == end) return nullptr;
  if (*after_year != ':' && *after_year != ' ' && *after_year != 'T') return nullptr;
  const char* after = scan_clock(after_year + 1, end, ':', parts.civil);
  if (after == nullptr) return nullptr;
  after = scan_optional_zone(after, end, parts.zone_offset_s);
  return finish(after, text, parts, ns);
}

const char* scan_weekday_first(const char* p, const TimestampText& text, std::int64_t& ns) {
  const std::string_view weekday = word_at(p, text.end);
  if (weekday_of_name(weekday) < 0) return nullptr;
  p += weekday.size();
  if (p != text.end && *p == ',') ++p;
  const char* date_at = skip_spaces(p, text.end);
  if (date_at == p || date_at == text.end) return nullptr;
  return is_digit(*date_at) ? scan_day_first(date_at, text, ShortYear::kAllowed, ns)
                            : scan_month_first(date_at, text, TrailingYear::kAllowed, ns);
}

const char* scan_short_year_first(const char* p, const TimestampText& text, std::int64_t& ns) {
  if (text.end - p < 17 || p[2] != '/' || p[5] != '/' || p[8] != ' ') return nullptr;
  Parts parts{.civil = {}, .zone_offset_s = text.defaults.zone_offset_s};
  const std::int32_t year = two_digits(p);
  if (year < 0) return nullptr;
  parts.civil.year = year_of_two_digits(year);
  parts.civil.month = two_digits(p + 3);
  parts.civil.day = two_digits(p + 6);
  const char* after = scan_clock(p + 9, text.end, ':', parts.civil);
  return after == nullptr ? nullptr : finish(after, text, parts, ns);
}

const char* scan_packed(const char* p, const TimestampText& text, std::int64_t& ns) {
  if (text.end - p < 13 || p[6] != ' ') return nullptr;
  Parts parts{.civil = {}, .zone_offset_s = text.defaults.zone_offset_s};
  const std::int32_t year = two_digits(p);
  if (year < 0) return nullptr;
  parts.civil.year = year_of_two_digits(year);
  parts.civil.month = two_digits(p + 2);
  parts.civil.day = two_digits(p + 4);
  parts.civil.hour = two_digits(p + 7);
  parts.civil.minute = two_digits(p + 9);
  parts.civil.second = two_digits(p + 11);
  return finish(p + 13, text, parts, ns);
}

const char* scan_klog(const char* p, const TimestampText& text, std::int64_t& ns) {
  if (text.end - p < 16 || p[5] != ' ' || p[14] != '.') return nullptr;
  if (*p != 'I' && *p != 'W' && *p != 'E' && *p != 'F') return nullptr;
  Parts parts{.civil = {}, .zone_offset_s = text.defaults.zone_offset_s};
  parts.civil.month = two_digits(p + 1);
  parts.civil.day = two_digits(p + 3);
  const char* after = scan_clock(p + 6, text.end, ':', parts.civil);
  return after == nullptr ? nullptr : finish_without_year(after, text, parts, ns);
}

}  // namespace lynxdb::event
