// What every part of a running query shares: limits, cancellation, the query's clock, hints.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "base/mutex.h"
#include "base/result.h"

namespace lynxdb::query {

class SpillSpace;  // query/spill.h

// Advice and warnings for the user, collected from all threads; each text once, at most 100.
class Hints {
 public:
  void add(std::string text) EXCLUDES(mutex_);
  std::vector<std::string> list() const EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  std::vector<std::string> texts_ GUARDED_BY(mutex_);
};

// Set once, read everywhere; operators look at it at least once per batch.
class Cancellation {
 public:
  Cancellation() = default;
  // Also cancelled when `parent` is, which must outlive it: for a part that may end before the
  // query.
  explicit Cancellation(const Cancellation* parent) : parent_(parent) {}

  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const {
    return cancelled_.load(std::memory_order_relaxed) ||
           (parent_ != nullptr && parent_->cancelled());
  }
  void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  // kCancelled or kTimeout once the query must stop.
  Result<> check() const;

 private:
  const Cancellation* parent_ = nullptr;
  std::atomic<bool> cancelled_{false};
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

// One per running query; outlives every operator of it. Thread-safe members only.
struct Execution {
  Execution(std::size_t memory_limit_bytes, SpillSpace& spill_space)
      : memory(memory_limit_bytes), spill(spill_space) {}
  // As a part of something larger: ends when `parent` does, takes its memory from `pool`. Both may
  // be null, and must outlive it.
  Execution(std::size_t memory_limit_bytes, SpillSpace& spill_space, const Cancellation* parent,
            base::MemoryBudget* pool)
      : memory(memory_limit_bytes, pool), spill(spill_space), cancellation(parent) {}

  base::MemoryBudget memory;
  SpillSpace& spill;
  Cancellation cancellation;
  Hints hints;
  std::int64_t now_ns = 0;  // Start of the query: now(), the same everywhere.
  std::size_t threads = 1;  // Workers for the parallel part.
};

inline constexpr std::size_t kBatchRows =
    4096;  // Rows per batch that operators aim at when they build output.

}  // namespace lynxdb::query
