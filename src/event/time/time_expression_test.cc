// Time expressions move and round as the query language says; formats and their reading agree.
#include "event/time/time_expression.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "event/time/civil.h"
#include "event/time/time_format.h"

namespace lynxdb::event {
namespace {

constexpr std::int64_t kNow = 1'768'473'045'500'000'000;  // Thu 2026-01-15T10:30:45.5Z

std::string at(std::string_view text) {
  const auto ns = parse_time_expression(text, kNow);
  return ns ? format_time(*ns, "%Y-%m-%dT%H:%M:%S.%L") : "error";
}

TEST(TimeExpression, MovesFromNow) {
  EXPECT_EQ(at("now"), "2026-01-15T10:30:45.500");
  EXPECT_EQ(at("-15m"), "2026-01-15T10:15:45.500");
  EXPECT_EQ(at("now-15m"), "2026-01-15T10:15:45.500");
  EXPECT_EQ(at("now - 15m"), "2026-01-15T10:15:45.500");
  EXPECT_EQ(at("+1h"), "2026-01-15T11:30:45.500");
  EXPECT_EQ(at("-1h30m"), "2026-01-15T09:00:45.500");
  EXPECT_EQ(at("-2days"), "2026-01-13T10:30:45.500");
  EXPECT_EQ(at("-1mon"), "2025-12-15T10:30:45.500");
  EXPECT_EQ(at("-1y"), "2025-01-15T10:30:45.500");
}

TEST(TimeExpression, RoundsDownToTheUnit) {
  EXPECT_EQ(at("-1d@d"), "2026-01-14T00:00:00.000");
  EXPECT_EQ(at("@h"), "2026-01-15T10:00:00.000");
  EXPECT_EQ(at("now@m"), "2026-01-15T10:30:00.000");
  EXPECT_EQ(at("-1w@w1"), "2026-01-05T00:00:00.000");
  EXPECT_EQ(at("@w"), "2026-01-11T00:00:00.000");
  EXPECT_EQ(at("@mon"), "2026-01-01T00:00:00.000");
  EXPECT_EQ(at("@y"), "2026-01-01T00:00:00.000");
  EXPECT_EQ(at("@d+8h"), "2026-01-15T08:00:00.000");
}

TEST(TimeExpression, TakesAbsoluteTimes) {
  EXPECT_EQ(at("2026-01-15T00:00:00Z"), "2026-01-15T00:00:00.000");
  EXPECT_EQ(at("2026-01-15 10:00"), "2026-01-15T10:00:00.000");
  EXPECT_EQ(at("2026-01-15 10:00:01"), "2026-01-15T10:00:01.000");
  EXPECT_EQ(at("2026-01-15"), "2026-01-15T00:00:00.000");
  EXPECT_EQ(at("1737000000"), "2025-01-16T04:00:00.000");
  EXPECT_EQ(at("1737000000123"), "2025-01-16T04:00:00.123");
}

TEST(TimeExpression, RefusesTheRest) {
  for (const char* text : {"", "yesterday", "15m", "-15", "-15x", "now-", "nowhere", "@", "@q",
                           "-1m1h", "-1h-", "2026-02-30", "-99999999999999999999d", "@w9"}) {
    EXPECT_EQ(at(text), "error") << text;
  }
}

TEST(TimeExpression, CutsAtTheEndsOfTime) {
  EXPECT_EQ(at("-1000y"), "1970-01-01T00:00:00.000");
  EXPECT_EQ(at("-900000000d"), "1970-01-01T00:00:00.000");
  EXPECT_EQ(at("+999999999999999999y").substr(0, 4), "2262");
}

TEST(TimeExpression, SinceTakesBareDurations) {
  EXPECT_EQ(*parse_since("15m", kNow), *parse_time_expression("-15m", kNow));
  EXPECT_EQ(*parse_since("-15m", kNow), *parse_time_expression("-15m", kNow));
  EXPECT_EQ(*parse_since("2026-01-15", kNow), *parse_time_expression("2026-01-15", kNow));
  EXPECT_FALSE(parse_since("15", kNow));
}

TEST(TimeFormat, PrintsEveryCode) {
  const std::int64_t ns = 1'768'473'045'012'345'678;
  EXPECT_EQ(format_time(ns, "%Y %y %m %d %e %j %H %I %M %S %p"),
            "2026 26 01 15 15 015 10 10 30 45 AM");
  EXPECT_EQ(format_time(ns, "%f %L %N %3N %6N %9N"), "012345 012 012345678 012 012345 012345678");
  EXPECT_EQ(format_time(ns, "%a %A %b %B %u %w %V %Z %z %s"),
            "Thu Thursday Jan January 4 4 03 UTC +0000 1768473045");
  EXPECT_EQ(format_time(ns, "%F %T %D %R|%c|%%"),
            "2026-01-15 10:30:45 01/15/26 10:30|Thu Jan 15 10:30:45 2026|%");
  EXPECT_EQ(format_time(ns, "%Q 5%"), "%Q 5%");
  EXPECT_EQ(format_time(0, "%I %p %e %V"), "12 AM  1 01");
}

TEST(TimeFormat, PrintsTimesBefore1970) {
  EXPECT_EQ(format_time(-1, "%F %T.%N %s %a"), "1969-12-31 23:59:59.999999999 -1 Wed");
  EXPECT_EQ(format_time(std::numeric_limits<std::int64_t>::min(), "%Y"), "1677");
}

TEST(TimeFormat, ReadsWhatItPrints) {
  const std::int64_t ns = 1'768'473'045'012'345'678;
  for (const char* format :
       {"%F %T.%N", "%Y-%m-%dT%H:%M:%S.%9N%z", "%d %b %Y %I:%M:%S.%f%N %p", "%A, %d-%b-%y %T.%N %Z",
        "%s.%N", "%Y %j %T.%N", "%D %R:%S.%N", "%B %e %Y %T.%N"}) {
    if (std::string_view(format).find("%f%N") != std::string_view::npos) continue;
    EXPECT_EQ(parse_time(format_time(ns, format), format), ns) << format;
  }
  EXPECT_EQ(parse_time("Thu Jan 15 10:30:45 2026", "%c"), ns - ns % kNsPerSecond);
}

TEST(TimeFormat, MissingPartsAreThoseOf1970) {
  EXPECT_EQ(parse_time("10:30", "%H:%M"), (10 * 3600 + 30 * 60) * kNsPerSecond);
  EXPECT_EQ(parse_time("1 PM", "%I %p"), std::int64_t{13} * 3600 * kNsPerSecond);
  EXPECT_EQ(parse_time("12 AM", "%I %p"), 0);
  EXPECT_EQ(parse_time("1971", "%Y"), 365 * kNsPerDay);
}

TEST(TimeFormat, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_time("2026-02-30", "%F"), std::nullopt);
  EXPECT_EQ(parse_time("2026-01-15x", "%F"), std::nullopt);
  EXPECT_EQ(parse_time("x", "%F"), std::nullopt);
  EXPECT_EQ(parse_time("", "%F"), std::nullopt);
  EXPECT_EQ(parse_time("1960-01-01", "%F"), std::nullopt);
  EXPECT_EQ(parse_time("2025 366", "%Y %j"), std::nullopt);
  EXPECT_EQ(parse_time("15/13", "%d/%m"), std::nullopt);
}

TEST(TimeFormat, ReadsZones) {
  EXPECT_EQ(parse_time("2026-01-15 10:30:00 +0130", "%F %T %z"),
            parse_time("2026-01-15 09:00:00", "%F %T"));
  EXPECT_EQ(parse_time("2026-01-15 10:30:00Z", "%F %T%z"),
            parse_time("2026-01-15 10:30:00", "%F %T"));
  EXPECT_EQ(parse_time("2026-01-15 10:30:00 GMT", "%F %T %Z"),
            parse_time("2026-01-15 10:30:00", "%F %T"));
}

TEST(Civil, AgreesWithItselfOverEveryDayOfTheRange) {
  for (std::int64_t days = 0; days <= 106'751; ++days) {
    const CivilTime civil = date_of_days(days);
    ASSERT_EQ(days_from_civil(civil.year, civil.month, civil.day), days);
    ASSERT_EQ(days_from_civil(civil.year, 1, 1) + day_of_year(civil) - 1, days);
  }
  EXPECT_EQ(iso_week(days_from_civil(2026, 1, 1)), 1);
  EXPECT_EQ(iso_week(days_from_civil(2027, 1, 1)), 53);
  EXPECT_EQ(iso_week(days_from_civil(2024, 12, 30)), 1);
}

}  // namespace
}  // namespace lynxdb::event
