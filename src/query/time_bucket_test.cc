// Buckets: multiples of the span since 1970, weeks from Monday, calendar months, and the same
// rounding direction before 1970.
#include "query/time_bucket.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "event/value.h"

namespace lynxdb::query {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

spl2::TimeSpan span_of(std::string_view text) {
  const Result<spl2::TimeSpan> span = parse_time_span(text);
  EXPECT_TRUE(span.has_value()) << text;
  return span ? *span : spl2::TimeSpan{.ns = 1, .months = 0, .text = ""};
}

std::string floored(std::int64_t ns, std::string_view span) {
  return event::text(event::ValueView::timestamp(floor_time(ns, span_of(span))));
}

// 2026-01-15T10:33:20Z, a Thursday.
constexpr std::int64_t kTime = 1768473200 * kSecond;

TEST(FloorTime, RoundsDownToMultiplesOfTheSpan) {
  EXPECT_EQ(floored(kTime, "5m"), "2026-01-15T10:30:00Z");
  EXPECT_EQ(floored(kTime, "1h"), "2026-01-15T10:00:00Z");
  EXPECT_EQ(floored(kTime, "1d"), "2026-01-15T00:00:00Z");
  EXPECT_EQ(floored(kTime, "7s"), "2026-01-15T10:33:16Z");
}

TEST(FloorTime, StartsWeeksOnMonday) {
  EXPECT_EQ(floored(kTime, "1w"), "2026-01-12T00:00:00Z");
  EXPECT_EQ(floored(kTime, "7d"), "2026-01-12T00:00:00Z");
  EXPECT_EQ(floored(0, "1w"), "1969-12-29T00:00:00Z");
}

TEST(FloorTime, KnowsCalendarMonths) {
  EXPECT_EQ(floored(kTime, "1mon"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(floored(kTime + 31 * kDay, "1mon"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(floored(kTime + 70 * kDay, "3mon"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(floored(kTime, "12mon"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(floored(951'827'696 * kSecond, "1mon"), "2000-02-01T00:00:00Z");  // 2000-02-29.
}

TEST(FloorTime, RoundsDownBefore1970Too) {
  EXPECT_EQ(floored(-1, "1h"), "1969-12-31T23:00:00Z");
  EXPECT_EQ(floored(-kDay, "1d"), "1969-12-31T00:00:00Z");
  EXPECT_EQ(floored(-1, "1mon"), "1969-12-01T00:00:00Z");
}

TEST(FloorTime, StopsAtTheEndsOfTheClock) {
  for (const char* span : {"1ns", "1h", "1w", "1mon", "12mon", "100000d"}) {
    EXPECT_LE(floor_time(kMax, span_of(span)), kMax) << span;
    EXPECT_LE(floor_time(kMin, span_of(span)), kMin + kDay) << span;
    EXPECT_GE(floor_time(kMax, span_of(span)), kMax - 100'000 * kDay) << span;
  }
  EXPECT_EQ(floor_time(kMin, span_of("1h")), kMin);
}

TEST(NextBucket, FollowsWithoutGaps) {
  for (const char* text : {"1s", "5m", "1d", "1w", "1mon", "5mon"}) {
    const spl2::TimeSpan span = span_of(text);
    std::int64_t start = floor_time(kTime, span);
    for (int i = 0; i < 100; ++i) {
      const std::optional<std::int64_t> next = next_bucket(start, span);
      ASSERT_TRUE(next.has_value());
      EXPECT_GT(*next, start) << text;
      EXPECT_EQ(floor_time(*next, span), *next) << text;
      EXPECT_EQ(floor_time(*next - 1, span), start) << text;
      start = *next;
    }
  }
  EXPECT_EQ(next_bucket(kMax - 1, span_of("1h")), std::nullopt);
  EXPECT_EQ(next_bucket(kMax - 1, span_of("1mon")), std::nullopt);
}

TEST(FloorTimes, AgreesWithFloorTime) {
  for (const char* text : {"1ns", "7s", "1h", "1w", "2mon"}) {
    const spl2::TimeSpan span = span_of(text);
    std::vector<std::int64_t> times;
    for (std::int64_t i = -50; i < 50; ++i) times.push_back(kTime + i * i * i * kSecond * 977);
    for (const std::int64_t edge :
         {kMin, kMin + 1, kMax, kMax - 1, std::int64_t{0}, std::int64_t{-1}})
      times.push_back(edge);
    std::vector<std::int64_t> floored_times = times;
    floor_times(floored_times, span);
    for (std::size_t i = 0; i < times.size(); ++i)
      EXPECT_EQ(floored_times[i], floor_time(times[i], span)) << text << " " << times[i];
  }
}

TEST(ParseTimeSpan, RefusesWhatIsNoSpan) {
  for (const char* text : {"", "5", "m", "0s", "-5m", "5 parsecs", "0mon", "99999999mon"})
    EXPECT_FALSE(parse_time_span(text).has_value()) << text;
  EXPECT_EQ(span_of("1h30m").ns, 5400 * kSecond);
  EXPECT_EQ(span_of("2mon").months, 2);
}

}  // namespace
}  // namespace lynxdb::query
