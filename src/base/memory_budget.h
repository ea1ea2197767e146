// One limit for the bytes that a query (or any bounded consumer) holds.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace lynxdb::base {

// Thread-safe. Counts what holders reserve; knows nothing of the allocator. Holders reserve before
// they grow: `false` means spill, wait or fail, never "go on anyway".
class MemoryBudget {
 public:
  // What is reserved here is reserved in `pool`, too, when there is one: a limit for several
  // budgets together. It must outlive this.
  explicit MemoryBudget(std::size_t limit_bytes, MemoryBudget* pool = nullptr)
      : limit_bytes_(limit_bytes), pool_(pool) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  bool try_reserve(std::size_t bytes);
  void release(std::size_t bytes);

  std::size_t limit_bytes() const { return limit_bytes_; }
  std::size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }
  std::size_t peak_bytes() const { return peak_bytes_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_bytes_;
  MemoryBudget* const pool_;
  std::atomic<std::size_t> used_bytes_{0};
  std::atomic<std::size_t> peak_bytes_{0};
};

// One holder's share of a budget; given back on destruction. Belongs to one thread at a time.
// Movable. The budget must outlive it.
class MemoryReservation {
 public:
  MemoryReservation() = default;
  explicit MemoryReservation(MemoryBudget& budget) : budget_(&budget) {}
  MemoryReservation(MemoryReservation&& other) noexcept;
  MemoryReservation& operator=(MemoryReservation&& other) noexcept;
  ~MemoryReservation();

  // Makes the share exactly `bytes`. False (and no change) when the budget has no room; shrinking
  // always succeeds. Without a budget (default-constructed) always true.
  bool resize(std::size_t bytes);
  void clear();
  std::size_t bytes() const { return bytes_; }

 private:
  MemoryBudget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace lynxdb::base
