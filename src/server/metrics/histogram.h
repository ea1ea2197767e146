// Latencies, counted in fixed buckets for Prometheus.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace lynxdb::server {

// Thread-safe.
class LatencyHistogram {
 public:
  // Upper bounds in seconds.
  static constexpr std::array<double, 12> kBounds = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,   1,    2.5,   10,   60};

  void add(std::chrono::nanoseconds took) {
    const double seconds = std::chrono::duration<double>(took).count();
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    ++counts_[bucket];
    ++count_;
    sum_ns_ += static_cast<std::uint64_t>(took.count());
  }

  std::uint64_t bucket(std::size_t i) const {
    return counts_[i].load();
  }  // kBounds.size(): beyond.
  std::uint64_t count() const { return count_.load(); }
  double sum_seconds() const { return static_cast<double>(sum_ns_.load()) / 1e9; }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> sum_ns_{0};
};

}  // namespace lynxdb::server
