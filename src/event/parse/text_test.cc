// The level of a text line, and headers of CLF and syslog: which fields each gives and what fits.
#include "event/parse/text.h"

#include <gtest/gtest.h>

#include "event/parse/parse_testing.h"

namespace lynxdb::event {
namespace {

using testing::field;
using testing::field_of;
using testing::fields_of;
using testing::parse;

// --- Level

TEST(Level, IsTheFirstWholeWord) {
  EXPECT_EQ(find_level(" - INFO  [main] ERROR"), "INFO");
  EXPECT_EQ(find_level("INFORMATION MYERROR ERROR_CODE WARN: x"), "WARN");
  EXPECT_EQ(find_level("all is well"), "");
  for (const char* level : {"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR",
                            "FATAL", "CRIT", "CRITICAL", "ALERT", "EMERG", "PANIC"}) {
    EXPECT_EQ(find_level(std::string("x ") + level), level);
  }
}

TEST(Level, CountsInLowerCaseOnlyInBrackets) {
  EXPECT_EQ(find_level("error [notice] x"), "notice");
  EXPECT_EQ(find_level("<Warn> x"), "Warn");
  EXPECT_EQ(find_level("an error occurred"), "");
}

TEST(Level, StandsWithin128Bytes) {
  EXPECT_EQ(find_level(std::string(127, '.') + "ERROR"), "ERROR");
  EXPECT_EQ(find_level(std::string(128, '.') + "ERROR"), "");
}

TEST(Level, IsSearchedAfterTheTimestamp) {
  EXPECT_EQ(field_of("ERROR before 2026-01-15 10:00:00 WARN after", "level"), "\"WARN\"");
  EXPECT_EQ(field_of("2026-01-15 10:00:00 WARN level=low", "level"), "\"low\"");
}

// --- CLF

TEST(Clf, GivesTheFieldsOfTheCommonFormat) {
  EXPECT_EQ(
      fields_of(R"(1.2.3.4 id bob [15/Jan/2026:10:00:00 +0100] "GET /a?b=c HTTP/1.1" 200 512)"),
      R"(bytes=512 client_ip="1.2.3.4" ident="id" method="GET" protocol="HTTP/1.1" status=200 uri="/a?b=c" user="bob")");
  EXPECT_EQ(field_of(R"(1.2.3.4 - - [15/Jan/2026:10:00:00 +0100] "-" 200 -)", kTime),
            "\"2026-01-15T09:00:00Z\"");
}

TEST(Clf, GivesTheFieldsOfTheCombinedFormat) {
  EXPECT_EQ(
      fields_of(
          R"(::1 - - [15/Jan/2026:10:00:00 +0000] "GET / HTTP/2" 304 - "http://r/" "curl \"8\"" rt=0.1 x)"),
      R"(client_ip="::1" method="GET" protocol="HTTP/2" referer="http://r/" rt=0.1 status=304 uri="/" user_agent="curl \"8\"")");
}

TEST(Clf, KeepsOddRequestsWhole) {
  EXPECT_EQ(fields_of(R"(h - - [15/Jan/2026:10:00:00 +0000] "\x16\x03 a b c" 400 0)"),
            R"(bytes=0 client_ip="h" request="\\x16\\x03 a b c" status=400)");
  EXPECT_EQ(fields_of(R"(h - - [15/Jan/2026:10:00:00 +0000] "-" 408 -)"),
            R"(client_ip="h" status=408)");
  EXPECT_EQ(fields_of(R"(h - - [15/Jan/2026:10:00:00 +0000] "GET /" 408 -)"),
            R"(client_ip="h" request="GET /" status=408)");
}

TEST(Clf, ExtractsPairsFromTheRestAlone) {
  EXPECT_EQ(
      fields_of(
          R"(h - - [15/Jan/2026:10:00:00 +0000] "GET /?user=eve HTTP/1.1" 200 1 "-" "a b=c" status=1 z=2)"),
      R"(bytes=1 client_ip="h" method="GET" protocol="HTTP/1.1" status=200 uri="/?user=eve" user_agent="a b=c" z=2)");
}

TEST(Clf, RefusesOtherLines) {
  for (const std::string_view line :
       {R"(h - - [15/Foo/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1)",
        R"(h - - "GET / HTTP/1.1" 200 1)", R"(h - - [15/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1)",
        R"(h - - [15/Jan/2026:10:00:00 +0000] "GET /" ok 1)",
        R"(h - [15/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1)"}) {
    EXPECT_EQ(field_of(line, kSourcetype), "\"text\"") << line;
  }
}

// --- Syslog

TEST(Syslog, ReadsRfc5424) {
  const ParsedChunk chunk = parse(
      R"(<165>1 2026-01-15T10:00:00.003Z web.example evntslog 88 ID47 [ex@1 iut="3" src="a \"b\" \]"][p@2 q=""] )"
      "\xef\xbb\xbf"
      "took=5ms n=3");
  EXPECT_EQ(
      fields_of(chunk.batch),
      R"(app_name="evntslog" facility=20 level="notice" message="took=5ms n=3" msgid="ID47" n=3 procid="88" )"
      R"(sd.ex@1.iut="3" sd.ex@1.src="a \"b\" ]" sd.p@2.q="" severity=5 took="5ms")");
  EXPECT_EQ(field(chunk.batch, kHost), "\"web.example\"");
  EXPECT_EQ(field(chunk.batch, kTime), "\"2026-01-15T10:00:00.003Z\"");
}

TEST(Syslog, DashesAreAbsent) {
  const ParsedChunk chunk = parse("<0>1 - - - - - -");
  EXPECT_EQ(fields_of(chunk.batch), R"(facility=0 level="emerg" severity=0)");
  EXPECT_EQ(field(chunk.batch, kHost), "null");
  EXPECT_EQ(field(chunk.batch, kTime), "\"2026-01-15T10:30:00Z\"");
}

TEST(Syslog, ReadsRfc3164) {
  const ParsedChunk chunk = parse("<13>Jan  5 10:00:00 web su[123]: user=bob said hi");
  EXPECT_EQ(
      fields_of(chunk.batch),
      R"(app_name="su" facility=1 level="notice" message="user=bob said hi" procid="123" severity=5 user="bob")");
  EXPECT_EQ(field(chunk.batch, kHost), "\"web\"");
  EXPECT_EQ(field(chunk.batch, kTime), "\"2026-01-05T10:00:00Z\"");
  EXPECT_EQ(field_of("<13>2026-01-15T10:00:00Z web su: x", "app_name"), "\"su\"");
  EXPECT_EQ(field_of("<13>Jan  5 10:00:00 su[1]: no host", "app_name"), "\"su\"");
  EXPECT_EQ(field_of("<13>Jan  5 10:00:00 web no tag here", "message"), "\"no tag here\"");
}

TEST(Syslog, ReadsHeadersWithoutPri) {
  EXPECT_EQ(
      fields_of("Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186"),
      R"(app_name="sshd" message="Invalid user webmaster from 173.234.31.186" procid="24200")");
  EXPECT_EQ(field_of("Dec 10 06:55:46 LabSZ sshd[24200]: x", kTime), "\"2025-12-10T06:55:46Z\"");
  EXPECT_EQ(field_of("Dec 10 06:55:46 something else happened", kSourcetype), "\"text\"");
}

TEST(Syslog, TakesTheFieldsOfAJsonMessage) {
  const ParsedChunk chunk = parse(
      R"(<14>1 2026-01-15T10:00:00Z web app 1 - - {"a":{"b":1},"message":"inner","level":"x","time":5})");
  EXPECT_EQ(
      fields_of(chunk.batch),
      R"(a.b=1 app_name="app" facility=1 level="info" message="{\"a\":{\"b\":1},\"message\":\"inner\",\"level\":\"x\",\"time\":5}" procid="1" severity=6 time=5)");
  EXPECT_EQ(field(chunk.batch, kSourcetype), "\"syslog\"");
  EXPECT_EQ(field_of("<14>1 - - app - - - {\"a\":1", "a"), "null");
}

TEST(Syslog, HeaderWinsOverPairs) {
  EXPECT_EQ(field_of("<13>Jan  5 10:00:00 web su: host=other severity=9", kHost), "\"web\"");
  EXPECT_EQ(field_of("<13>Jan  5 10:00:00 web su: host=other severity=9", "severity"), "5");
  EXPECT_EQ(field_of("<13>1 - - su - - - host=other", kHost), "\"other\"");
}

TEST(Syslog, RefusesOtherLines) {
  for (const std::string_view line :
       {"<192>Jan  5 10:00:00 web su: x", "<>Jan  5 10:00:00 web su: x", "<13>hello",
        "<13>1 yesterday web app - - - x", "<13>1 - web app - - [bad", "<13>2 - - - - - -"}) {
    EXPECT_EQ(field_of(line, kSourcetype), "\"text\"") << line;
  }
}

}  // namespace
}  // namespace lynxdb::event
