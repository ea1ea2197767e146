#include "event/time/civil.h"

#include <array>

namespace lynxdb::event {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::int32_t, 12> kMonthDays = {31, 28, 31, 30, 31, 30,
                                                     31, 31, 30, 31, 30, 31};
constexpr std::array<std::int32_t, 12> kDaysBefore = {0,   31,  59,  90,  120, 151,
                                                      181, 212, 243, 273, 304, 334};
constexpr std::int32_t kYearMax = 2262;  // Where 64 bits of ns end.

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_word(std::string_view word, std::string_view name) {
  if (word.size() != name.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(word[i]) != lower(name[i])) return false;
  }
  return true;
}

// Three letters, or the whole name.
template <std::size_t N>
std::int32_t index_of_name(std::string_view word, const std::array<std::string_view, N>& names) {
  if (word.size() < 3) return -1;
  for (std::size_t i = 0; i < N; ++i) {
    if (same_word(word, names[i].substr(0, 3)) || same_word(word, names[i])) {
      return static_cast<std::int32_t>(i);
    }
  }
  return -1;
}

bool in_range(const CivilTime& t) {
  if (t.year < 1969 || t.year > kYearMax + 1 || t.month < 1 || t.month > 12 || t.day < 1)
    return false;
  if (t.day > days_in_month(t.year, t.month)) return false;
  if (t.hour < 0 || t.hour > 23 || t.minute < 0 || t.minute > 59) return false;
  const std::int32_t second_max = t.minute == 59 ? 60 : 59;
  return t.second >= 0 && t.second <= second_max && t.nanosecond >= 0 &&
         t.nanosecond < kNsPerSecond;
}

}  // namespace

bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int32_t days_in_month(std::int64_t year, std::int32_t month) {
  return month == 2 && is_leap_year(year) ? 29 : kMonthDays[static_cast<std::size_t>(month - 1)];
}

// Years are counted from March, so that the leap day is the last one of its year.
std::int64_t days_from_civil(std::int64_t year, std::int32_t month, std::int32_t day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_to(y, 400) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t month_from_march = month > 2 ? month - 3 : month + 9;
  const std::int64_t day_of_march_year = (153 * month_from_march + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_march_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilTime date_of_days(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_to(shifted, 146'097) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_march_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_march_year + 2) / 153;

  CivilTime out;
  out.day = static_cast<std::int32_t>(day_of_march_year - (153 * month_from_march + 2) / 5 + 1);
  out.month = static_cast<std::int32_t>(month_from_march < 10 ? month_from_march + 3
                                                              : month_from_march - 9);
  out.year = static_cast<std::int32_t>(year_of_era + era * 400 + (out.month <= 2 ? 1 : 0));
  return out;
}

// Not by floor_to: its product would leave 64 bits at the far ends.
std::int64_t days_of(std::int64_t ns) { return ns / kNsPerDay - (ns % kNsPerDay < 0 ? 1 : 0); }

CivilTime civil_of(std::int64_t ns) {
  CivilTime out = date_of_days(days_of(ns));
  const std::int64_t rest = ns % kNsPerDay;
  const std::int64_t ns_of_day = rest < 0 ? rest + kNsPerDay : rest;
  const std::int64_t second_of_day = ns_of_day / kNsPerSecond;
  out.hour = static_cast<std::int32_t>(second_of_day / 3600);
  out.minute = static_cast<std::int32_t>(second_of_day / 60 % 60);
  out.second = static_cast<std::int32_t>(second_of_day % 60);
  out.nanosecond = static_cast<std::int32_t>(ns_of_day % kNsPerSecond);
  return out;
}

std::int32_t day_of_week(std::int64_t days) {
  const std::int64_t from_sunday = days + 4;  // 1970-01-01 was a Thursday.
  return static_cast<std::int32_t>(from_sunday - floor_to(from_sunday, 7));
}

std::int32_t day_of_year(const CivilTime& time) {
  const std::int32_t leap_day = time.month > 2 && is_leap_year(time.year) ? 1 : 0;
  return kDaysBefore[static_cast<std::size_t>(time.month - 1)] + time.day + leap_day;
}

// The week belongs to the year of its Thursday.
std::int32_t iso_week(std::int64_t days) {
  const std::int64_t from_monday = (day_of_week(days) + 6) % 7;
  const std::int64_t thursday = days - from_monday + 3;
  return (day_of_year(date_of_days(thursday)) - 1) / 7 + 1;
}

std::optional<std::int64_t> ns_of(const CivilTime& time, std::int32_t zone_offset_s) {
  if (!in_range(time)) return std::nullopt;
  const std::int64_t days = days_from_civil(time.year, time.month, time.day);
  const std::int64_t second_of_day =
      std::int64_t{time.hour} * 3600 + std::int64_t{time.minute} * 60 + time.second;
  const std::int64_t seconds = days * kSecondsPerDay + second_of_day - zone_offset_s;
  if (seconds < 0 || seconds > kEpochSecondsMax) return std::nullopt;
  return seconds * kNsPerSecond + time.nanosecond;
}

std::int32_t month_of_name(std::string_view word) { return index_of_name(word, kMonths) + 1; }
std::int32_t weekday_of_name(std::string_view word) { return index_of_name(word, kWeekdays); }
std::string_view month_name(std::int32_t month) {
  return kMonths[static_cast<std::size_t>(month - 1)];
}
std::string_view weekday_name(std::int32_t weekday) {
  return kWeekdays[static_cast<std::size_t>(weekday)];
}

}  // namespace lynxdb::event
