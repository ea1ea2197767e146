#include "s3/backoff.h"

#include <algorithm>

namespace lynxdb::s3 {

using std::chrono::milliseconds;

milliseconds Backoff::length(int attempt, milliseconds first, milliseconds longest,
                             std::uint64_t random) {
  constexpr int kDoublingsMax = 20;
  const int doublings = std::clamp(attempt - 1, 0, kDoublingsMax);
  const std::int64_t full = std::min<std::int64_t>(first.count() << doublings, longest.count());
  const std::int64_t half = full / 2;
  return milliseconds(
      half + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(full - half + 1)));
}

bool Backoff::pause(int attempt, milliseconds at_least) {
  const base::MutexLock lock(mutex_);
  const milliseconds pause =
      std::max(length(attempt, first_, longest_, random_()), std::min(at_least, longest_));
  const auto end = std::chrono::steady_clock::now() + pause;
  while (!cancelled_ && changed_.wait_until(mutex_, end)) {
  }
  return !cancelled_;
}

void Backoff::cancel() {
  const base::MutexLock lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

}  // namespace lynxdb::s3
