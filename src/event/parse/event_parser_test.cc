// Any bytes become events: lines are framed and told apart as the ingest guide says, labels win in
// its order, projections leave out and never change, and nothing crashes.
#include "event/parse/event_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "event/parse/parse_testing.h"

namespace lynxdb::event {
namespace {

using testing::chunk_of;
using testing::field;
using testing::field_of;
using testing::fields_of;
using testing::options_for;
using testing::parse;

std::vector<std::string> raws(const ParsedChunk& chunk) {
  std::vector<std::string> out;
  for (std::size_t row = 0; row < chunk.batch.rows(); ++row)
    out.push_back(field(chunk.batch, kRaw, row));
  return out;
}

// --- Framing

TEST(EventParser, SplitsAtLineEnds) {
  EXPECT_THAT(raws(parse("a\nb\r\nc")), ::testing::ElementsAre("\"a\"", "\"b\"", "\"c\""));
  EXPECT_THAT(raws(parse("a\n")), ::testing::ElementsAre("\"a\""));
  EXPECT_THAT(raws(parse("a\rb\n")), ::testing::ElementsAre("\"a\\rb\""));
  EXPECT_EQ(parse("").batch.rows(), 0U);
}

TEST(EventParser, SkipsBlankLines) {
  const ParsedChunk chunk = parse("\n\na\n \t \n\r\nb\n\n");
  EXPECT_THAT(raws(chunk), ::testing::ElementsAre("\"a\"", "\"b\""));
  EXPECT_EQ(chunk.counts.events, 2U);
}

TEST(EventParser, SkipsTheByteOrderMark) {
  EXPECT_EQ(field_of("\xef\xbb\xbf{\"a\":1}", "a"), "1");
  EXPECT_EQ(field_of("\xef\xbb\xbf{\"a\":1}", kRaw), R"("{\"a\":1}")");
}

TEST(EventParser, CutsLongLines) {
  ParserOptions options = options_for();
  options.line_bytes_max = 10;
  const ParsedChunk chunk = parse("0123456789\n0123456789x\n", options);
  EXPECT_EQ(field(chunk.batch, "_truncated", 0), "null");
  EXPECT_EQ(field(chunk.batch, "_truncated", 1), "true");
  EXPECT_EQ(field(chunk.batch, kRaw, 1), "\"0123456789\"");
  EXPECT_EQ(chunk.counts.truncated, 1U);
  // A character of several bytes is not cut in two.
  EXPECT_EQ(field_of("012345678\xc3\xa4x", kRaw, options), "\"012345678\"");
}

TEST(EventParser, RefusesLongLinesIfAskedTo) {
  ParserOptions options = options_for();
  options.line_bytes_max = 10;
  options.cut_long_lines = false;
  const ParsedChunk chunk = parse("a\n\n0123456789x\nb\n", options);
  EXPECT_EQ(chunk.batch.rows(), 2U);
  ASSERT_EQ(chunk.errors.size(), 1U);
  EXPECT_EQ(chunk.errors[0].line, 1U);
  EXPECT_EQ(chunk.errors[0].code, "EVENT_TOO_LARGE");
}

// --- Formats

constexpr std::string_view kJsonLine =
    R"({"time":"2024-05-01T00:00:00.053Z","level":"INFO","status":304})";
constexpr std::string_view kClfLine =
    R"(10.0.0.1 - bob [15/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" rt=0.25)";
constexpr std::string_view kPriLine = "<34>Jan 15 10:00:00 web su[77]: failed user=bob";
constexpr std::string_view kFileSyslogLine = "Jan 15 10:00:00 web sshd[77]: failed user=bob";
constexpr std::string_view kTextLine = "2026-01-15 10:00:00 ERROR failed user=bob";

TEST(EventParser, TellsFormatsApart) {
  EXPECT_EQ(field_of(kJsonLine, kSourcetype), "\"json\"");
  EXPECT_EQ(field_of(kClfLine, kSourcetype), "\"clf\"");
  EXPECT_EQ(field_of(kPriLine, kSourcetype), "\"syslog\"");
  EXPECT_EQ(field_of(kFileSyslogLine, kSourcetype), "\"syslog\"");
  EXPECT_EQ(field_of(kTextLine, kSourcetype), "\"text\"");
  EXPECT_EQ(field_of("{\"a\":1} and more", kSourcetype), "\"text\"");
  EXPECT_EQ(field_of("[1,2]", kSourcetype), "\"text\"");
  EXPECT_EQ(field_of("<1234>x", kSourcetype), "\"text\"");
}

TEST(EventParser, MixesFormatsLineByLine) {
  const std::string lines = std::string(kJsonLine) + "\n" + std::string(kClfLine) + "\n" +
                            std::string(kPriLine) + "\n" + std::string(kTextLine) + "\n";
  const ParsedChunk chunk = parse(lines);
  ASSERT_EQ(chunk.batch.rows(), 4U);
  EXPECT_EQ(fields_of(chunk.batch, 0),
            R"(level="INFO" status=304 time="2024-05-01T00:00:00.053Z")");
  EXPECT_EQ(
      fields_of(chunk.batch, 1),
      R"(bytes=5 client_ip="10.0.0.1" method="GET" protocol="HTTP/1.1" rt=0.25 status=200 uri="/a" user="bob" user_agent="curl/8")");
  EXPECT_EQ(
      fields_of(chunk.batch, 2),
      R"(app_name="su" facility=4 level="crit" message="failed user=bob" procid="77" severity=2 user="bob")");
  EXPECT_EQ(fields_of(chunk.batch, 3), R"(level="ERROR" user="bob")");
}

TEST(EventParser, JsonFormatRefusesOtherLines) {
  const ParsedChunk chunk =
      parse("{\"a\":1}\nnope\n\n{\"a\":2}\n{\"a\":\n[1]\n", options_for(Format::kJson));
  EXPECT_EQ(chunk.batch.rows(), 2U);
  EXPECT_EQ(chunk.counts.events, 2U);
  EXPECT_EQ(chunk.counts.errors, 3U);
  ASSERT_EQ(chunk.errors.size(), 3U);
  EXPECT_EQ(chunk.errors[0].line, 1U);
  EXPECT_EQ(chunk.errors[1].line, 3U);
  EXPECT_EQ(chunk.errors[0].code, "PARSE_ERROR");
}

TEST(EventParser, JsonFormatTakesOneArray) {
  const ParsedChunk chunk =
      parse(" [ {\"a\" : 1,\n \"b\": \"x y\"}, {\"a\":2}\n, 3 ] \n", options_for(Format::kJson));
  ASSERT_EQ(chunk.batch.rows(), 2U);
  EXPECT_EQ(field(chunk.batch, kRaw, 0), R"("{\"a\":1,\"b\":\"x y\"}")");
  EXPECT_EQ(field(chunk.batch, "a", 1), "2");
  ASSERT_EQ(chunk.errors.size(), 1U);
  EXPECT_EQ(chunk.errors[0].line, 2U);
  EXPECT_EQ(parse("[]", options_for(Format::kJson)).counts.errors, 0U);
  EXPECT_EQ(parse("[{\"a\":1},", options_for(Format::kJson)).counts.errors, 1U);
  EXPECT_EQ(parse("[{\"a\":1}] x", options_for(Format::kJson)).counts.errors, 1U);
}

TEST(EventParser, KeepsMisfitsAsText) {
  const ParsedChunk clf = parse(std::string(kClfLine) + "\nuser=bob\n", options_for(Format::kClf));
  EXPECT_EQ(clf.batch.rows(), 2U);
  EXPECT_EQ(clf.counts.misfits, 1U);
  EXPECT_EQ(field(clf.batch, "user", 1), "\"bob\"");
  EXPECT_EQ(field(clf.batch, kSourcetype, 1), "\"text\"");
  EXPECT_EQ(parse("hello\n", options_for(Format::kSyslog)).counts.misfits, 1U);
}

TEST(EventParser, RawHasNoFields) {
  EXPECT_EQ(fields_of(kTextLine, options_for(Format::kRaw)), "");
  EXPECT_EQ(fields_of(kJsonLine, options_for(Format::kRaw)), "");
  EXPECT_EQ(field_of(kTextLine, kTime, options_for(Format::kRaw)), "\"2026-01-15T10:00:00Z\"");
}

TEST(EventParser, FormatsHaveNames) {
  EXPECT_EQ(format_named("clf"), Format::kClf);
  EXPECT_EQ(format_named("auto"), Format::kAuto);
  EXPECT_EQ(format_named("nginx"), std::nullopt);
}

// --- Built-in fields

TEST(EventParser, TimeIsReceiptTimeWhereNoneIsFound) {
  EXPECT_EQ(field_of("hello", kTime), "\"2026-01-15T10:30:00Z\"");
  EXPECT_EQ(field_of("{\"a\":1}", kTime), "\"2026-01-15T10:30:00Z\"");
}

TEST(EventParser, BuiltInFieldsHaveDefaults) {
  const ParsedChunk chunk = parse("hello\n");
  EXPECT_EQ(field(chunk.batch, kIndex), "\"main\"");
  EXPECT_EQ(field(chunk.batch, kSource), "null");
  EXPECT_EQ(field(chunk.batch, kHost), "null");
  EXPECT_EQ(chunk.batch.find(kId), nullptr);
  ParserOptions options = options_for();
  options.default_source = "stdin";
  EXPECT_EQ(field_of("hello", kSource, options), "\"stdin\"");
  EXPECT_EQ(field_of(R"({"source":"app"})", kSource, options), "\"app\"");
}

TEST(EventParser, LabelsOfTheRequestWin) {
  ParserOptions options = options_for();
  options.source = "s";
  options.sourcetype = "t";
  options.index = "i";
  options.host = "h";
  const ParsedChunk chunk = parse(R"({"source":"x","host":"y","a":1})", options);
  EXPECT_EQ(field(chunk.batch, kSource), "\"s\"");
  EXPECT_EQ(field(chunk.batch, kSourcetype), "\"t\"");
  EXPECT_EQ(field(chunk.batch, kIndex), "\"i\"");
  EXPECT_EQ(field(chunk.batch, kHost), "\"h\"");
  EXPECT_EQ(fields_of(chunk.batch), "a=1");
}

TEST(EventParser, LabelsAreCutAt256Bytes) {
  const ParsedChunk chunk = parse("{\"host\":\"" + std::string(300, 'x') + "\"}");
  EXPECT_EQ(field(chunk.batch, kHost), "\"" + std::string(256, 'x') + "\"");
  EXPECT_EQ(chunk.counts.labels_cut, 1U);
}

TEST(EventParser, LabelColumnsAreDictionaries) {
  const ParsedChunk chunk = parse("{\"host\":\"a\"}\n{\"host\":\"b\"}\nhost=a x\nnone\n");
  for (const std::string_view name : {kHost, kIndex, kSourcetype}) {
    ASSERT_NE(chunk.batch.find(name), nullptr);
    EXPECT_EQ((*chunk.batch.find(name))->kind(), Kind::kDictionary);
  }
  EXPECT_EQ(field(chunk.batch, kHost, 2), "\"a\"");
  EXPECT_EQ(field(chunk.batch, kHost, 3), "null");
}

// --- Columns

TEST(EventParser, FieldsThatComeLateAreNullBefore) {
  std::string lines;
  for (int i = 0; i < 500; ++i) lines += "{\"a\":" + std::to_string(i) + "}\n";
  lines += "{\"b\":\"late\",\"a\":500}\n{\"a\":501}\n";
  const ParsedChunk chunk = parse(lines);
  ASSERT_EQ(chunk.batch.rows(), 502U);
  for (const Field& f : chunk.batch.fields()) EXPECT_EQ(f.column->size(), 502U) << f.name;
  EXPECT_EQ(field(chunk.batch, "b", 499), "null");
  EXPECT_EQ(field(chunk.batch, "b", 500), "\"late\"");
  EXPECT_EQ(field(chunk.batch, "b", 501), "null");
  EXPECT_EQ(field(chunk.batch, "a", 500), "500");
}

TEST(EventParser, FieldsMayChangeTheirType) {
  const ParsedChunk chunk = parse(
      "{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":[1,2]}\n{\"a\":2.5}\n{\"b\":[1]}\n{\"b\":2}\n{\"b\":[3]}"
      "\n");
  const std::vector<std::string> want_a = {"1", "\"x\"", "[1,2]", "2.5", "null", "null", "null"};
  const std::vector<std::string> want_b = {"null", "null", "null", "null", "[1]", "2", "[3]"};
  for (std::size_t row = 0; row < 7; ++row) {
    EXPECT_EQ(field(chunk.batch, "a", row), want_a[row]);
    EXPECT_EQ(field(chunk.batch, "b", row), want_b[row]);
  }
}

TEST(EventParser, OneParserTakesManyChunks) {
  EventParser parser(options_for());
  for (int i = 0; i < 3; ++i) {
    const auto [text, owner] = chunk_of("{\"a\":1,\"b\":\"x\\ny\"}\n{\"c\":[true]}\n");
    const ParsedChunk chunk = parser.parse(text, owner);
    ASSERT_EQ(chunk.batch.rows(), 2U);
    EXPECT_EQ(fields_of(chunk.batch, 0), R"(a=1 b="x\ny")");
    EXPECT_EQ(fields_of(chunk.batch, 1), "c=[true]");
  }
}

TEST(EventParser, StringsOutliveTheParser) {
  EventBatch batch;
  {
    EventParser parser(options_for());
    auto [text, owner] = chunk_of("{\"a\":\"plain\",\"b\":\"esc\\u00e4ped\",\"host\":\"h\"}\n");
    batch = parser.parse(text, owner).batch;
  }
  EXPECT_EQ(fields_of(batch), "a=\"plain\" b=\"esc\xc3\xa4ped\"");
}

TEST(EventParser, EventsKeepAtMostSoManyFields) {
  ParserOptions options = options_for();
  options.fields_max = 3;
  const ParsedChunk chunk =
      parse("{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}\n{\"d\":1}\n", options);
  EXPECT_EQ(fields_of(chunk.batch, 0), "a=1 b=2 c=3");
  EXPECT_EQ(fields_of(chunk.batch, 1), "d=1");
  EXPECT_EQ(chunk.counts.fields_dropped, 1U);
}

TEST(EventParser, WhichFieldsAreTooManyDoesNotDependOnTheProjection) {
  const std::string line =
      "{\"a\":1,\"no\":null,\"none\":[],\"o\":{\"b\":2,\"b\":3},\"c\":[4],\"d\":5,\"p\":{\"e\":6}}"
      "\n";
  for (const std::string wanted : {"a", "o.b", "c", "d", "p.e", "p"}) {
    ParserOptions options = options_for();
    options.fields_max = 3;
    const ParsedChunk all = parse(line, options);
    options.projection = {.all = false, .fields = {wanted}};
    const ParsedChunk one = parse(line, options);
    EXPECT_EQ(field(one.batch, wanted, 0), field(all.batch, wanted, 0)) << wanted;
  }
}

TEST(EventParser, NamesThatNeverRepeatDoNotTakeAllMemory) {
  std::string lines;
  for (int i = 0; i < 40'000; ++i) {
    const std::string n = std::to_string(i);
    lines.append("{\"k").append(n).append("\":1,\"z").append(n).append("\":2,\"same\":3}\n");
  }
  ParserOptions options = options_for();
  EventParser parser(options);
  const auto [text, owner] = chunk_of(lines);
  const ParsedChunk chunk = parser.parse(text, owner);
  EXPECT_EQ(chunk.batch.rows(), 40'000U);
  EXPECT_LT(chunk.batch.field_count(), 1'000U);
  EXPECT_GT(chunk.counts.names_refused, 0U);
  EXPECT_EQ(chunk.counts.fields_dropped, 0U);
  EXPECT_EQ(field(chunk.batch, "same", 39'999), "3");
  // And the next chunk starts fresh.
  const auto [text2, owner2] = chunk_of("{\"new_name\":1,\"k9\":2}\n");
  EXPECT_EQ(fields_of(parser.parse(text2, owner2).batch), "k9=2 new_name=1");
}

TEST(EventParser, EndsABatchEarlyWhenItsNamesNeverRepeat) {
  for (const bool filtered : {false, true}) {
    ParserOptions options = options_for();
    options.cells_max = 10'000;
    if (filtered) options.raw_contains = {"same"};
    std::string lines;
    for (int i = 0; i < 3'000; ++i)
      lines.append("{\"k").append(std::to_string(i)).append("\":1,\"same\":3}\n");
    EventParser parser(options);
    const auto [text, owner] = chunk_of(lines);
    std::string_view rest = text;
    std::size_t rows = 0;
    while (!rest.empty()) {
      const ParsedChunk chunk = parser.parse(rest, owner);
      EXPECT_LT(chunk.batch.rows() * chunk.batch.field_count(), 20'000U);
      EXPECT_EQ(chunk.counts.names_refused, 0U);
      EXPECT_EQ(chunk.counts.events, chunk.batch.rows());
      EXPECT_EQ(field(chunk.batch, "k" + std::to_string(rows), 0), "1");
      rows += chunk.batch.rows();
      rest = chunk.rest;
    }
    EXPECT_EQ(rows, 3'000U);
  }
}

// --- Projection

ParserOptions wanting(std::vector<std::string> names, Format format = Format::kAuto) {
  ParserOptions options = options_for(format);
  options.projection = {.all = false, .fields = std::move(names)};
  return options;
}

TEST(EventParser, BuildsOnlyWhatIsWanted) {
  for (const std::string_view line : {kJsonLine, kClfLine, kPriLine, kFileSyslogLine, kTextLine}) {
    const ParsedChunk all = parse(line);
    const ParsedChunk none = parse(line, wanting({}));
    EXPECT_EQ(none.batch.rows(), 1U);
    EXPECT_EQ(none.batch.field_count(), 0U);
    for (const Field& f : all.batch.fields()) {
      const ParsedChunk one = parse(line, wanting({f.name}));
      ASSERT_EQ(one.batch.field_count(), 1U) << f.name;
      EXPECT_EQ(field(one.batch, f.name), field(all.batch, f.name)) << f.name;
    }
  }
}

TEST(EventParser, WantsFieldsOfNestedObjects) {
  const std::string line =
      R"({"a":{"b":{"c":1},"d":2},"host":{"name":"h"},"agent":{"hostname":"g"},"e":[{"f":1}]})";
  EXPECT_EQ(fields_of(line, wanting({"a", "a.b", "a.b.c"})), "a.b.c=1");
  EXPECT_EQ(fields_of(line, wanting({"e", "e.f"})), R"(e="[{\"f\":1}]")");
  EXPECT_EQ(field_of(line, kHost, wanting({"host"})), "\"h\"");
  EXPECT_EQ(fields_of(line, wanting({"host.name"})), "host.name=\"h\"");
}

TEST(EventParser, WhatIsJsonDoesNotDependOnTheProjection) {
  for (const std::string_view line :
       {R"({"a":1,"b":tru})", R"({"a":1,"b":[1,}])", R"({"a":1,"b":{"c":01}})"}) {
    EXPECT_EQ(field_of(line, kSourcetype), "\"text\"");
    EXPECT_EQ(field_of(line, kSourcetype, wanting({"a", "_sourcetype"})), "\"text\"");
    EXPECT_EQ(field_of(line, "a", wanting({"a"})), "null");
  }
}

TEST(EventParser, SkippedLinesStillCount) {
  ParserOptions options = options_for();
  options.raw_contains = {"ERROR", "bob"};
  const ParsedChunk chunk = parse("an Error of Bob\nnothing\nerror\nerror bob\n", options);
  EXPECT_EQ(chunk.counts.events, 4U);
  EXPECT_THAT(raws(chunk), ::testing::ElementsAre("\"an Error of Bob\"", "\"error bob\""));
}

TEST(EventParser, SkipsNoDocumentWhoseRawMayFit) {
  ParserOptions options = options_for();
  options.raw_contains = {"say \"hi\""};
  const ParsedChunk chunk =
      parse("{\"_raw\":\"say \\\"hi\\\"\"}\n{\"event\":\"say \\\"hi\\\"\"}\n", options);
  EXPECT_EQ(chunk.batch.rows(), 2U);
}

TEST(EventParser, SearchesManyPiecesAsItWouldEachLine) {
  // Far more than is searched at once; blank lines, hits and lines with an escaped `_raw` between.
  std::string lines;
  std::uint64_t events = 0;
  std::uint64_t matching = 0;
  for (int i = 0; i < 20'000; ++i) {
    const bool hit = i % 331 == 0;
    if (i % 97 == 0) lines += "  \n";
    if (i % 1009 == 0) {
      lines += "{\"_raw\":\"a \\\"needle\\\" in text\"}\n";
      ++matching;
      ++events;
    }
    lines += hit ? "has the Needle \"" + std::to_string(i) + "\"\n"
                 : "row number " + std::to_string(i) + "\n";
    matching += hit ? 1 : 0;
    ++events;
  }
  ParserOptions options = options_for();
  options.raw_contains = {"needle"};
  const ParsedChunk chunk = parse(lines, options);
  EXPECT_EQ(chunk.counts.events, events);
  EXPECT_EQ(chunk.batch.rows(), matching);
}

// --- Real formats, a few lines each

struct Sample {
  const char* name;
  const char* line;
  const char* time;
};

class RealLines : public ::testing::TestWithParam<Sample> {};

TEST_P(RealLines, HaveTheirTime) { EXPECT_EQ(field_of(GetParam().line, kTime), GetParam().time); }

INSTANTIATE_TEST_SUITE_P(
    Samples, RealLines,
    ::testing::Values(
        Sample{"apache",
               "[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6",
               "\"2005-12-04T04:47:44Z\""},
        Sample{"bgl",
               "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02-M1 RAS KERNEL INFO x",
               "\"2005-06-03T22:42:50Z\""},
        Sample{"hdfs", "081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating",
               "\"2008-11-09T20:36:15Z\""},
        Sample{"hadoop", "2015-10-18 18:01:47,978 INFO [main] org.apache: Created",
               "\"2015-10-18T18:01:47.978Z\""},
        Sample{"linux", "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass; logname= uid=0",
               "\"2025-06-14T15:16:01Z\""},
        Sample{"spark", "17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered",
               "\"2017-06-09T20:10:40Z\""},
        Sample{
            "zookeeper",
            "2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:F@774] - x",
            "\"2015-07-29T17:41:44.747Z\""},
        Sample{"logfmt", "ts=2026-01-15T10:00:00.5Z level=info msg=\"x y\"",
               "\"2026-01-15T10:00:00.5Z\""},
        Sample{"logfmt_epoch", "level=info ts=1737000000.25", "\"2025-01-16T04:00:00.25Z\""},
        Sample{"klog", "E0102 15:04:05.678901       1 controller.go:114] failed",
               "\"2026-01-02T15:04:05.678901Z\""}),
    [](const auto& info) { return info.param.name; });

TEST(EventParser, ReadsSyslogFilesAsDaemonsWriteThem) {
  EXPECT_EQ(fields_of("Jun 14 15:16:01 combo sshd(pam_unix)[199]: failure; logname= uid=0 tty=X"),
            R"x(app_name="sshd(pam_unix)" message="failure; logname= uid=0 tty=X" )x"
            R"x(procid="199" tty="X" uid=0)x");
  EXPECT_EQ(field_of("Jun 19 04:09:11 combo syslogd 1.4.1: restart.", "app_name"), "\"syslogd\"");
  EXPECT_EQ(field_of("Jul  7 08:06:15 combo  -- root[2421]: ROOT LOGIN ON tty2", "app_name"),
            "\"root\"");
  EXPECT_EQ(field_of("Jul  7 08:06:15 combo last message repeated 2 times", kHost), "\"combo\"");
}

// --- Hostile bytes

TEST(EventParser, TakesAnyBytes) {
  std::mt19937 random(7);
  constexpr char kAlphabet[] =
      "{}[]\":,\\<>=- \n\r\t\0\xff\xc3\xa4"
      "01259TZeEu.nulltruefalse'|;&";
  const std::string_view alphabet(kAlphabet, sizeof kAlphabet - 1);
  for (int round = 0; round < 400; ++round) {
    std::string text;
    const std::size_t size = random() % 300;
    for (std::size_t i = 0; i < size; ++i) {
      text.push_back(round % 2 == 0 ? static_cast<char>(random())
                                    : alphabet[random() % alphabet.size()]);
    }
    for (const Format format :
         {Format::kAuto, Format::kJson, Format::kSyslog, Format::kClf, Format::kRaw}) {
      const ParsedChunk chunk = parse(text, options_for(format));
      ASSERT_EQ(chunk.counts.events, chunk.batch.rows());
      for (const Field& f : chunk.batch.fields()) ASSERT_EQ(f.column->size(), chunk.batch.rows());
    }
  }
}

TEST(EventParser, TakesEveryCutOfEveryFormat) {
  const std::string rfc5424 =
      R"(<165>1 2026-01-15T10:00:00.003Z web app 88 ID7 [a@1 x="1" y="\"q\\\]"][b] {"k":[1,2]})";
  const std::string nested =
      R"({"a":{"b":[1,"x",{"c":null}]},"d":"\u00e4\ud83d\ude00","e":-1.5e+3})";
  for (const std::string& line :
       {std::string(kJsonLine), std::string(kClfLine), std::string(kPriLine), rfc5424, nested}) {
    for (std::size_t cut = 0; cut <= line.size(); ++cut) {
      const ParsedChunk chunk = parse(std::string_view(line).substr(0, cut));
      ASSERT_EQ(chunk.batch.rows(), cut == 0 ? 0U : 1U) << cut;
    }
  }
}

TEST(EventParser, KeepsNulsAndInvalidUtf8InRaw) {
  const std::string line("a\0b\xff key=v\xfe", 11);
  const ParsedChunk chunk = parse(line);
  EXPECT_EQ((*chunk.batch.find(kRaw))->string_values()[0], line);
}

TEST(EventParser, TakesVeryLongLines) {
  ParserOptions options = options_for();
  options.line_bytes_max = 1U << 20U;
  const std::string text = "key=value " + std::string(std::size_t{10} << 20U, 'x') + "\nnext\n";
  const ParsedChunk chunk = parse(text, options);
  ASSERT_EQ(chunk.batch.rows(), 2U);
  EXPECT_EQ(field(chunk.batch, "key", 0), "\"value\"");
  EXPECT_EQ((*chunk.batch.find(kRaw))->string_values()[0].size(), 1U << 20U);
  options.line_bytes_max = 1U << 25U;
  const std::string quotes = std::string(5'000'000, '"') + std::string(5'000'000, '=');
  EXPECT_EQ(parse(quotes, options).batch.rows(), 1U);
  const std::string depth = "{\"a\":" + std::string(5'000'000, '[');
  EXPECT_EQ(field_of(depth, kSourcetype, options), "\"text\"");
}

}  // namespace
}  // namespace lynxdb::event
