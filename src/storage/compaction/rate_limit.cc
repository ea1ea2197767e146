#include "storage/compaction/rate_limit.h"

#include <algorithm>

namespace lynxdb::storage {

bool RateLimit::wait(std::uint64_t bytes) {
  const std::uint64_t rate = rate_.load();
  if (stopped_) return false;
  if (rate == 0) return true;
  const base::MutexLock lock(mutex_);
  const auto begin = std::max(next_, std::chrono::steady_clock::now());
  const double seconds = static_cast<double>(bytes) / static_cast<double>(rate);
  next_ = begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                      std::chrono::duration<double>(seconds));
  while (!stopped_ && wake_.wait_until(mutex_, begin)) {
  }
  return !stopped_;
}

void RateLimit::stop() {
  const base::MutexLock lock(mutex_);
  stopped_ = true;
  wake_.notify_all();
}

}  // namespace lynxdb::storage
