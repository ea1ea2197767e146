// Refuses appends while the disk is filling, long before it is full: what is left is for flushes,
// metadata and reading.
#pragma once

#include <chrono>
#include <optional>

#include "base/mutex.h"
#include "base/result.h"
#include "storage/options.h"

namespace lynxdb::storage {

// Thread-safe. Measures at most once a second.
class DiskGuard {
 public:
  explicit DiskGuard(DiskOptions options) : options_(std::move(options)) {}

  // Why appends are refused now: kOverloaded above the high mark, kUnavailable above the full one;
  // from then on until less than resume_percent is used.
  std::optional<Error> refusal(base::Clock::Monotonic now) EXCLUDES(mutex_);

 private:
  void measure() REQUIRES(mutex_);

  const DiskOptions options_;
  base::Mutex mutex_;
  std::optional<base::Clock::Monotonic> measured_ GUARDED_BY(mutex_);
  std::optional<Error> refusal_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::storage
