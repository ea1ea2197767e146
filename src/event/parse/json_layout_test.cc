// What a layout promises: a line that matches is a valid JSON object with the layout's names, and
// its values are what a full parser finds. Checked against simdjson over generated and damaged
// lines, with and without AVX2; the lines here are followed by just the 64 bytes that the contract
// asks for.
#include "event/parse/json_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "event/parse/json_line_generator.h"
#include "event/parse/json_reader.h"

namespace lynxdb::event {
namespace {

using ::testing::ElementsAre;

// A line with exactly the readable bytes that matching may touch.
class PaddedLine {
 public:
  explicit PaddedLine(std::string_view line)
      : bytes_(new char[line.size() + kPadding]), size_(line.size()) {
    std::copy(line.begin(), line.end(), bytes_.get());
    std::memset(bytes_.get() + size_, '"', kPadding);
  }
  const char* data() const { return bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  static constexpr std::size_t kPadding = 64;
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A value in one form for both parsers.
std::string describe(ValueView value) {
  switch (value.type()) {
    case Type::kNull:
      return "null";
    case Type::kBool:
      return value.as_bool() ? "true" : "false";
    case Type::kInt:
      return "i" + std::to_string(value.as_int());
    case Type::kString:
      return json_quoted(value.as_string());
    default:
      break;
  }
  char text[40];
  std::snprintf(text, sizeof text, "f%.17g", value.as_float());
  return text;
}

std::string describe_scalar(JsonReader& reader) {
  Arena arena;
  JsonString string;
  if (reader.peek() == '"' && reader.read_string(string))
    return json_quoted(string.has_escapes ? unescaped_copy(string.raw, arena) : string.raw);
  ValueView value;
  EXPECT_TRUE(reader.read_plain(value));
  return describe(value);
}

// Its kind must agree with what a reader of the text finds.
std::string describe(const JsonSlice& slice) {
  Arena arena;
  if (slice.kind == JsonKind::kString) return json_quoted(slice.text());
  if (slice.kind == JsonKind::kEscapedString)
    return json_quoted(unescaped_copy(slice.text(), arena));
  JsonReader reader(slice.text());
  if (slice.kind != JsonKind::kArray) {
    ValueView value;
    EXPECT_TRUE(reader.read_plain(value));
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(value.is_null(), slice.kind == JsonKind::kNull);
    EXPECT_EQ(value.type() == Type::kInt, slice.kind == JsonKind::kInt);
    EXPECT_EQ(value.type() == Type::kFloat, slice.kind == JsonKind::kFloat);
    return describe(value);
  }
  std::string out = "[";
  EXPECT_TRUE(reader.take('['));
  for (reader.skip_spaces(); !reader.take(']'); reader.skip_spaces()) {
    reader.take(',');
    reader.skip_spaces();
    out += describe_scalar(reader) + " ";
  }
  return out + "]";
}

std::string describe(simdjson::dom::element value) {  // NOLINT(misc-no-recursion)
  using Element = simdjson::dom::element_type;
  switch (value.type()) {
    case Element::NULL_VALUE:
      return "null";
    case Element::BOOL:
      return describe(ValueView::boolean(bool(value)));
    case Element::INT64:
      return describe(ValueView::integer(std::int64_t(value)));
    case Element::DOUBLE:
      return describe(ValueView::floating(double(value)));
    case Element::STRING:
      return json_quoted(std::string_view(value));
    case Element::ARRAY: {
      std::string out = "[";
      for (const simdjson::dom::element element : simdjson::dom::array(value))
        out += describe(element) + " ";
      return out + "]";
    }
    default:
      return "?";
  }
}

void flatten(simdjson::dom::object object, const std::string& prefix,  // NOLINT(misc-no-recursion)
             std::vector<std::string>& out) {
  for (const auto [key, value] : object) {
    const std::string path = prefix + std::string(key);
    if (value.is_object()) {
      flatten(simdjson::dom::object(value), path + ".", out);
    } else {
      out.push_back(path + "=" + describe(value));
    }
  }
}

// nullopt: not a JSON object.
std::optional<std::vector<std::string>> full_parse(std::string_view line) {
  static simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line.data(), line.size()).get_object().get(object) != simdjson::SUCCESS)
    return std::nullopt;
  std::vector<std::string> out;
  flatten(object, "", out);
  return out;
}

std::optional<std::vector<std::string>> layout_parse(const JsonLayout& layout,
                                                     const PaddedLine& line) {
  std::vector<JsonSlice> values(layout.names().size());
  std::vector<JsonSlice> plain_values(layout.names().size());
  const char* end = layout.match(line.data(), values.data());
  EXPECT_EQ(layout.match_plain(line.data(), plain_values.data()), end);
  if (end == nullptr) return std::nullopt;
  EXPECT_EQ(end, line.data() + line.view().find('\n') + 1);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(describe(values[i]), describe(plain_values[i]));
    out.push_back(layout.names()[i] + "=" + describe(values[i]));
  }
  return out;
}

std::optional<JsonLayout> learn(std::string_view line, std::size_t fields_max = 100) {
  const PaddedLine padded(line);
  return JsonLayout::learn(padded.view(), fields_max);
}

bool fits(std::string_view learned_from, std::string_view line) {
  const auto layout = learn(learned_from);
  EXPECT_TRUE(layout) << learned_from;
  return layout && layout_parse(*layout, PaddedLine(line)).has_value();
}

TEST(JsonLayout, NamesTheFieldsOfNestedObjects) {
  const auto layout =
      learn("{\"a\":1,\"b\":{\"c\":\"x\",\"d\":{\"e\":[1,2]}},\"f\":{},\"g.h\":null}\n");
  ASSERT_TRUE(layout);
  EXPECT_THAT(layout->names(), ElementsAre("a", "b.c", "b.d.e", "g.h"));
  EXPECT_THAT(
      *layout_parse(
          *layout,
          PaddedLine("{\"a\":-2.50,\"b\":{\"c\":\"\",\"d\":{\"e\":[]}},\"f\":{},\"g.h\":true}\n")),
      ElementsAre("a=f-2.5", "b.c=\"\"", "b.d.e=[]", "g.h=true"));
}

TEST(JsonLayout, AcceptsOtherValuesOfAnyScalarType) {
  for (const std::string value :
       {"0", "-1", "12.5", "1e5", "1.5E-07", "true", "false", "null", "\"\"", "\"\\n\\u00e4\"",
        "\"\xc3\xa4\"", "[]", "[ 1 , \"x\" ,null ]", "999999999999999999"}) {
    EXPECT_TRUE(fits("{\"a\":1,\"b\":2}\n", "{\"a\":" + value + ",\"b\":2}\n")) << value;
    EXPECT_TRUE(fits("{\"a\":" + value + "}\r\n", "{\"a\":7}\r\n")) << value;
  }
}

TEST(JsonLayout, RefusesWhatIsNoJsonValueOrTooDelicate) {
  for (const std::string value : {"",          "01",          "-",
                                  "+1",        ".5",          "1.",
                                  "1.e5",      "1e",          "1e+",
                                  "1e400",     "-0",          "1234567890123456789",
                                  "0x1",       "nul",         "truex",
                                  "NaN",       "'x'",         "\"x",
                                  "\"\\x\"",   "\"\\u12g4\"", "\"\\ud83d\\ude00\"",
                                  "\"\x01\"",  "\"\xff\"",    "\"\xc3\"",
                                  "[1",        "[1,]",        "[,1]",
                                  "[[1]]",     "[{}]",        "{}",
                                  "{\"x\":1}", "1 2",         "1,",
                                  "x"}) {
    EXPECT_FALSE(fits("{\"a\":1,\"b\":2}\n", "{\"a\":" + value + ",\"b\":2}\n")) << value;
  }
}

TEST(JsonLayout, RefusesLinesWithOtherLiterals) {
  const std::string line =
      "{\"a\": 1, \"a_rather_long_name_that_needs_more_than_32_bytes_to_write\": {\"b\": \"x\"}}\n";
  EXPECT_TRUE(fits(line, line));
  const std::string_view values = "1x";
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (values.find(line[i]) != std::string_view::npos) continue;
    std::string changed = line;
    changed[i] = changed[i] == '~' ? '!' : '~';
    EXPECT_FALSE(fits(line, changed)) << changed;
    EXPECT_FALSE(fits(line, line.substr(0, i) + "\n")) << i;
  }
}

