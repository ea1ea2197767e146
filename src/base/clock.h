// Time as something that is handed in, so that a test can say what time it is.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace lynxdb::base {

// Thread-safe.
class Clock {
 public:
  using Monotonic = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;

  // Wall time, ns since 1970 UTC: for events and people. It may jump, in both directions.
  virtual std::int64_t wall_ns() const = 0;
  // Never goes back: for time-outs, intervals and measurements.
  virtual Monotonic monotonic() const = 0;
};

// The machine's clock. Lives for ever.
const Clock& real_clock();

// Stands still until it is told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t wall_ns) : wall_ns_(wall_ns) {}

  std::int64_t wall_ns() const override { return wall_ns_.load(); }
  Monotonic monotonic() const override {
    return Monotonic(std::chrono::nanoseconds(elapsed_.load()));
  }

  // Time passes. `by` must not be negative.
  void advance(std::chrono::nanoseconds by);
  // Somebody sets the wall clock; monotonic time does not notice.
  void set_wall_ns(std::int64_t wall_ns) { wall_ns_.store(wall_ns); }

 private:
  std::atomic<std::int64_t> wall_ns_;
  std::atomic<std::int64_t> elapsed_{0};
};

}  // namespace lynxdb::base
