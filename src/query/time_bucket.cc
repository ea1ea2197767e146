#include "query/time_bucket.h"

#include <limits>
#include <string>
#include <utility>

#include "base/check.h"
#include "event/time/civil.h"
#include "spl2/duration.h"

namespace lynxdb::query {
namespace {

constexpr std::int64_t kWeekNs = 7 * event::kNsPerDay;
// 1970-01-05, the first Monday.
constexpr std::int64_t kFirstMondayNs = 4 * event::kNsPerDay;
constexpr std::int64_t kTimeMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();

// Whole weeks count from a Monday, everything else from 1970-01-01.
constexpr std::int64_t origin_of(std::int64_t span_ns) {
  return span_ns % kWeekNs == 0 ? kFirstMondayNs : 0;
}

// How far `value` is above the multiple of `step` below it.
constexpr std::int64_t rest_of(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return rest < 0 ? rest + step : rest;
}

std::int64_t floor_fixed(std::int64_t ns, std::int64_t span_ns) {
  const std::int64_t origin = origin_of(span_ns);
  std::int64_t since = 0;
  if (__builtin_sub_overflow(ns, origin, &since)) return kTimeMin;
  std::int64_t start = 0;
  if (__builtin_sub_overflow(since, rest_of(since, span_ns), &start)) return kTimeMin;
  return start + origin;  // At most ns: cannot overflow.
}

// The first instant of a month counted from January 1970; nullopt outside the clock.
std::optional<std::int64_t> start_of_month(std::int64_t month) {
  const std::int64_t year = event::floor_to(month, 12) / 12;
  const std::int64_t days =
      event::days_from_civil(1970 + year, static_cast<std::int32_t>(month - year * 12) + 1, 1);
  std::int64_t start = 0;
  if (__builtin_mul_overflow(days, event::kNsPerDay, &start)) return std::nullopt;
  return start;
}

// The first month of the bucket that holds `ns`.
std::int64_t bucket_month(std::int64_t ns, std::int32_t months) {
  const event::CivilTime date = event::date_of_days(event::days_of(ns));
  const std::int64_t month = (date.year - std::int64_t{1970}) * 12 + date.month - 1;
  return event::floor_to(month, months);
}

}  // namespace

std::int64_t floor_time(std::int64_t ns, const spl2::TimeSpan& span) {
  LYNXDB_CHECK(span.months > 0 || span.ns > 0);
  if (span.months == 0) return floor_fixed(ns, span.ns);
  return start_of_month(bucket_month(ns, span.months)).value_or(kTimeMin);
}

std::optional<std::int64_t> next_bucket(std::int64_t start_ns, const spl2::TimeSpan& span) {
  if (span.months > 0) return start_of_month(bucket_month(start_ns, span.months) + span.months);
  std::int64_t next = 0;
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
  if (std::optional<spl2::TimeSpan> span = spl2::parse_time_span(text)) return *std::move(span);
  return Error{ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not a time span",
               "30s, 5m, 1h, 1d, 1w or 1mon"};
}

}  // namespace lynxdb::query
