// Dates of the proleptic Gregorian calendar in UTC, as arithmetic: no time zone database, no libc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lynxdb::event {

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;
inline constexpr std::int64_t kSecondsPerDay = 86'400;
inline constexpr std::int64_t kNsPerDay = kSecondsPerDay * kNsPerSecond;
inline constexpr std::int64_t kEpochSecondsMax =
    9'223'372'035;  // Into 2262: last full second of 64 bits of ns.

// A point in time, written out. Values are in range when made by civil_of.
struct CivilTime {
  std::int32_t year = 1970;
  std::int32_t month = 1;  // 1..12
  std::int32_t day = 1;    // 1..31
  std::int32_t hour = 0;
  std::int32_t minute = 0;
  std::int32_t second = 0;
  std::int32_t nanosecond = 0;
};

bool is_leap_year(std::int64_t year);
std::int32_t days_in_month(std::int64_t year, std::int32_t month);

// Days since 1970-01-01; `month` 1..12, `year` of any sign up to +/- 1e9.
std::int64_t days_from_civil(std::int64_t year, std::int32_t month, std::int32_t day);

CivilTime civil_of(std::int64_t ns);
CivilTime date_of_days(std::int64_t days);        // Midnight.
std::int64_t days_of(std::int64_t ns);            // Whole days since 1970, rounded down.
std::int32_t day_of_week(std::int64_t days);      // 0 = Sunday.
std::int32_t day_of_year(const CivilTime& time);  // 1..366
std::int32_t iso_week(std::int64_t days);         // ISO 8601 week, 1..53.

// ns since 1970 of a local time `zone_offset_s` east of UTC. Nullopt when the date is impossible
// (31 June, 25:00) or outside 1970..2262. Second 60 is allowed in minute 59 (leap second).
std::optional<std::int64_t> ns_of(const CivilTime& time, std::int32_t zone_offset_s);

// Largest multiple of `step` that is not above `value`; `step` > 0.
constexpr std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

// 1..12 and 0..6 for English names of at least three letters, any case, whole ("jan", "January");
// 0 and -1 when `word` is none.
std::int32_t month_of_name(std::string_view word);
std::int32_t weekday_of_name(std::string_view word);
std::string_view month_name(std::int32_t month);      // "January"
std::string_view weekday_name(std::int32_t weekday);  // "Sunday"

}  // namespace lynxdb::event
