// JSON objects become rows as the ingest guide says. What is JSON at all is checked against
// simdjson, an independent reader.
#include "event/parse/json_document.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>

#include "event/parse/parse_testing.h"

namespace lynxdb::event {
namespace {

using testing::field;
using testing::field_of;
using testing::fields_of;
using testing::options_for;
using testing::parse;

TEST(JsonDocument, TypesScalars) {
  EXPECT_EQ(fields_of(R"({"a":1,"b":-2,"c":1.5,"d":"x","e":true,"f":false,"g":null})"),
            R"(a=1 b=-2 c=1.5 d="x" e=true f=false)");
  const ParsedChunk chunk = parse(
      R"({"i":9223372036854775807,"j":-9223372036854775808,"k":9223372036854775808,"l":1.0,"m":1e2,"n":1e999})");
  EXPECT_EQ((*chunk.batch.find("i"))->kind(), Kind::kInt);
  EXPECT_EQ((*chunk.batch.find("j"))->kind(), Kind::kInt);
  EXPECT_EQ((*chunk.batch.find("k"))->kind(), Kind::kFloat);
  EXPECT_EQ((*chunk.batch.find("l"))->kind(), Kind::kFloat);
  EXPECT_EQ((*chunk.batch.find("m"))->kind(), Kind::kFloat);
  EXPECT_EQ(field(chunk.batch, "n"), "null");
}

TEST(JsonDocument, FlattensObjects) {
  EXPECT_EQ(fields_of(R"({"a":{"b":{"c":1},"d":2},"e":{},"f":3})"), "a.b.c=1 a.d=2 f=3");
}

TEST(JsonDocument, KeepsWhatIsDeeperThan16LevelsAsText) {
  std::string line;
  for (int i = 0; i < 18; ++i) line += "{\"a\":";
  line += "1" + std::string(18, '}');
  std::string name = "a";
  for (int i = 1; i < 16; ++i) name += ".a";
  EXPECT_EQ(field_of(line, name), R"("{\"a\":{\"a\":1}}")");
  EXPECT_EQ(parse(line).batch.find(name + ".a"), nullptr);
}

TEST(JsonDocument, ReadsArrays) {
  EXPECT_EQ(fields_of(R"({"a":[1,"x",null,true],"b":[],"c":[null],"d":[1]})"),
            R"(a=[1,"x",true] d=[1])");
  EXPECT_EQ(fields_of(R"({"a":[1,{"b":2}],"c":[[1],[2]]})"), R"(a="[1,{\"b\":2}]" c="[[1],[2]]")");
}

TEST(JsonDocument, TheLastOfEqualNamesWins) {
  EXPECT_EQ(fields_of(R"({"a":1,"b":2,"a":"x"})"), R"(a="x" b=2)");
  EXPECT_EQ(fields_of(R"({"a.b":1,"a":{"b":2}})"), "a.b=2");
  EXPECT_EQ(fields_of(R"({"a":[1,2],"a":3})"), "a=3");
  EXPECT_EQ(fields_of(R"({"a":1,"a":null})"), "");
}

TEST(JsonDocument, DropsEmptyNames) {
  EXPECT_EQ(fields_of(R"({"":1,"a":{"":2,"b":3},"":{"x":1}})"), "a.b=3");
}

TEST(JsonDocument, UnescapesStringsAndNames) {
  EXPECT_EQ(fields_of(R"({"a\u0062":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"})"),
            "ab=\"\\\"\\\\/\\b\\f\\n\\r\\t\xc3\xa4\xf0\x9f\x98\x80\"");
  EXPECT_EQ(field_of(R"({"a":"\ud83dx"})", "a"), "\"\xef\xbf\xbdx\"");
}

TEST(JsonDocument, ReplacesInvalidUtf8InFieldsOnly) {
  const std::string line = "{\"a\":\"x\xff\xe2\x82y\"}";
  const ParsedChunk chunk = parse(line);
  EXPECT_EQ(field(chunk.batch, "a"), "\"x\xef\xbf\xbd\xef\xbf\xbdy\"");
  EXPECT_EQ((*chunk.batch.find(kRaw))->string_values()[0], line);
}

TEST(JsonDocument, SearchesNoPairs) {
  EXPECT_EQ(fields_of(R"({"a":"k=v x=1"})"), R"(a="k=v x=1")");
}

// --- Names with a meaning

TEST(JsonDocument, TakesTheFirstTimeThatParses) {
  EXPECT_EQ(
      field_of(
          R"({"ts":1,"time":"nope","@timestamp":"2026-01-02T00:00:00Z","datetime":"2026-01-03"})",
          kTime),
      "\"2026-01-02T00:00:00Z\"");
  EXPECT_EQ(field_of(R"({"timestamp":1737000000,"_time":"2026-01-02"})", kTime),
            "\"2026-01-02T00:00:00Z\"");
  EXPECT_EQ(field_of(R"({"ts":1737000000.5})", kTime), "\"2025-01-16T04:00:00.5Z\"");
  EXPECT_EQ(field_of(R"({"a":{"time":"2026-01-02"}})", kTime), "\"2026-01-15T10:30:00Z\"");
}

TEST(JsonDocument, TimeFieldsStayVisible) {
  EXPECT_EQ(fields_of(R"({"timestamp":"2026-01-02","_time":"2026-01-03","_timestamp":1})"),
            R"(timestamp="2026-01-02")");
}

TEST(JsonDocument, TakesLabels) {
  const ParsedChunk chunk =
      parse(R"({"source":"s","host":"h","_id":"1","_index":"i","_sourcetype":"t","a":1})");
  EXPECT_EQ(fields_of(chunk.batch), "a=1");
  EXPECT_EQ(field(chunk.batch, kSource), "\"s\"");
  EXPECT_EQ(field(chunk.batch, kHost), "\"h\"");
  EXPECT_EQ(field(chunk.batch, kIndex), "\"main\"");
  EXPECT_EQ(field(chunk.batch, kSourcetype), "\"json\"");
  EXPECT_EQ(chunk.batch.find(kId), nullptr);
}

TEST(JsonDocument, TakesTheHostFromItsNamesInOrder) {
  EXPECT_EQ(field_of(R"({"agent":{"hostname":"d"},"hostname":"c","host":{"name":"b"}})", kHost),
            "\"b\"");
  EXPECT_EQ(field_of(R"({"agent":{"hostname":"d"},"hostname":"c"})", kHost), "\"c\"");
  EXPECT_EQ(field_of(R"({"agent":{"hostname":"d"}})", kHost), "\"d\"");
  EXPECT_EQ(field_of(R"({"host":7})", kHost), "\"7\"");
  EXPECT_EQ(fields_of(R"({"host":{"name":"b"},"hostname":"c"})"), R"(host.name="b" hostname="c")");
}

TEST(JsonDocument, RawOfTheDocumentReplacesTheLine) {
  EXPECT_EQ(field_of(R"({"_raw":"the text","a":1})", kRaw), "\"the text\"");
  EXPECT_EQ(field_of(R"({"_raw":5})", kRaw), R"("{\"_raw\":5}")");
}

// --- Envelopes

TEST(JsonDocument, UnwrapsTextEvents) {
  const ParsedChunk chunk = parse(
      R"({"time":1737000000.5,"host":"h","source":"s","sourcetype":"t","index":"i","event":"k=1 say \"x\"","fields":{"env":"p","k":2}})");
  EXPECT_EQ(fields_of(chunk.batch), R"(env="p" k=2)");
  EXPECT_EQ(field(chunk.batch, kRaw), R"("k=1 say \"x\"")");
  EXPECT_EQ(field(chunk.batch, kTime), "\"2025-01-16T04:00:00.5Z\"");
  EXPECT_EQ(field(chunk.batch, kHost), "\"h\"");
  EXPECT_EQ(field(chunk.batch, kSource), "\"s\"");
  EXPECT_EQ(field(chunk.batch, kSourcetype), "\"t\"");
  EXPECT_EQ(field(chunk.batch, kIndex), "\"i\"");
}

TEST(JsonDocument, UnwrapsDocuments) {
  const ParsedChunk chunk =
      parse(R"({"event": {"a" : [1, 2], "time":"2026-01-02"},"fields":{"b":1}})");
  EXPECT_EQ(fields_of(chunk.batch), R"(a=[1,2] b=1 time="2026-01-02")");
  EXPECT_EQ(field(chunk.batch, kRaw), R"("{\"a\":[1,2],\"time\":\"2026-01-02\"}")");
  EXPECT_EQ(field(chunk.batch, kTime), "\"2026-01-02T00:00:00Z\"");
  EXPECT_EQ(field(chunk.batch, kSourcetype), "\"json\"");
}

TEST(JsonDocument, OtherObjectsAreNoEnvelopes) {
  EXPECT_EQ(fields_of(R"({"event":"login","user":"bob"})"), R"(event="login" user="bob")");
  EXPECT_EQ(fields_of(R"({"time":"2026-01-02","host":"h"})"), R"(time="2026-01-02")");
  EXPECT_EQ(fields_of(R"({"event":[1,2]})"), "event=[1,2]");
}

TEST(JsonDocument, RefusesEnvelopesOfBadIndexNames) {
  const ParsedChunk chunk = parse(R"({"event":"x","index":"../etc"})");
  EXPECT_EQ(chunk.batch.rows(), 0U);
  ASSERT_EQ(chunk.errors.size(), 1U);
  EXPECT_EQ(chunk.errors[0].code, "PARSE_ERROR");
}

// --- What is JSON

bool is_json_object(const std::string& text) {
  const ParsedChunk chunk = parse(text, options_for(Format::kJson));
  return chunk.batch.rows() == 1;
}

bool simdjson_says(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(text.data(), text.size()).get(element) != simdjson::SUCCESS) return false;
  return element.is_object();
}

TEST(JsonDocument, AgreesWithSimdjsonOnWhatIsJson) {
  const std::vector<std::string> seeds = {
      R"({"a":1,"b":[1,2.5,"x",null,{"c":[]}],"d":{"e":{"f":true}}})",
      R"({"a":"\u00e4\n\"","b":-0.5e-3,"c":[[],{},[1]],"":false})",
      R"( { "k" : 1234567890123 , "l" : [ ] } )",
  };
  std::mt19937 random(11);
  const std::string alphabet =
      "{}[]\":,\\u0+-.1tfn \t\x01z";  // No e: simdjson refuses 1e999, and ints of 21 digits.
  int objects = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (unsigned edits = random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(at, 1);
      } else {
        text[at] = alphabet[random() % alphabet.size()];
      }
    }
    if (text.find_first_not_of(" \t") == text.find('[')) continue;  // A body that is an array.
    const bool want = simdjson_says(text);
    objects += want ? 1 : 0;
    ASSERT_EQ(is_json_object(text), want) << text;
  }
  EXPECT_GT(objects, 200);  // The test sees both sides.
}

TEST(JsonDocument, AgreesWithSimdjsonOnNumbers) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 1000; ++round) {
    std::string number = random() % 2 == 0 ? "-" : "";
    number += std::to_string(random() >> (random() % 64));
    if (random() % 2 == 0) number += "." + std::to_string(random() >> (random() % 64));
    if (random() % 4 == 0) number += "e" + std::to_string(static_cast<int>(random() % 40) - 20);
    const std::string line = "{\"a\":" + number + "}";
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    if (parser.parse(line)["a"].get(element) != simdjson::SUCCESS) continue;
    const Value got = (*parse(line).batch.find("a"))->value(0);
    if (element.is_int64()) {
      EXPECT_EQ(got, Value::integer(element.get_int64().value())) << line;
    } else {
      EXPECT_EQ(got, Value::floating(element.get_double().value())) << line;
    }
  }
}

}  // namespace
}  // namespace lynxdb::event
