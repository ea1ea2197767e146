// The bytes of every output format: which fields a row prints and in which order, escapes, empty
// cells, alignment, and that no rows give no bytes.
#include "output/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace lynxdb::output {
namespace {

using event::Value;

class StringSink final : public ByteSink {
 public:
  Result<> write(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  Result<> commit() override { return {}; }
  std::string text;
};

struct TestField {
  std::string name;
  std::vector<Value> values;
  bool named = false;
};

event::EventBatch batch_of(std::vector<TestField> fields, bool ordered) {
  event::EventBatch batch(fields.empty() ? 0 : fields.front().values.size());
  for (TestField& field : fields)
    batch.set(field.name, event::Column::mixed(std::move(field.values)), field.named);
  batch.set_ordered(ordered);
  return batch;
}

// Events: fields that nobody named, in any order.
event::EventBatch events(std::vector<TestField> fields) {
  return batch_of(std::move(fields), false);
}

// A stats-like result: every column named, in the order that means something.
event::EventBatch results(std::vector<TestField> fields) {
  for (TestField& field : fields) field.named = true;
  return batch_of(std::move(fields), true);
}

std::string written(const WriterOptions& options, const std::vector<event::EventBatch>& batches) {
  StringSink sink;
  OutputBuffer out(sink);
  query::SpillSpace spill("/tmp", 1U << 30U);
  const std::unique_ptr<Writer> writer = make_writer(options, out, spill);
  for (const event::EventBatch& batch : batches) EXPECT_TRUE(writer->write(batch).has_value());
  EXPECT_TRUE(writer->finish().has_value());
  EXPECT_TRUE(out.flush().has_value());
  return sink.text;
}

std::string written(OutputFormat format, const std::vector<event::EventBatch>& batches) {
  WriterOptions options;
  options.format = format;
  return written(options, batches);
}

Value text(std::string_view t) { return Value::string(std::string(t)); }
Value number(std::int64_t n) { return Value::integer(n); }

TEST(NdjsonWriter, PrintsBuiltInFieldsFirstThenTheOthersByName) {
  EXPECT_EQ(written(OutputFormat::kNdjson, {events({{"b", {number(1)}},
                                                    {"host", {text("h")}},
                                                    {"a", {number(2)}},
                                                    {"_raw", {text("r")}},
                                                    {"_time", {Value::timestamp(0)}}})}),
            "{\"_time\":\"1970-01-01T00:00:00Z\",\"_raw\":\"r\",\"host\":\"h\",\"a\":2,\"b\":1}\n");
}

TEST(NdjsonWriter, PrintsNullOnlyForNamedFields) {
  EXPECT_EQ(
      written(OutputFormat::kNdjson,
              {batch_of({{"a", {Value(), number(1)}, true}, {"b", {Value(), text("x")}}}, true)}),
      "{\"a\":null}\n{\"a\":1,\"b\":\"x\"}\n");
}

TEST(NdjsonWriter, PrintsARowWithoutFieldsAsAnEmptyObject) {
  EXPECT_EQ(written(OutputFormat::kNdjson, {events({{"a", {Value(), number(1)}}})}),
            "{}\n{\"a\":1}\n");
}

TEST(NdjsonWriter, WritesEveryType) {
  EXPECT_EQ(
      written(OutputFormat::kNdjson,
              {results({{"b", {Value::boolean(true)}},
                        {"f", {Value::floating(1.5)}},
                        {"whole", {Value::floating(3.0)}},
                        {"l", {Value::list({number(1), text("x")})}},
                        {"t", {Value::timestamp(1'737'000'000'120'000'000)}}})}),
      "{\"b\":true,\"f\":1.5,\"whole\":3,\"l\":[1,\"x\"],\"t\":\"2025-01-16T04:00:00.12Z\"}\n");
}

TEST(NdjsonWriter, EscapesOnlyWhatMustBe) {
  EXPECT_EQ(written(OutputFormat::kNdjson,
                    {results({{"a", {text("<b> \"q\" \\ \n \x01 / \xc3\xa9 \xff")}}})}),
            "{\"a\":\"<b> \\\"q\\\" \\\\ \\n \\u0001 / \xc3\xa9 \xef\xbf\xbd\"}\n");
}

// Every position within and around the blocks that are copied at once.
TEST(NdjsonWriter, EscapesAtEveryPositionOfLongText) {
  for (std::size_t length = 0; length < 70; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const std::string_view special : {"\"", "\n", "\xff", "\xc3\xa9"}) {
        std::string value(length, 'x');
        value.replace(at, 1, special);
        std::string expected = "{\"a\":";
        event::append_json_string(value, expected);
        ASSERT_EQ(written(OutputFormat::kNdjson, {results({{"a", {text(value)}}})}),
                  expected + "}\n");
      }
    }
  }
}

