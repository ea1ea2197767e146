// The real clock tells the machine's time; a manual one tells what the test said.
#include "base/clock.h"

#include <gtest/gtest.h>

namespace lynxdb::base {
namespace {

using std::chrono::seconds;

TEST(RealClock, TellsTheTimeOfThisCentury) {
  constexpr std::int64_t kNsPerYear = 31'556'952'000'000'000;
  EXPECT_GT(real_clock().wall_ns(), 50 * kNsPerYear);
  EXPECT_LT(real_clock().wall_ns(), 130 * kNsPerYear);
}

TEST(RealClock, NeverGoesBack) {
  Clock::Monotonic last = real_clock().monotonic();
  for (int i = 0; i < 1000; ++i) {
    const Clock::Monotonic now = real_clock().monotonic();
    EXPECT_GE(now, last);
    last = now;
  }
}

TEST(ManualClock, StandsStillUntilItIsAdvanced) {
  ManualClock clock(1'000);
  const Clock::Monotonic start = clock.monotonic();
  EXPECT_EQ(clock.wall_ns(), 1'000);
  EXPECT_EQ(clock.monotonic(), start);
  clock.advance(seconds(2));
  EXPECT_EQ(clock.wall_ns(), 2'000'001'000);
  EXPECT_EQ(clock.monotonic() - start, seconds(2));
}

TEST(ManualClock, HidesAChangeOfTheWallClockFromMonotonicTime) {
  ManualClock clock(1'000'000);
  const Clock::Monotonic start = clock.monotonic();
  clock.set_wall_ns(5);
  EXPECT_EQ(clock.wall_ns(), 5);
  EXPECT_EQ(clock.monotonic(), start);
}

}  // namespace
}  // namespace lynxdb::base
