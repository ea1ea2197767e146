// Requests per second of each client.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"

namespace lynxdb::server {

// Thread-safe. Remembers at most kClientsMax clients: those that were quiet for a second are
// forgotten first, which changes nothing.
class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Whether one more request of this client fits into `per_second`. A quiet client may send a
  // second's worth at once.
  bool allow(std::string_view client, std::uint64_t per_second, Time now) EXCLUDES(mutex_);

 private:
  static constexpr std::size_t kClientsMax = 100'000;
  struct Bucket {
    double tokens = 0;
    Time filled;
  };

  base::Mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::server
