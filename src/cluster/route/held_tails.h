// Rows of this node's partitions that are kept for readers, however far flushes have gone.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "storage/read_view.h"

namespace lynxdb::cluster {

// Thread-safe.
class HeldTails {
 public:
  using Batches = std::shared_ptr<const std::vector<storage::TailBatchPtr>>;

  // Readers that fell silent: what they held is let go at the next call.
  static constexpr std::chrono::seconds kUnusedMax{120};

  std::uint64_t hold(std::vector<storage::TailBatchPtr> batches) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(holds_, [&](const auto& hold) { return now - hold.second.used > kUnusedMax; });
    holds_[++last_] = {
        std::make_shared<const std::vector<storage::TailBatchPtr>>(std::move(batches)), now};
    return last_;
  }
  // Null: not any longer.
  Batches find(std::uint64_t id) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    const auto hold = holds_.find(id);
    if (hold == holds_.end()) return nullptr;
    hold->second.used = std::chrono::steady_clock::now();
    return hold->second.batches;
  }
  void release(std::uint64_t id) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    holds_.erase(id);
  }

 private:
  struct Hold {
    Batches batches;
    std::chrono::steady_clock::time_point used;
  };

  base::Mutex mutex_;
  // Not from 0: a hold of the node's life before is none of this one.
  std::uint64_t last_ GUARDED_BY(mutex_) =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  std::map<std::uint64_t, Hold> holds_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::cluster
