#include "query/time_bucket.h"

#include <charconv>
#include <limits>
#include <string>

#include "base/check.h"
#include "spl2/parser.h"

namespace lynxdb::query {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kWeekNs = 7 * kDayNs;
// 1970-01-05, the first Monday.
constexpr std::int64_t kFirstMondayNs = 4 * kDayNs;
constexpr std::int64_t kTimeMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();
// 500 years: no bucket of a 64-bit clock is longer.
constexpr std::int32_t kMonthsMax = 6000;

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

// Whole weeks count from a Monday, everything else from 1970-01-01.
constexpr std::int64_t origin_of(std::int64_t span_ns) {
  return span_ns % kWeekNs == 0 ? kFirstMondayNs : 0;
}

std::int64_t floor_fixed(std::int64_t ns, std::int64_t span_ns) {
  const std::int64_t origin = origin_of(span_ns);
  std::int64_t since = 0;
  if (__builtin_sub_overflow(ns, origin, &since)) return kTimeMin;
  std::int64_t start = 0;
  if (__builtin_mul_overflow(floor_div(since, span_ns), span_ns, &start)) return kTimeMin;
  return start + origin;  // At most ns: cannot overflow.
}

// Days since 1970-01-01 to months since 1970-01 and back, proleptic Gregorian. A year is taken to
// start in March, so that the leap day is its last.
constexpr std::int64_t month_of_day(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;  // Days since 0000-03-01.
  const std::int64_t era = floor_div(shifted, 146'097);
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;  // 0 = March.
  return (era * 400 + year_of_era) * 12 + march_month + 2 - 1970 * 12;
}

constexpr std::int64_t first_day_of_month(std::int64_t month) {
  const std::int64_t since_march = month + 1970 * 12 - 2;
  const std::int64_t year = floor_div(since_march, 12);
  const std::int64_t march_month = since_march - year * 12;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * march_month + 2) / 5;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

static_assert(month_of_day(0) == 0 && first_day_of_month(0) == 0);
static_assert(month_of_day(-1) == -1 && first_day_of_month(-1) == -31);
static_assert(first_day_of_month(2) == 59 && month_of_day(59) == 2);

std::int64_t floor_months(std::int64_t ns, std::int32_t months) {
  const std::int64_t month = month_of_day(floor_div(ns, kDayNs));
  const std::int64_t first = floor_div(month, months) * months;
  std::int64_t start = 0;
  if (__builtin_mul_overflow(first_day_of_month(first), kDayNs, &start)) return kTimeMin;
  return start;
}

// "3mon", "1month", "2 months"; 0 for anything else.
std::int32_t parse_months(std::string_view text) {
  std::int32_t months = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), months);
  if (error != std::errc{} || months < 1 || months > kMonthsMax) return 0;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  return unit == "mon" || unit == "month" || unit == "months" ? months : 0;
}

}  // namespace

std::int64_t floor_time(std::int64_t ns, const spl2::TimeSpan& span) {
  LYNXDB_CHECK(span.months > 0 || span.ns > 0);
  return span.months > 0 ? floor_months(ns, span.months) : floor_fixed(ns, span.ns);
}

std::optional<std::int64_t> next_bucket(std::int64_t start_ns, const spl2::TimeSpan& span) {
  std::int64_t next = 0;
  if (span.months > 0) {
    const std::int64_t month = month_of_day(floor_div(start_ns, kDayNs));
    const std::int64_t first = floor_div(month, span.months) * span.months + span.months;
    if (__builtin_mul_overflow(first_day_of_month(first), kDayNs, &next)) return std::nullopt;
    return next;
  }
  if (__builtin_add_overflow(start_ns, span.ns, &next)) return std::nullopt;
  // The very first bucket may start before the clock does and be shorter.
  return floor_fixed(next, span.ns) > start_ns ? floor_fixed(next, span.ns) : next;
}

void floor_times(std::span<std::int64_t> ns, const spl2::TimeSpan& span) {
  LYNXDB_CHECK(span.months > 0 || span.ns > 0);
  // Logs are nearly sorted: most times fall into the bucket of the one before, which saves a
  // division each.
  std::int64_t start = kTimeMax;
  std::int64_t end = kTimeMin;
  for (std::int64_t& time : ns) {
    if (time < start || time >= end) {
      start = floor_time(time, span);
      end = next_bucket(start, span).value_or(kTimeMin);
    }
    time = start;
  }
}

Result<spl2::TimeSpan> parse_time_span(std::string_view text) {
  if (const std::int32_t months = parse_months(text); months > 0)
    return spl2::TimeSpan{.ns = 0, .months = months, .text = std::string(text)};
  const std::optional<std::int64_t> ns = spl2::parse_duration_ns(text);
  if (!ns || *ns <= 0)
    return Error{ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not a time span",
                 "write a number and a unit: 30s, 5m, 1h, 1d, 1w, 1mon"};
  return spl2::TimeSpan{.ns = *ns, .months = 0, .text = std::string(text)};
}

}  // namespace lynxdb::query
