// Durations read as section "Durations" of the user guide says, and nothing else does.
#include "spl2/duration.h"

#include <gtest/gtest.h>

#include "spl2/parser.h"

namespace lynxdb::spl2 {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Duration, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration_ns("5ns"), 5);
  EXPECT_EQ(parse_duration_ns("5us"), 5'000);
  EXPECT_EQ(parse_duration_ns("5ms"), 5'000'000);
  EXPECT_EQ(parse_duration_ns("5s"), 5 * kSecond);
  EXPECT_EQ(parse_duration_ns("5m"), 300 * kSecond);
  EXPECT_EQ(parse_duration_ns("5h"), 18'000 * kSecond);
  EXPECT_EQ(parse_duration_ns("90d"), 90 * 86'400 * kSecond);
  EXPECT_EQ(parse_duration_ns("4w"), 28 * 86'400 * kSecond);
}

TEST(Duration, ReadsLongUnitsAndSpaces) {
  EXPECT_EQ(parse_duration_ns("2 weeks"), 14 * 86'400 * kSecond);
  EXPECT_EQ(parse_duration_ns("10min"), 600 * kSecond);
  EXPECT_EQ(parse_duration_ns("1 hour 30 mins"), 5'400 * kSecond);
  EXPECT_EQ(parse_duration_ns("1day"), 86'400 * kSecond);
}

TEST(Duration, AddsPartsLargestFirst) {
  EXPECT_EQ(parse_duration_ns("1h30m"), 5'400 * kSecond);
  EXPECT_FALSE(parse_duration_ns("30m1h"));
  EXPECT_FALSE(parse_duration_ns("1h1h"));
}

TEST(Duration, RejectsOtherText) {
  for (const char* text : {"", " ", "5", "m", "-5m", "+5m", "5x", "1.5h", "5M", "1mon",
                           "999999999999999999999s", "9999999999h", "5m|"})
    EXPECT_FALSE(parse_duration_ns(text)) << text;
}

TEST(Duration, SpansMayBeMonthsButNotZero) {
  EXPECT_EQ(parse_time_span("3mon")->months, 3);
  EXPECT_EQ(parse_time_span("3mon")->ns, 0);
  EXPECT_EQ(parse_time_span("1 month")->text, "1mon");
  EXPECT_EQ(parse_time_span("90 min")->text, "1h30m");
  EXPECT_FALSE(parse_time_span("0s"));
  EXPECT_FALSE(parse_time_span("0mon"));
  EXPECT_FALSE(parse_time_span("99999999mon"));
}

TEST(Duration, PrintsWhatItReads) {
  for (const char* text : {"5m", "1h30m", "1w", "2d3h", "1s500ms", "0s", "1us1ns"})
    EXPECT_EQ(duration_text(*parse_duration_ns(text)), text);
}

}  // namespace
}  // namespace lynxdb::spl2