TEST(NdjsonWriter, WritesTextLongerThanItsBuffer) {
  std::string value(1'000'000, '\x02');
  value += "end";
  std::string expected = "{\"a\":";
  event::append_json_string(value, expected);
  EXPECT_EQ(written(OutputFormat::kNdjson, {results({{"a", {text(value)}}})}), expected + "}\n");
}

TEST(NdjsonWriter, WritesDictionaries) {
  event::EventBatch batch(3);
  const event::ColumnPtr words = event::Column::strings({"a\"", "b"}, {});
  event::NullBitmap nulls;
  nulls.set(2);
  batch.set("w", event::Column::dictionary({1, 0, 0}, words, nulls));
  EXPECT_EQ(written(OutputFormat::kNdjson, {batch}), "{\"w\":\"b\"}\n{\"w\":\"a\\\"\"}\n{}\n");
}

TEST(NdjsonWriter, WritesTimesBeforeAndAfterEachOther) {
  EXPECT_EQ(written(OutputFormat::kNdjson,
                    {results({{"t",
                               {Value::timestamp(5'000'000'001), Value::timestamp(5'100'000'000),
                                Value::timestamp(-1)}}})}),
            "{\"t\":\"1970-01-01T00:00:05.000000001Z\"}\n{\"t\":\"1970-01-01T00:00:05.1Z\"}\n"
            "{\"t\":\"1969-12-31T23:59:59.999999999Z\"}\n");
}

TEST(CsvWriter, QuotesWhatNeedsIt) {
  EXPECT_EQ(written(OutputFormat::kCsv,
                    {results({{"a,b", {text("x"), text("q\"q"), text("1\n2"), Value()}},
                              {"c",
                               {number(1), Value::list({text("p"), number(2)}), Value(),
                                text("plain text")}}})}),
            "\"a,b\",c\nx,1\n\"q\"\"q\",\"[\"\"p\"\",2]\"\n\"1\n2\",\n,plain text\n");
}

TEST(CsvWriter, TakesAllColumnsThatAnyRowHas) {
  EXPECT_EQ(written(OutputFormat::kCsv, {events({{"b", {number(1)}}}),
                                         events({{"a", {number(2)}}, {"_raw", {text("r")}}})}),
            "_raw,a,b\n,,1\nr,2,\n");
}

TEST(CsvWriter, SpillsRowsThatItMustKeep) {
  WriterOptions options;
  options.format = OutputFormat::kCsv;
  options.buffer_bytes_max = 1;
  std::vector<event::EventBatch> batches;
  std::string expected = "a\n";
  for (std::int64_t i = 0; i < 50; ++i) {
    batches.push_back(events({{"a", {number(i)}}}));
    expected += std::to_string(i) + "\n";
  }
  EXPECT_EQ(written(options, batches), expected);
}

TEST(CsvWriter, WritesAtOnceWhenThePipelineNamesItsColumns) {
  StringSink sink;
  OutputBuffer out(sink);
  query::SpillSpace spill("/tmp", 1U << 30U);
  WriterOptions options;
  options.format = OutputFormat::kCsv;
  options.columns = {{"a", "missing"}};
  const std::unique_ptr<Writer> writer = make_writer(options, out, spill);
  ASSERT_TRUE(writer->write(results({{"a", {number(1)}}})).has_value());
  ASSERT_TRUE(out.flush().has_value());
  EXPECT_EQ(sink.text, "a,missing\n1,\n");
}

TEST(TsvWriter, EscapesTabsNewlinesAndBackslashes) {
  EXPECT_EQ(written(OutputFormat::kTsv,
                    {results({{"a", {text("1\t2\n3\\4 \"5\", 6")}}, {"b", {number(7)}}})}),
            "a\tb\n1\\t2\\n3\\\\4 \"5\", 6\t7\n");
}

TEST(RawWriter, PrintsTheTextOrElseThePairs) {
  EXPECT_EQ(written(OutputFormat::kRaw,
                    {events({{"_raw", {text("a line"), Value()}}, {"x", {number(1), number(2)}}}),
                     results({{"k", {text("v")}}, {"n", {Value()}}})}),
            "a line\nx=2\nk=v\tn=\n");
}