TEST(JsonLayout, IsNotLearnedFromLinesThatNeedAFullParser) {
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "{\"a\":";
  EXPECT_FALSE(learn(deep + "1" + std::string(17, '}') + "\n"));
  for (const std::string line :
       {"{\"a\":[{}]}\n", "{\"a\":[[1]]}\n", "{\"\":1}\n", "{\"a\":1,\"a\":2}\n",
        "{\"a\":{\"b\":1},\"a.b\":2}\n", "{\"a\\u0062\":1}\n", " {\"a\":1}\n", "{\"a\":1} \n",
        "{\"a\":1}", "[1]\n", "1\n", "{\"a\":1e400}\n", "{\"\xff\":1}\n"}) {
    EXPECT_FALSE(learn(line)) << line;
  }
  EXPECT_FALSE(learn("{\"a\":1,\"b\":2}\n", 1));
  EXPECT_FALSE(learn("{\"" + std::string(300, 'a') + "\":1}\n"));
  EXPECT_TRUE(learn("{}\n"));
}

// --- Against a full parser
// ----------------------------------------------------------------------------

TEST(JsonLayout, IsNotLearnedFromWhatMayBeAnEnvelope) {
  // Whether it is one depends on the value of `event`.
  EXPECT_FALSE(learn("{\"event\":null,\"host\":\"a\"}\n"));
  EXPECT_TRUE(learn("{\"time\":1,\"host\":\"a\"}\n"));
  EXPECT_TRUE(learn("{\"event\":null,\"host\":\"a\",\"level\":\"b\"}\n"));
}

