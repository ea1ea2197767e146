// How many indexes there may be: each has segments of its own, so a client that makes up a name for
// every request must not fill the manifest with them.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "event/event_batch.h"

namespace lynxdb::instance {

// Thread-safe.
class IndexLimit {
 public:
  static constexpr std::size_t kIndexesMax = 1000;

  // `stored`: names of the indexes that hold events; asked for when the limit seems to be reached,
  // at most once a second.
  IndexLimit(std::function<std::vector<std::string>()> stored, const base::Clock& clock)
      : stored_(std::move(stored)), clock_(clock) {}

  // Counts the indexes of `batch` as used. kOutOfBudget when they would be too many: then none is
  // counted.
  Result<> admit(const event::EventBatch& batch) EXCLUDES(mutex_);

 private:
  using Names = std::set<std::string, std::less<>>;

  bool fits(const Names& fresh) const REQUIRES(mutex_) {
    return names_.size() + fresh.size() <= kIndexesMax;
  }
  void read_stored() REQUIRES(mutex_);

  const std::function<std::vector<std::string>()> stored_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  Names names_ GUARDED_BY(mutex_);  // Perhaps more than are stored.
  std::optional<base::Clock::Monotonic> read_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::instance
