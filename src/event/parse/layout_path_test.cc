// What the fast path promises: the events of many lines read together, whose layouts become known,
// are those of each line read by itself, which never has a known layout. For all kinds of values,
// damaged lines, projections and formats.
#include "event/parse/layout_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "event/parse/json_line_generator.h"
#include "event/parse/parse_testing.h"

namespace lynxdb::event {
namespace {

using testing::options_for;

std::string row_text(const EventBatch& batch, std::size_t row) {
  std::string out;
  for (const std::size_t i : print_order(batch)) {
    const Field& field = batch.fields()[i];
    if (field.column->is_null(row)) continue;
    out += field.name + "(" + std::string(to_string(field.column->view(row).type())) + ")=";
    append_json(field.column->view(row), out);
    out += " ";
  }
  return out;
}

struct Outcome {
  std::vector<std::string> rows;
  std::uint64_t events = 0;
  std::uint64_t errors = 0;

  void add(const ParsedChunk& chunk) {
    for (std::size_t row = 0; row < chunk.batch.rows(); ++row)
      rows.push_back(row_text(chunk.batch, row));
    events += chunk.counts.events;
    errors += chunk.counts.errors;
  }
};

void expect_same_together_and_alone(const std::vector<std::string>& lines,
                                    const ParserOptions& options) {
  std::string text;
  Outcome alone;
  for (const std::string& line : lines) {
    text += line;
    alone.add(testing::parse(line, options));
  }
  // Twice, so that the second chunk begins with known layouts.
  EventParser parser(options);
  for (int round = 0; round < 2; ++round) {
    const auto [bytes, owner] = testing::chunk_of(text);
    Outcome together;
    together.add(parser.parse(bytes, owner));
    for (std::size_t i = 0; i < std::min(alone.rows.size(), together.rows.size()); ++i) {
      ASSERT_EQ(together.rows[i], alone.rows[i]) << i;
    }
    ASSERT_EQ(together.events, alone.events);
    ASSERT_EQ(together.errors, alone.errors);
    ASSERT_EQ(together.rows.size(), alone.rows.size());
  }
}

std::vector<std::string> generated_lines(std::uint32_t seed) {
  testing::JsonLineGenerator generator(seed);
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i) {
    std::string line = generator.line(seed * 100 + static_cast<std::uint32_t>(generator.pick(12)));
    lines.push_back(generator.pick(8) == 0 ? generator.damaged(line) : line);
    if (generator.pick(30) == 0) lines.emplace_back("plain text, level=warn\n");
    if (generator.pick(30) == 0) lines.emplace_back("\r\n");
  }
  // The last line of a chunk may lack its LF.
  if (seed % 2 == 0) lines.back().pop_back();
  return lines;
}

TEST(LayoutPath, GivesTheEventsThatTheFullParserGives) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    expect_same_together_and_alone(generated_lines(seed), options_for());
  }
}

TEST(LayoutPath, GivesTheSameEventsWhateverIsWanted) {
  const std::vector<std::vector<std::string>> projections = {{"status"},
                                                             {"_time"},
                                                             {"_source", "host"},
                                                             {"_raw", "level"},
                                                             {"a", "a.b", "agent.hostname"},
                                                             {"_sourcetype", "_index"}};
  for (std::uint32_t seed = 100; seed < 106; ++seed) {
    for (const std::vector<std::string>& fields : projections) {
      SCOPED_TRACE(seed);
      ParserOptions options = options_for();
      options.projection = {.all = false, .fields = fields};
      expect_same_together_and_alone(generated_lines(seed), options);
    }
  }
}

TEST(LayoutPath, GivesTheSameEventsInOtherFormatsAndLimits) {
  for (std::uint32_t seed = 200; seed < 210; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<std::string> documents = generated_lines(seed);
    // Text that begins like this may be an array over several lines.
    std::erase_if(documents, [](const std::string& line) { return line.starts_with('['); });
    expect_same_together_and_alone(documents, options_for(Format::kJson));
    expect_same_together_and_alone(generated_lines(seed), options_for(Format::kRaw));
    ParserOptions short_lines = options_for();
    short_lines.line_bytes_max = 60;
    expect_same_together_and_alone(generated_lines(seed), short_lines);
    short_lines.cut_long_lines = false;
    expect_same_together_and_alone(generated_lines(seed), short_lines);
    ParserOptions few_fields = options_for();
    few_fields.fields_max = 2;
    expect_same_together_and_alone(generated_lines(seed), few_fields);
    ParserOptions labels = options_for();
    labels.source = "s";
    labels.host = "h";
    expect_same_together_and_alone(generated_lines(seed), labels);
  }
}

TEST(LayoutPath, SkipsOnlyLinesThatCannotMatchASearch) {
  for (std::uint32_t seed = 300; seed < 310; ++seed) {
    SCOPED_TRACE(seed);
    ParserOptions options = options_for();
    options.raw_contains =
        seed % 2 == 0 ? std::vector<std::string>{"STATUS"} : std::vector<std::string>{"5", "hoSt"};
    expect_same_together_and_alone(generated_lines(seed), options);
  }
}

TEST(LayoutPath, CountsTheEventsThatTheFullParserCounts) {
  ParserOptions options = options_for();
  options.projection = {.all = false, .fields = {}};
  for (std::uint32_t seed = 400; seed < 410; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<std::string> lines = generated_lines(seed);
    lines.emplace_back("{\"event\":\"x\",\"index\":\"no index name!\"}\n");
    const auto [bytes, owner] = testing::chunk_of([&] {
      std::string text;
      for (const std::string& line : lines) text += line + (line.ends_with('\n') ? "" : "\n");
      return text;
    }());
    ParserOptions all = options;
    all.projection = {};
    const ParsedChunk counted = EventParser(options).parse(bytes, owner);
    const ParsedChunk parsed = EventParser(all).parse(bytes, owner);
    EXPECT_EQ(counted.counts.events, parsed.counts.events);
    EXPECT_EQ(counted.counts.errors, 1U);
    EXPECT_EQ(counted.batch.rows(), parsed.batch.rows());
  }
}

TEST(LayoutPath, NeverTakesAnEnvelopeForADocument) {
  const ParsedChunk chunk =
      testing::parse("{\"event\":null,\"host\":\"a\"}\n{\"event\":\"text\",\"host\":\"b\"}\n");
  EXPECT_EQ(testing::field(chunk.batch, "_raw", 1), "\"text\"");
}

TEST(LayoutPath, DoesNotLearnFromTheBeginningOfALongLine) {
  // Valid as far as it is read, and the whole is not.
  ParserOptions options = options_for();
  options.line_bytes_max = 8;
  const ParsedChunk chunk = testing::parse("{\"a\":1}  }\n{\"a\":2}\n{\"a\":3}  }\n", options);
  EXPECT_EQ(chunk.counts.truncated, 2U);
}

}  // namespace
}  // namespace lynxdb::event