TEST(JsonLayout, FindsWhatAFullParserFinds) {
  testing::JsonLineGenerator generator(7);
  std::size_t matches = 0;
  std::size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string line = generator.line(static_cast<std::uint32_t>(round));
    const auto parsed = full_parse(line);
    const auto layout = parsed ? learn(line) : std::nullopt;
    if (!layout) continue;
    EXPECT_EQ(layout_parse(*layout, PaddedLine(line)), parsed) << line;
    for (int i = 0; i < 60; ++i) {
      const std::string other = generator.damaged(line);
      const auto found = layout_parse(*layout, PaddedLine(other));
      if (found) {
        ++matches;
        EXPECT_EQ(found, full_parse(other.substr(0, other.find('\n') + 1))) << line << other;
      } else {
        ++refused;
      }
    }
  }
  EXPECT_GT(matches, 10'000U);
  EXPECT_GT(refused, 10'000U);
}

// --- Many layouts
// --------------------------------------------------------------------------------------

TEST(JsonLayouts, KeepSeveralShapes) {
  JsonLayouts layouts(100);
  std::vector<PaddedLine> lines;
  for (std::size_t i = 0; i < JsonLayouts::kMax; ++i)
    lines.emplace_back("{\"n" + std::to_string(i) + "\":1}\n");
  for (const PaddedLine& line : lines) {
    EXPECT_FALSE(layouts.match(line.data()));
    EXPECT_TRUE(layouts.learn(line.view()));
  }
  for (const PaddedLine& line : lines) {
    const auto match = layouts.match(line.data());
    ASSERT_TRUE(match);
    EXPECT_EQ(match->line_end, line.data() + line.view().size());
    EXPECT_TRUE(line.view().substr(2).starts_with(layouts.layout(match->layout).names().front()));
  }
}

TEST(JsonLayouts, ForgetTheShapeNotSeenForLongest) {
  JsonLayouts layouts(100);
  const PaddedLine first("{\"first\":1}\n");
  const PaddedLine second("{\"second\":1}\n");
  layouts.learn(first.view());
  layouts.learn(second.view());
  EXPECT_TRUE(layouts.match(first.data()));
  for (std::size_t i = 0; i + 1 < JsonLayouts::kMax; ++i) {
    layouts.learn(PaddedLine("{\"n" + std::to_string(i) + "\":1}\n").view());
  }
  EXPECT_TRUE(layouts.match(first.data()));
  EXPECT_FALSE(layouts.match(second.data()));
}

TEST(JsonLayouts, StopLearningWhenEveryLineLooksDifferent) {
  JsonLayouts layouts(100);
  std::size_t lessons = 0;
  for (int i = 0; i < 10'000; ++i) {
    const PaddedLine line("{\"n" + std::to_string(i) + "\":1}\n");
    EXPECT_FALSE(layouts.match(line.data()));
    lessons += layouts.learn(line.view()) ? 1 : 0;
  }
  EXPECT_LT(lessons, 1000U);
}

}  // namespace
}  // namespace lynxdb::event
