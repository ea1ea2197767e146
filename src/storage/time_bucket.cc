#include "storage/time_bucket.h"

#include <fmt/format.h>

#include "event/time/civil.h"

namespace lynxdb::storage {
namespace {

constexpr std::int64_t kNsPerHour = 3600 * event::kNsPerSecond;
constexpr std::int64_t kHoursPerDay = 24;

// Rounds down, for times before 1970, too.
std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

std::int64_t bucket_of(std::int64_t time_ns, TimeBucket bucket) {
  return floor_div(time_ns, bucket == TimeBucket::kHourly ? kNsPerHour : event::kNsPerDay);
}

std::string bucket_name(std::int64_t number, TimeBucket bucket) {
  const bool hourly = bucket == TimeBucket::kHourly;
  const std::int64_t day = hourly ? floor_div(number, kHoursPerDay) : number;
  const event::CivilTime date = event::date_of_days(day);
  std::string name = fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
  if (hourly) name += fmt::format("T{:02}", number - day * kHoursPerDay);
  return name;
}

}  // namespace lynxdb::storage
