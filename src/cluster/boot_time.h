// The clock of leases and elections: CLOCK_BOOTTIME goes on while the machine sleeps, so that what
// was granted before is over afterwards.
#pragma once

#include <cstdint>
#include <ctime>

#include "base/check.h"

namespace lynxdb::cluster {

inline std::int64_t boot_time_ns() {
  timespec now{};
  LYNXDB_CHECK(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

inline std::int64_t boot_time_ms() { return boot_time_ns() / 1'000'000; }

}  // namespace lynxdb::cluster
