// Slices of time hold all units, each moment once, newest first, and about as many rows as asked.
#include <gtest/gtest.h>

#include <random>

#include "scan/unit.h"

namespace lynxdb::scan {
namespace {

Unit unit(std::int64_t low, std::int64_t high, std::uint64_t rows) {
  return {.time = {low, high}, .rows = rows};
}

// Every unit's every moment is in exactly one slice that names the unit.
void expect_exact_cover(const std::vector<Unit>& units, const std::vector<TimeSlice>& slices) {
  for (std::size_t i = 1; i < slices.size(); ++i)
    EXPECT_LT(slices[i].time.high_ns, slices[i - 1].time.low_ns);
  for (std::uint32_t u = 0; u < units.size(); ++u) {
    if (units[u].time.is_empty()) continue;
    std::int64_t covered = 0;
    for (const TimeSlice& slice : slices) {
      const bool named = std::find(slice.units.begin(), slice.units.end(), u) != slice.units.end();
      const TimeRange shared = overlap(slice.time, units[u].time);
      EXPECT_EQ(named, !shared.is_empty());
      if (named) covered += shared.high_ns - shared.low_ns + 1;
    }
    EXPECT_EQ(covered, units[u].time.high_ns - units[u].time.low_ns + 1);
  }
}

TEST(TimeSlices, GiveUnitsThatDoNotOverlapOneByOne) {
  const std::vector<Unit> units{unit(0, 99, 1000), unit(100, 199, 1000), unit(250, 299, 1000)};
  const std::vector<TimeSlice> slices = make_slices(units, 1000);
  ASSERT_EQ(slices.size(), 3U);
  EXPECT_EQ(slices[0].units, std::vector<std::uint32_t>{2});
  EXPECT_EQ(slices[2].units, std::vector<std::uint32_t>{0});
  expect_exact_cover(units, slices);
}

TEST(TimeSlices, CutApartWhatWouldBeTooMuchAtOnce) {
  const std::vector<Unit> units(50, unit(0, 999'999, 1000));
  const std::vector<TimeSlice> slices = make_slices(units, 5000);
  EXPECT_GE(slices.size(), 9U);
  EXPECT_LE(slices.size(), 12U);
  expect_exact_cover(units, slices);
}

TEST(TimeSlices, GrowUpToALimitWhenAsked) {
  const std::vector<Unit> units{unit(0, 999'999, 100'000), unit(0, 999'999, 100'000)};
  const std::vector<TimeSlice> slices = make_slices(units, 1000, 16'000);
  const auto rows_of = [&](const TimeSlice& slice) {
    return (slice.time.high_ns - slice.time.low_ns + 1) / 5;
  };
  ASSERT_GT(slices.size(), 10U);
  EXPECT_EQ(rows_of(slices[0]), 1'000);
  EXPECT_EQ(rows_of(slices[1]), 2'000);
  EXPECT_EQ(rows_of(slices[4]), 16'000);
  EXPECT_EQ(rows_of(slices[5]), 16'000);
  expect_exact_cover(units, slices);
}

TEST(TimeSlices, KeepEventsOfOneMomentTogether) {
  const std::vector<Unit> units(20, unit(7, 7, 1000));
  const std::vector<TimeSlice> slices = make_slices(units, 100);
  ASSERT_EQ(slices.size(), 1U);
  expect_exact_cover(units, slices);
}

TEST(TimeSlices, CoverTheWholeRangeOfTime) {
  const std::int64_t low = std::numeric_limits<std::int64_t>::min();
  const std::int64_t high = std::numeric_limits<std::int64_t>::max();
  const std::vector<TimeSlice> slices = make_slices(std::vector<Unit>{unit(low, high, 10)}, 100);
  ASSERT_EQ(slices.size(), 1U);
  EXPECT_EQ(slices[0].time.low_ns, low);
  EXPECT_EQ(slices[0].time.high_ns, high);
}

TEST(TimeSlices, CoverRandomUnitsExactly) {
  std::mt19937 random(1);
  const auto pick = [&](std::int64_t below) {
    return std::uniform_int_distribution<std::int64_t>(0, below - 1)(random);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<Unit> units;
    for (std::int64_t n = pick(12) + 1; n > 0; --n) {
      const std::int64_t low = pick(1000);
      units.push_back(unit(low, low + pick(round % 3 == 0 ? 5 : 500) - 1,
                           static_cast<std::uint64_t>(pick(2000))));
    }
    expect_exact_cover(units, make_slices(units, static_cast<std::uint64_t>(pick(3000) + 1)));
  }
}

}  // namespace
}  // namespace lynxdb::scan
