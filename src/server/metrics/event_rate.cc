#include "server/metrics/event_rate.h"

namespace lynxdb::server {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;

}  // namespace

void EventRate::add(std::uint64_t events, std::int64_t wall_ns) {
  const base::MutexLock lock(mutex_);
  const std::int64_t number = wall_ns / kSecondNs;
  Second& second = seconds_[static_cast<std::size_t>(number) % seconds_.size()];
  if (second.number != number) second = {number, 0};
  second.events += events;
  if (day_ != wall_ns / kDayNs) {
    day_ = wall_ns / kDayNs;
    today_ = 0;
  }
  today_ += events;
}

std::uint64_t EventRate::today(std::int64_t wall_ns) const {
  const base::MutexLock lock(mutex_);
  return day_ == wall_ns / kDayNs ? today_ : 0;
}

double EventRate::per_second(std::int64_t wall_ns) const {
  const std::int64_t now = wall_ns / kSecondNs;
  const base::MutexLock lock(mutex_);
  std::uint64_t events = 0;
  for (const Second& second : seconds_)
    if (second.number < now && second.number >= now - static_cast<std::int64_t>(kSeconds))
      events += second.events;
  return static_cast<double>(events) / static_cast<double>(kSeconds);
}

}  // namespace lynxdb::server
