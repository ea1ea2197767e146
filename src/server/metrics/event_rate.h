// How many events came in: today, and per second of late.
#pragma once

#include <array>
#include <cstdint>

#include "base/mutex.h"

namespace lynxdb::server {

// Thread-safe. Times are wall clock, ns since 1970 UTC.
class EventRate {
 public:
  void add(std::uint64_t events, std::int64_t wall_ns) EXCLUDES(mutex_);
  // Since midnight UTC.
  std::uint64_t today(std::int64_t wall_ns) const EXCLUDES(mutex_);
  // Per second, over the last minute that is complete up to a second.
  double per_second(std::int64_t wall_ns) const EXCLUDES(mutex_);

 private:
  static constexpr std::size_t kSeconds = 60;
  struct Second {
    std::int64_t number = -1;
    std::uint64_t events = 0;
  };

  mutable base::Mutex mutex_;
  std::array<Second, kSeconds + 1> seconds_ GUARDED_BY(mutex_);
  std::int64_t day_ GUARDED_BY(mutex_) = -1;
  std::uint64_t today_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::server
