// The guide's page of commands tells the truth: each example, run by the engine on its events,
// gives the rows beside it; and every command has one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "event/parse/event_parser.h"
#include "query/engine.h"
#include "query/testing/batch_builder.h"
#include "spl2/parser.h"

namespace lynxdb::query {
namespace {

// 2026-01-15T12:00:00Z
constexpr std::int64_t kNow = 1768478400LL * 1'000'000'000;

struct Example {
  std::string command;  // The heading above it.
  std::string events;
  std::string query;
  std::string result;
};

std::vector<Example> examples() {
  std::ifstream page(LYNXDB_COMMANDS_GUIDE);
  EXPECT_TRUE(page.good()) << LYNXDB_COMMANDS_GUIDE;
  std::vector<Example> all;
  Example current;
  std::string* fence = nullptr;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) current.command = line.substr(3);
    if (line == "```") {
      if (fence == &current.result) {
        all.push_back(current);
        current = Example{current.command, "", "", ""};
      }
      fence = nullptr;
    } else if (line == "```events") {
      fence = &current.events;
    } else if (line == "```spl2") {
      fence = &current.query;
    } else if (line == "```result") {
      fence = &current.result;
    } else if (fence != nullptr) {
      *fence += line + "\n";
    }
  }
  return all;
}

class OneBatch final : public Source {
 public:
  explicit OneBatch(event::EventBatch batch) : batch_(std::move(batch)) {}
  Result<std::optional<event::EventBatch>> next() override {
    if (given_.exchange(true)) return std::optional<event::EventBatch>();
    return std::optional(batch_);
  }
  Progress progress() const override { return {}; }

 private:
  event::EventBatch batch_;
  std::atomic<bool> given_{false};
};

event::EventBatch parse_events(const std::string& lines) {
  event::ParserOptions options;
  options.receipt_ns = kNow;
  const auto chunk = std::make_shared<const std::string>(
      lines + std::string(event::EventParser::kPaddingBytes, '\0'));
  event::EventParser parser(options);
  event::ParsedChunk parsed = parser.parse(std::string_view(*chunk).substr(0, lines.size()), chunk);
  EXPECT_TRUE(parsed.errors.empty());
  return std::move(parsed.batch);
}

std::string run(const Example& example, std::size_t threads) {
  auto parsed = spl2::parse(example.query);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed))
    return spl2::render_error(example.query, errors->front());
  QueryOptions options;
  options.spill_directory = ::testing::TempDir() + "/lynxdb-guide-test";
  options.now_ns = kNow;
  options.threads = threads;
  const OpenSource open = [&](const auto&, const ScanRequest&, Execution&) -> Result<SourcePtr> {
    return SourcePtr(std::make_shared<OneBatch>(parse_events(example.events)));
  };
  auto query = start(std::make_shared<spl2::Query>(std::move(std::get<spl2::Query>(parsed))),
                     std::move(options), open);
  if (!query) return query.error().message;
  std::string rows;
  while (true) {
    const auto batch = (*query)->next();
    if (!batch) return batch.error().message;
    if (!batch->has_value()) return rows;
    for (const std::string& row : testing::rows_as_json(**batch)) rows += row + "\n";
  }
}

TEST(CommandsGuide, ExamplesGiveTheResultsBesideThem) {
  const std::vector<Example> all = examples();
  ASSERT_GT(all.size(), 25U);
  for (const Example& example : all) {
    SCOPED_TRACE(example.command);
    EXPECT_EQ(run(example, 1), example.result) << example.query;
    EXPECT_EQ(run(example, 3), example.result) << example.query;
  }
}

TEST(CommandsGuide, HasEveryCommand) {
  std::string described;
  for (const Example& example : examples()) described += example.command + " " + example.query;
  for (const std::string_view name :
       {"search",   "where",  "eval",   "fields",      "table",       "rename",
        "head",     "tail",   "sort",   "dedup",       "stats",       "timechart",
        "bin",      "top",    "rare",   "rex",         "eventstats",  "streamstats",
        "fillnull", "join",   "append", "multisearch", "transaction", "xyseries",
        "from",     "unroll", "regex",  "reverse"})
    EXPECT_THAT(described, ::testing::HasSubstr(std::string(name)));
}

}  // namespace
}  // namespace lynxdb::query