TEST(TableWriter, AlignsNumbersToTheRight) {
  EXPECT_EQ(written(OutputFormat::kTable, {results({{"name", {text("a"), text("long one")}},
                                                    {"count", {number(5), number(12345)}}})}),
            "name      count\n--------  -----\na             5\nlong one  12345\n");
}

TEST(TableWriter, KeepsEveryRowOnOneLine) {
  EXPECT_EQ(
      written(OutputFormat::kTable,
              {results({{"t", {text("a\nb\x1b[31m"), Value::list({text("p"), number(1)}), Value()}},
                        {"n", {number(1), number(2), number(3)}}})}),
      "t               n\n--------------  -\na\\nb\\u001b[31m  1\np, 1            2\n"
      "                3\n");
}

TEST(TableWriter, CutsCellsOnlyOnATerminal) {
  WriterOptions options;
  options.format = OutputFormat::kTable;
  options.width = 20;
  const auto rows = results({{"text", {text(std::string(30, 'x'))}}, {"n", {number(1)}}});
  EXPECT_THAT(written(options, {rows}), testing::HasSubstr(std::string(30, 'x')));
  options.terminal = true;
  EXPECT_EQ(written(options, {rows}),
            "text               n\n-----------------  -\nxxxxxxxxxxxxxxxx…  1\n");
}

TEST(TableWriter, PadsNoFurtherThanPeopleRead) {
  const std::string wide(100'000, 'x');
  std::vector<Value> texts(1'000, text("short"));
  texts[500] = text(wide);
  const std::vector<Value> numbers(texts.size(), number(1));
  const std::string table =
      written(OutputFormat::kTable, {results({{"text", texts}, {"n", numbers}})});
  EXPECT_THAT(table, testing::HasSubstr("\n" + wide + "  1\n"));
  EXPECT_THAT(table, testing::HasSubstr("\nshort" + std::string(195, ' ') + "  1\n"));
  EXPECT_LT(table.size(), wide.size() + texts.size() * 250);
}

TEST(TableWriter, CountsColumnsOfWideCharacters) {
  EXPECT_EQ(
      written(OutputFormat::kTable,
              {results({{"t", {text("日本"), text("abcd")}}, {"n", {number(1), number(2)}}})}),
      "t     n\n----  -\n日本  1\nabcd  2\n");
}

TEST(AutoFormat, IsNdjsonUnlessOnATerminal) {
  EXPECT_EQ(written(OutputFormat::kAuto, {results({{"count", {number(50000)}}})}),
            "{\"count\":50000}\n");
}

TEST(AutoFormat, ShowsASingleValueBareOnATerminal) {
  WriterOptions options;
  options.terminal = true;
  options.aggregate_result = true;
  EXPECT_EQ(written(options, {results({{"count", {number(1234567)}}})}), "1,234,567\n");
  EXPECT_EQ(written(options, {results({{"a", {number(1)}}, {"b", {number(2)}}})}),
            "a  b\n-  -\n1  2\n");
}

TEST(AutoFormat, NumbersEventsOnATerminal) {
  WriterOptions options;
  options.terminal = true;
  EXPECT_EQ(written(options, {events({{"a", {number(1), number(2)}}})}),
            "#1 {\"a\": 1}\n#2 {\"a\": 2}\n");
  options.color = true;
  EXPECT_THAT(written(options, {events({{"a", {number(1)}}})}), testing::HasSubstr("\x1b["));
}

TEST(JsonFormat, IsIndentedOnlyOnATerminal) {
  WriterOptions options;
  options.format = OutputFormat::kJson;
  const auto rows = events({{"a", {number(1)}}, {"b", {text("x")}}});
  EXPECT_EQ(written(options, {rows}), "{\"a\":1,\"b\":\"x\"}\n");
  options.terminal = true;
  EXPECT_EQ(written(options, {rows}), "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n");
}

TEST(AnyFormat, WritesNothingWithoutRows) {
  for (const std::string_view name : output_format_names()) {
    SCOPED_TRACE(name);
    for (const bool terminal : {false, true}) {
      WriterOptions options;
      options.format = *output_format_named(name);
      options.terminal = terminal;
      options.aggregate_result = true;
      options.columns = {{"a"}};
      EXPECT_EQ(written(options, {}), "");
    }
  }
}

TEST(OutputFormatName, ThatIsUnknownGetsTheNearest) {
  EXPECT_EQ(output_format_named("tabel").error().suggestion, "did you mean table?");
  EXPECT_EQ(output_format_named("xml").error().message, "unknown format 'xml'");
}

}  // namespace
}  // namespace lynxdb::output
