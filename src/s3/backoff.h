// Pauses between attempts, which end early when the store is stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>

#include "base/mutex.h"

namespace lynxdb::s3 {

// Thread-safe.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest) {}

  // Pauses after the attempt with this number (from 1), at least `at_least` as far as that is not
  // longer than the longest pause. False when it was, or already is, cancelled.
  bool pause(int attempt, std::chrono::milliseconds at_least = {}) EXCLUDES(mutex_);
  void cancel() EXCLUDES(mutex_);

  // The pause: between half of it and all of it by `random`.
  static std::chrono::milliseconds length(int attempt, std::chrono::milliseconds first,
                                          std::chrono::milliseconds longest, std::uint64_t random);

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds longest_;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool cancelled_ GUARDED_BY(mutex_) = false;
  std::mt19937_64 random_ GUARDED_BY(mutex_){std::random_device{}()};
};

}  // namespace lynxdb::s3
