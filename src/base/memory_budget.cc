#include "base/memory_budget.h"

namespace lynxdb::base {

bool MemoryBudget::try_reserve(std::size_t bytes) {
  if (pool_ != nullptr && !pool_->try_reserve(bytes)) return false;
  std::size_t used = used_bytes_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_bytes_ || used > limit_bytes_ - bytes) {
      if (pool_ != nullptr) pool_->release(bytes);
      return false;
    }
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  const std::size_t now = used + bytes;
  std::size_t peak = peak_bytes_.load(std::memory_order_relaxed);
  while (now > peak && !peak_bytes_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
  return true;
}

void MemoryBudget::release(std::size_t bytes) {
  const std::size_t before = used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  LYNXDB_CHECK(before >= bytes);
  if (pool_ != nullptr) pool_->release(bytes);
}

MemoryReservation::MemoryReservation(MemoryReservation&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MemoryReservation& MemoryReservation::operator=(MemoryReservation&& other) noexcept {
  if (this != &other) {
    clear();
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

MemoryReservation::~MemoryReservation() { clear(); }

bool MemoryReservation::resize(std::size_t bytes) {
  if (budget_ != nullptr) {
    if (bytes > bytes_ && !budget_->try_reserve(bytes - bytes_)) return false;
    if (bytes < bytes_) budget_->release(bytes_ - bytes);
  }
  bytes_ = bytes;
  return true;
}

void MemoryReservation::clear() {
  if (budget_ != nullptr && bytes_ > 0) budget_->release(bytes_);
  bytes_ = 0;
}

}  // namespace lynxdb::base
