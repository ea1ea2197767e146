// Rows of a server print as they came: the same fields in the same order, the same nulls.
#include "cli/json_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "output/writer.h"

namespace lynxdb::cli {
namespace {

class TextSink final : public output::ByteSink {
 public:
  Result<> write(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  Result<> commit() override { return {}; }
  std::string text;
};

std::string printed(const std::vector<std::string>& lines) {
  TextSink sink;
  output::OutputBuffer buffer(sink);
  const auto writer = output::make_ndjson_writer(buffer);
  JsonRows rows([&](const event::EventBatch& batch) { return writer->write(batch); });
  for (const std::string& line : lines) EXPECT_TRUE(rows.add(line).has_value()) << line;
  EXPECT_TRUE(rows.flush().has_value());
  EXPECT_TRUE(buffer.flush().has_value());
  return sink.text;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(JsonRows, PrintAsTheyCame) {
  const std::vector<std::string> lines = {
      R"({"_time":"2026-01-15T10:00:00Z","_raw":"a","level":"info","ms":12})",
      R"({"_time":"2026-01-15T10:00:01Z","_raw":"b","big":100000000000000000000,"level":true})",
      R"({"z":1,"a":null})",
      R"({"z":null,"a":"x"})",
      R"({"z":2})",
      R"({"a":null})",
      R"({})",
      R"({"list":["x",1,true],"text":"\"q\"\\\n<ä>"})",
      R"({"f":0.1,"i":-9223372036854775808,"e":1e+300})",
      R"({"only":7})"};
  EXPECT_EQ(printed(lines), joined(lines));
}

TEST(JsonRows, PrintAsTheyCameInAnyOrder) {
  std::vector<std::string> lines = {R"({"b":1})", R"({"a":1,"b":2})", R"({"b":1,"a":2})",
                                    R"({"a":null})", R"({"c":null,"b":1})"};
  std::ranges::sort(lines);
  do {
    EXPECT_EQ(printed(lines), joined(lines));
  } while (std::ranges::next_permutation(lines).found);
}

TEST(JsonRows, RefuseWhatIsNoObject) {
  for (const char* line : {"", "7", "[1]", "{", R"({"a":)", R"({"a":1)", R"({"a" 1})", "\x01"}) {
    JsonRows rows([](const event::EventBatch&) -> Result<> { return {}; });
    EXPECT_FALSE(rows.add(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace lynxdb::cli
