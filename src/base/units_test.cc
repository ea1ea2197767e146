// Sizes and durations mean what people mean by them; what is none of them is refused, not guessed.
#include "base/units.h"

#include <limits>

#include <gtest/gtest.h>

namespace lynxdb::base {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

TEST(Durations, AreNumbersWithUnitsTheLargestFirst) {
  const std::pair<std::string_view, std::int64_t> cases[] = {
      {"1ns", 1},
      {"2us", 2'000},
      {"3ms", 3'000'000},
      {"90s", 90 * kSecond},
      {"5m", 300 * kSecond},
      {"1h30m", 5'400 * kSecond},
      {"1h 30m", 5'400 * kSecond},
      {"7d", 7 * kDay},
      {"4w", 28 * kDay},
      {"2 days", 2 * kDay},
      {" 1week ", 7 * kDay},
      {"1w2d3h4m5s6ms7us8ns", 9 * kDay + 11'045 * kSecond + 6'007'008},
      {"1sec", kSecond},
      {"3mins", 180 * kSecond},
      {"2hours", 7'200 * kSecond},
      {"1hr", 3'600 * kSecond},
      {"0s", 0},
  };
  for (const auto& [text, ns] : cases) EXPECT_EQ(parse_duration_ns(text), ns) << text;
}

TEST(Durations, AreNothingElse) {
  for (const std::string_view text :
       {"", " ", "0", "15", "m", "1x", "1.5h", "-1h", "+1h", "30m1h", "1h1h", "1h30", "1mon", "1M",
        "1h,30m", "106752d", "9223372036854775808ns", "99999999999999999999s"}) {
    EXPECT_EQ(parse_duration_ns(text), std::nullopt) << text;
  }
}

TEST(Durations, AreWrittenSoThatTheyReadBack) {
  EXPECT_EQ(duration_text(0), "0s");
  EXPECT_EQ(duration_text(5'400 * kSecond), "1h30m");
  EXPECT_EQ(duration_text(7 * kDay), "1w");
  EXPECT_EQ(duration_text(kSecond + 1), "1s1ns");
  for (const std::int64_t ns :
       {1LL, 999LL, 1'234'567'890'123LL, std::numeric_limits<long long>::max()}) {
    EXPECT_EQ(parse_duration_ns(duration_text(ns)), ns);
  }
}

TEST(DurationSettings, MayBeABareZero) {
  EXPECT_EQ(*parse_duration_setting("0"), std::chrono::nanoseconds(0));
  EXPECT_EQ(*parse_duration_setting("30s"), std::chrono::seconds(30));
  EXPECT_EQ(*parse_duration_setting("90d"), std::chrono::hours(90 * 24));
}

TEST(DurationSettings, NameWhatTheyCannotRead) {
  const auto wrong = parse_duration_setting("soon");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "'soon' is not a duration");
  EXPECT_EQ(wrong.error().suggestion, "write for instance 500ms, 30s, 5m, 1h30m or 7d");
  EXPECT_FALSE(parse_duration_setting("30"));
}

TEST(Sizes, CountIn1024sWhateverTheUnitIsCalled) {
  const std::pair<std::string_view, std::uint64_t> cases[] = {
      {"0", 0},
      {"512", 512},
      {"512b", 512},
      {"64kb", 64ULL << 10U},
      {"64KiB", 64ULL << 10U},
      {"512mb", 512ULL << 20U},
      {"4GB", 4ULL << 30U},
      {"4 gib", 4ULL << 30U},
      {"2tb", 2ULL << 40U},
      {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
  };
  for (const auto& [text, bytes] : cases) EXPECT_EQ(*parse_size_bytes(text), bytes) << text;
}

TEST(Sizes, AreNothingElse) {
  for (const std::string_view text : {"", "mb", "-1", "1.5gb", "4g", "4 g b", "4gb!", "1e3", "0x10",
                                      "18446744073709551616", "16777216tb"}) {
    const auto size = parse_size_bytes(text);
    ASSERT_FALSE(size) << text;
    EXPECT_EQ(size.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(size.error().message, "'" + std::string(text) + "' is not a size");
  }
}

TEST(Sizes, AreWrittenExactly) {
  EXPECT_EQ(size_text(0), "0");
  EXPECT_EQ(size_text(1000), "1000");
  EXPECT_EQ(size_text(1536), "1536");
  EXPECT_EQ(size_text(1536ULL << 10U), "1536kb");
  EXPECT_EQ(size_text(512ULL << 20U), "512mb");
  EXPECT_EQ(size_text(1ULL << 40U), "1tb");
}

}  // namespace
}  // namespace lynxdb::base
