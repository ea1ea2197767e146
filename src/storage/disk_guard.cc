#include "storage/disk_guard.h"

#include <string>

namespace lynxdb::storage {
namespace {

constexpr std::chrono::seconds kInterval{1};

std::string used(unsigned percent) { return "the disk is " + std::to_string(percent) + " % full"; }

}  // namespace

std::optional<Error> DiskGuard::refusal(base::Clock::Monotonic now) {
  if (!options_.measure) return std::nullopt;
  const base::MutexLock lock(mutex_);
  if (!measured_ || now - *measured_ >= kInterval) {
    measured_ = now;
    measure();
  }
  return refusal_;
}

void DiskGuard::measure() {
  const auto space = options_.measure();
  // A disk that cannot be asked fails by itself when it must.
  if (!space || space->total_bytes == 0) return;
  const double free =
      static_cast<double>(space->free_bytes) / static_cast<double>(space->total_bytes);
  const auto percent = static_cast<unsigned>(100.0 * (1.0 - free));
  if (percent >= options_.full_percent) {
    refusal_ = Error{ErrorCode::kUnavailable, used(percent), "free some space, or add a disk"};
  } else if (percent >= options_.high_percent) {
    refusal_ = Error{ErrorCode::kOverloaded, used(percent), "free some space, or add a disk"};
  } else if (percent < options_.resume_percent) {
    refusal_.reset();
  }
}

}  // namespace lynxdb::storage
