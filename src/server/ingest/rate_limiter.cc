#include "server/ingest/rate_limiter.h"

#include <algorithm>

namespace lynxdb::server {

bool RateLimiter::allow(std::string_view client, std::uint64_t per_second, Time now) {
  using Seconds = std::chrono::duration<double>;
  const auto limit = static_cast<double>(per_second);
  const base::MutexLock lock(mutex_);
  if (buckets_.size() >= kClientsMax)
    std::erase_if(buckets_, [&](const auto& entry) {
      return Seconds(now - entry.second.filled).count() >= 1.0;
    });
  const auto [found, is_new] = buckets_.try_emplace(std::string(client), Bucket{limit, now});
  Bucket& bucket = found->second;
  bucket.tokens = std::min(limit, bucket.tokens + limit * Seconds(now - bucket.filled).count());
  bucket.filled = now;
  if (bucket.tokens < 1.0) return false;
  bucket.tokens -= 1.0;
  return true;
}

}  // namespace lynxdb::server
