// Every timestamp format of the ingest guide is found in text and read from documents; impossible
// dates and numbers that only look like times are not.
#include "event/time/timestamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "event/time/time_format.h"

namespace lynxdb::event {
namespace {

constexpr std::int64_t kReceipt = 1'768'473'000'000'000'000;  // 2026-01-15T10:30:00Z
const TimestampDefaults kDefaults{.receipt_ns = kReceipt, .zone_offset_s = 0};

std::string shown(std::int64_t ns) { return format_time(ns, "%Y-%m-%dT%H:%M:%S.%N"); }

std::string in_text(std::string_view line) {
  const auto found = find_timestamp(line, kDefaults);
  return found ? shown(found->ns) : "none";
}
std::string in_document(std::string_view text) {
  const auto ns = parse_timestamp(text, kDefaults);
  return ns ? shown(*ns) : "none";
}

struct Case {
  const char* text;
  const char* want;
};

class EveryFormat : public testing::TestWithParam<Case> {};

TEST_P(EveryFormat, IsReadFromADocument) {
  EXPECT_EQ(in_document(GetParam().text), GetParam().want);
}
TEST_P(EveryFormat, IsFoundAtTheStartOfALine) {
  EXPECT_EQ(in_text(std::string(GetParam().text) + " ERROR went wrong"), GetParam().want);
}
TEST_P(EveryFormat, IsFoundAloneOnALine) { EXPECT_EQ(in_text(GetParam().text), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    Formats, EveryFormat,
    testing::Values(Case{"2026-01-15T10:30:00.123Z", "2026-01-15T10:30:00.123000000"},
                    Case{"2026/02/14 14:52:01", "2026-02-14T14:52:01.000000000"},
                    Case{"2015-07-29 17:41:41,536", "2015-07-29T17:41:41.536000000"},
                    Case{"2026-01-15T10:30:00.123456789+02:00", "2026-01-15T08:30:00.123456789"},
                    Case{"2026-01-15T10:30:00-0530", "2026-01-15T16:00:00.000000000"},
                    Case{"2026-01-15T10:30:00+01", "2026-01-15T09:30:00.000000000"},
                    Case{"2026-01-15 10:30:00 UTC", "2026-01-15T10:30:00.000000000"},
                    Case{"2026-01-15 10:30:00 GMT", "2026-01-15T10:30:00.000000000"},
                    Case{"2026-01-15 10:30:00 +0200", "2026-01-15T08:30:00.000000000"},
                    Case{"1737000000", "2025-01-16T04:00:00.000000000"},
                    Case{"1737000000.5", "2025-01-16T04:00:00.500000000"},
                    Case{"1737000000123", "2025-01-16T04:00:00.123000000"},
                    Case{"1737000000123456", "2025-01-16T04:00:00.123456000"},
                    Case{"1737000000123456789", "2025-01-16T04:00:00.123456789"},
                    Case{"15/Jan/2026:10:30:00 +0000", "2026-01-15T10:30:00.000000000"},
                    Case{"15/Jan/2026:10:30:00 -0700", "2026-01-15T17:30:00.000000000"},
                    Case{"Jan  2 15:04:05", "2026-01-02T15:04:05.000000000"},
                    Case{"Jan 02 15:04:05", "2026-01-02T15:04:05.000000000"},
                    Case{"Dec 10 06:55:46", "2025-12-10T06:55:46.000000000"},
                    Case{"Jan 2 2019 15:04:05", "2019-01-02T15:04:05.000000000"},
                    Case{"Jan 2 15:04:05 2019", "2019-01-02T15:04:05.000000000"},
                    Case{"Sun Dec 04 04:47:44 2005", "2005-12-04T04:47:44.000000000"},
                    Case{"Sun Dec 04 04:47:44.123456 2005", "2005-12-04T04:47:44.123456000"},
                    Case{"Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05.000000000"},
                    Case{"Monday, 02-Jan-06 15:04:05 GMT", "2006-01-02T15:04:05.000000000"},
                    Case{"14 Feb 2026 14:52:01.234", "2026-02-14T14:52:01.234000000"},
                    Case{"4 FEB 2026 14:52:01", "2026-02-04T14:52:01.000000000"},
                    Case{"17/06/09 20:10:40", "2017-06-09T20:10:40.000000000"},
                    Case{"081109 203615", "2008-11-09T20:36:15.000000000"},
                    Case{"E0102 15:04:05.678", "2026-01-02T15:04:05.678000000"},
                    Case{"2005-06-03-15.42.50.675872", "2005-06-03T15:42:50.675872000"}));

TEST(Timestamp, DocumentsAlsoTakeDatesAlone) {
  EXPECT_EQ(in_document("2026-01-15"), "2026-01-15T00:00:00.000000000");
  EXPECT_EQ(in_document(" 2026-01-15T10:30Z "), "2026-01-15T10:30:00.000000000");
  EXPECT_EQ(in_text("2026-01-15 was a Thursday"), "none");
  EXPECT_EQ(in_document("100000000"), "1973-03-03T09:46:40.000000000");
}

TEST(Timestamp, DocumentsMustBeTimestampsAsAWhole) {
  EXPECT_EQ(in_document("2026-01-15T10:30:00Z and more"), "none");
  EXPECT_EQ(in_document("at 2026-01-15T10:30:00Z"), "none");
  EXPECT_EQ(in_document(""), "none");
  EXPECT_EQ(in_document("12345"), "none");
  EXPECT_EQ(in_document("99999999"), "none");
}

TEST(Timestamp, IsFoundAfterEveryDelimiter) {
  for (const char c : std::string_view(" \t[(<>\"'|,;=")) {
    SCOPED_TRACE(c);
    EXPECT_EQ(in_text(std::string("abc") + c + "2026-01-15T10:30:00Z] x"),
              "2026-01-15T10:30:00.000000000");
  }
  EXPECT_EQ(in_text("x2026-01-15T10:30:00Z"), "none");
  EXPECT_EQ(in_text("x:2026-01-15T10:30:00Z"), "none");
}

TEST(Timestamp, IsSearchedInTheFirst256Bytes) {
  EXPECT_NE(in_text(std::string(255, ' ') + "2026-01-15T10:30:00Z"), "none");
  EXPECT_EQ(in_text(std::string(256, ' ') + "2026-01-15T10:30:00Z"), "none");
}

TEST(Timestamp, TheFirstPlaceWins) {
  EXPECT_EQ(in_text("[Sun Dec 04 04:47:44 2005] at 2026-01-15T10:30:00Z"),
            "2005-12-04T04:47:44.000000000");
  EXPECT_EQ(in_text("- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 x"),
            "2005-06-03T22:42:50.000000000");
}

TEST(Timestamp, NumbersAreTimesOnlyAmongTheFirstThreeWords) {
  EXPECT_NE(in_text("a b 1737000000 c"), "none");
  EXPECT_EQ(in_text("a b c 1737000000"), "none");
  EXPECT_EQ(in_text("id=1737000000 x"), "none");
  EXPECT_EQ(in_text("12345678901 x"), "none");
  EXPECT_EQ(in_text("1737000000x y"), "none");
  EXPECT_NE(in_text("[1737000000] y"), "none");
}

TEST(Timestamp, ImpossibleDatesDoNotFit) {
  for (const char* text : {"2026-02-29T10:30:00Z", "2026-13-01T10:30:00Z", "2026-04-31T10:30:00Z",
                           "2026-00-10T10:30:00Z", "2026-01-15T24:30:00Z", "2026-01-15T10:60:00Z",
                           "2026-01-15T10:30:61Z", "1969-12-31T23:59:59Z", "2263-01-01T00:00:00Z",
                           "31/Feb/2026:10:30:00 +0000", "Feb 30 10:00:00", "Foo 12 10:00:00"}) {
    EXPECT_EQ(in_document(text), "none") << text;
    EXPECT_EQ(in_text(text), "none") << text;
  }
  EXPECT_EQ(in_document("2024-02-29T10:30:00Z"), "2024-02-29T10:30:00.000000000");
  EXPECT_EQ(in_document("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000000000");
  EXPECT_EQ(in_document("2262-04-11T23:47:14Z"), "2262-04-11T23:47:14.000000000");
}

TEST(Timestamp, WithoutYearLiesAtMostADayAhead) {
  EXPECT_EQ(in_text("Jan 16 10:29:00 x"), "2026-01-16T10:29:00.000000000");
  EXPECT_EQ(in_text("Jan 16 10:31:00 x"), "2025-01-16T10:31:00.000000000");
  EXPECT_EQ(in_text("Feb 29 10:31:00 x"), "2024-02-29T10:31:00.000000000");
  // Received in the last hours of the year, written in the first of the next.
  const TimestampDefaults new_year{.receipt_ns =
                                       *parse_timestamp("2025-12-31T23:59:59Z", kDefaults)};
  EXPECT_EQ(shown(find_timestamp("Jan  1 00:00:10 x", new_year)->ns),
            "2026-01-01T00:00:10.000000000");
}

TEST(Timestamp, WithoutZoneIsOfTheDefaultZone) {
  const TimestampDefaults berlin{.receipt_ns = kReceipt, .zone_offset_s = 3600};
  EXPECT_EQ(shown(*parse_timestamp("2026-01-15 10:30:00", berlin)),
            "2026-01-15T09:30:00.000000000");
  EXPECT_EQ(shown(*parse_timestamp("2026-01-15 10:30:00Z", berlin)),
            "2026-01-15T10:30:00.000000000");
  EXPECT_EQ(shown(*parse_timestamp("Jan 15 10:30:00", berlin)), "2026-01-15T09:30:00.000000000");
}

TEST(Timestamp, EpochNumbersTakeTheirUnitFromTheirSize) {
  EXPECT_EQ(timestamp_of_epoch(std::int64_t{99'999'999}), std::nullopt);
  EXPECT_EQ(timestamp_of_epoch(std::int64_t{-1}), std::nullopt);
  EXPECT_EQ(timestamp_of_epoch(std::int64_t{1'737'000'000}), 1'737'000'000'000'000'000);
  EXPECT_EQ(timestamp_of_epoch(std::int64_t{1'737'000'000'000}), 1'737'000'000'000'000'000);
  EXPECT_EQ(timestamp_of_epoch(std::int64_t{99'999'999'999}), std::nullopt);  // Year 5138.
  EXPECT_EQ(timestamp_of_epoch(1737000000.25), 1'737'000'000'250'000'000);
  EXPECT_EQ(timestamp_of_epoch(1e300), std::nullopt);
}

TEST(Timestamp, FoundBytesAreNamed) {
  const auto found = find_timestamp("x [2026-01-15T10:30:00Z] y", kDefaults);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->begin, 3U);
  EXPECT_EQ(found->end, 23U);
}

TEST(Timestamp, EveryCutOfEveryFormatIsSafe) {
  for (const std::string text :
       {"2026-01-15T10:30:00.123456789+02:00", "Mon, 02 Jan 2006 15:04:05 GMT",
        "Sun Dec 04 04:47:44.123456 2005", "15/Jan/2026:10:30:00 +0000"}) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      const std::string copy(text.data(), cut);  // On the heap: sanitizers see a read beyond it.
      (void)find_timestamp(copy, kDefaults);
      (void)parse_timestamp(copy, kDefaults);
    }
  }
}

}  // namespace
}  // namespace lynxdb::event
