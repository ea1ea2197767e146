// Remembers that the checksum of some bytes was compared.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace lynxdb::segment {

// Good for a while only: bytes that a file is mapped to come from the disk again when memory was
// short, and a disk may go bad. Thread-safe.
class CheckMark {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kGoodFor{10};

  bool is_good(Clock::time_point now = Clock::now()) const {
    const std::uint32_t second = second_.load(std::memory_order_relaxed);
    return second != 0 && second_of(now) - second < kGoodFor.count();
  }
  void set(Clock::time_point now = Clock::now()) {
    second_.store(second_of(now), std::memory_order_relaxed);
  }

 private:
  // Never 0; wraps after 136 years.
  static std::uint32_t second_of(Clock::time_point time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch());
    return static_cast<std::uint32_t>(seconds.count()) | 1U;
  }

  std::atomic<std::uint32_t> second_{0};
};

}  // namespace lynxdb::segment
