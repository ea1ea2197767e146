// Slows a worker down to so many bytes a second.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/mutex.h"

namespace lynxdb::storage {

// Thread-safe; all workers share the rate. The rate may change at any time; 0: none.
class RateLimit {
 public:
  explicit RateLimit(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}

  void set(std::uint64_t bytes_per_second) { rate_ = bytes_per_second; }

  // Returns when `bytes` more may be worked on; false at once when it was stopped.
  bool wait(std::uint64_t bytes) EXCLUDES(mutex_);
  // Ends all waits, for good.
  void stop() EXCLUDES(mutex_);
  bool stopped() const { return stopped_.load(); }

 private:
  std::atomic<std::uint64_t> rate_;
  std::atomic<bool> stopped_{false};
  base::Mutex mutex_;
  base::CondVar wake_;
  std::chrono::steady_clock::time_point next_ GUARDED_BY(mutex_){};
};

}  // namespace lynxdb::storage
