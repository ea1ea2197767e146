// streamstats, eventstats and xyseries: aggregates beside the rows they are of.
#include <gmock/gmock.h>

#include "query/aggregation_impl.h"
#include "query/expression.h"
#include "query/testing/aggregation_harness.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using testing::Harness;
using testing::HarnessOptions;

std::vector<std::string> run(const std::string& text, const std::vector<std::string>& lines) {
  return Harness(HarnessOptions{.rows_per_batch = 3}).operation(text, lines);
}

const std::vector<std::string> kRows = {R"({"g":"a","n":1})", R"({"g":"b","n":2})",
                                        R"({"g":"a","n":3})", R"({"n":4})", R"({"g":"a","n":5})"};

TEST(Streamstats, RunsPerGroupInInputOrder) {
  EXPECT_THAT(
      run("streamstats count, sum(n) AS s by g", kRows),
      ElementsAre(R"({"count":1,"g":"a","n":1,"s":1})", R"({"count":1,"g":"b","n":2,"s":2})",
                  R"({"count":2,"g":"a","n":3,"s":4})", R"({"count":1,"n":4,"s":4})",
                  R"({"count":3,"g":"a","n":5,"s":9})"));
}

TEST(Streamstats, CanLeaveOutTheRowItself) {
  EXPECT_THAT(run("streamstats current=false last(n) AS before", kRows),
              ElementsAre(R"({"before":null,"g":"a","n":1})", R"({"before":1,"g":"b","n":2})",
                          R"({"before":2,"g":"a","n":3})", R"({"before":3,"n":4})",
                          R"({"before":4,"g":"a","n":5})"));
}

TEST(Streamstats, SlidesAWindow) {
  EXPECT_THAT(run("streamstats window=2 sum(n) AS s, max(n) AS m", kRows),
              ElementsAre(R"({"g":"a","m":1,"n":1,"s":1})", R"({"g":"b","m":2,"n":2,"s":3})",
                          R"({"g":"a","m":3,"n":3,"s":5})", R"({"m":4,"n":4,"s":7})",
                          R"({"g":"a","m":5,"n":5,"s":9})"));
  EXPECT_THAT(
      run("streamstats window=1 current=false sum(n) AS s by g", kRows),
      ElementsAre(R"({"g":"a","n":1,"s":null})", R"({"g":"b","n":2,"s":null})",
                  R"({"g":"a","n":3,"s":1})", R"({"n":4,"s":null})", R"({"g":"a","n":5,"s":3})"));
}

// A list per row grows with the square of the rows, before a batch is done.
TEST(Streamstats, KeepsListsWithinTheMemoryOfTheQuery) {
  std::vector<std::string> lines;
  for (int i = 0; i < 3000; ++i) lines.push_back(R"({"n":)" + std::to_string(i) + "}");
  for (const std::string window : {"", "window=1000 "}) {
    Harness harness(HarnessOptions{.rows_per_batch = 4000, .memory_bytes = 4U << 20U});
    EXPECT_THAT(harness.operation("streamstats " + window + "values(n) AS v", lines),
                ElementsAre(::testing::HasSubstr("error: streamstats: needs more")));
  }
}

// Every window, recomputed from its rows by stats.
TEST(Streamstats, WindowsHoldWhatStatsWouldSay) {
  const std::string aggregates =
      "count AS a1, avg(n) AS a2, min(n) AS a3, dc(n) AS a4, list(n) AS a5, first(n) AS a6, "
      "last(n) AS a7, "
      "p50(n) AS a8, stdev(n) AS a9";
  std::vector<std::string> lines;
  for (int i = 0; i < 60; ++i) lines.push_back(R"({"n":)" + std::to_string(i * 37 % 23) + ".5}");
  for (const std::size_t window : {1U, 2U, 5U, 16U}) {
    const auto rows = run("streamstats window=" + std::to_string(window) + " " + aggregates, lines);
    ASSERT_EQ(rows.size(), lines.size()) << rows.front();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto end = lines.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      const auto begin = end - static_cast<std::ptrdiff_t>(std::min(window, i + 1));
      std::string expected = testing::run("stats " + aggregates, {begin, end}).front();
      expected.pop_back();
      EXPECT_EQ(rows[i], expected + "," + lines[i].substr(1))
          << "window " << window << ", row " << i;
    }
  }
}

TEST(Eventstats, AddsTheGroupsAggregatesToEachRow) {
  EXPECT_THAT(
      run("eventstats sum(n) AS s by g", kRows),
      ElementsAre(R"({"g":"a","n":1,"s":9})", R"({"g":"b","n":2,"s":2})",
                  R"({"g":"a","n":3,"s":9})", R"({"n":4,"s":4})", R"({"g":"a","n":5,"s":9})"));
  EXPECT_THAT(run("eventstats max(n) AS n", {R"({"n":1})", R"({"n":2})"}),
              ElementsAre(R"({"n":2})", R"({"n":2})"));
}

TEST(Eventstats, SpillsRowsAndKeepsTheirOrder) {
  std::vector<std::string> lines;
  for (int i = 0; i < 5000; ++i)
    lines.push_back(R"({"g":)" + std::to_string(i % 11) + R"(,"n":)" + std::to_string(i) +
                    R"(,"text":"some text to fill memory"})");
  Harness tight(HarnessOptions{.rows_per_batch = 100, .memory_bytes = 100'000});
  EXPECT_EQ(tight.operation("eventstats avg(n) AS a by g", lines),
            Harness().operation("eventstats avg(n) AS a by g", lines));
  EXPECT_GT(tight.spilled_bytes(), 0U);
}

// Keys of several types, lists among them.
std::vector<std::string> many_groups(int rows, int groups) {
  std::vector<std::string> lines;
  for (int i = 0; i < rows; ++i) {
    const int key = (i * 7919) % groups;
    const std::string text = key % 5 == 0   ? std::to_string(key)
                             : key % 5 == 1 ? '"' + std::to_string(key - 1) + '"'
                             : key % 5 == 2 ? "[" + std::to_string(key) + ",\"b\"]"
                             : key == 3     ? "null"
                                            : "\"user " + std::to_string(key) + '"';
    lines.push_back(R"({"g":)" + text + R"(,"n":)" + std::to_string(i) + R"(,"h":"h)" +
                    std::to_string(i % 7) + R"("})");
  }
  return lines;
}

TEST(Eventstats, SpillsGroupsAndFindsThemAgain) {
  const std::vector<std::string> lines = many_groups(6000, 4000);
  for (const char* command :
       {"eventstats count AS c, last(n) AS l, values(h) AS v by g",
        "eventstats sum(n) AS n by g, h", "eventstats dc(g) AS d, count AS c"}) {
    SCOPED_TRACE(command);
    Harness tight(HarnessOptions{.rows_per_batch = 100, .memory_bytes = 300'000});
    EXPECT_EQ(tight.operation(command, lines), Harness().operation(command, lines));
    EXPECT_GT(tight.spilled_bytes(), 0U);
    EXPECT_LE(tight.execution().memory.peak_bytes(), 300'000U);
  }
}

TEST(Streamstats, SpillsGroupsInTheMiddleOfItsInput) {
  const std::vector<std::string> lines = many_groups(6000, 3000);
  for (const char* command :
       {"streamstats count AS c, last(n) AS l, values(h) AS v by g",
        "streamstats current=false sum(n) AS n by g, h",
        "streamstats window=2 sum(n) AS s, list(n) AS l, count AS c by g",
        "streamstats window=3 current=false first(n) AS f, dc(n) AS d by g"}) {
    SCOPED_TRACE(command);
    for (const std::size_t memory_bytes : {100'000U, 400'000U}) {
      Harness tight(HarnessOptions{.rows_per_batch = 100, .memory_bytes = memory_bytes});
      EXPECT_EQ(tight.operation(command, lines), Harness().operation(command, lines));
      EXPECT_GT(tight.spilled_bytes(), 0U);
      EXPECT_LE(tight.execution().memory.peak_bytes(), memory_bytes);
    }
  }
}

// Partitions of groups are split again and again.
TEST(Eventstats, SpillsGroupsThatAreManyTimesItsMemory) {
  std::vector<std::string> lines;
  for (int i = 0; i < 20'000; ++i)
    lines.push_back(R"({"g":"key )" + std::to_string(i * 7919 % 15'000) + R"(","n":)" +
                    std::to_string(i) + "}");
  const char* command = "eventstats count AS c, last(n) AS l by g";
  Harness tight(HarnessOptions{.rows_per_batch = 50, .memory_bytes = 24'000});
  EXPECT_EQ(tight.operation(command, lines), Harness().operation(command, lines));
}

TEST(Eventstats, NamesTheLimitWhenOneGroupDoesNotFit) {
  std::vector<std::string> lines;
  for (int i = 0; i < 3000; ++i)
    lines.push_back(R"({"n":"a rather long value )" + std::to_string(i) + R"("})");
  Harness tight(HarnessOptions{.rows_per_batch = 100, .memory_bytes = 100'000});
  EXPECT_THAT(tight.operation("eventstats values(n) AS v", lines),
              ElementsAre(::testing::HasSubstr("eventstats: needs more than the query's memory")));
}

TEST(Xyseries, GivesTheSameRowsFromDisk) {
  std::vector<std::string> lines = many_groups(6000, 1500);
  for (const char* command : {"xyseries g h n", "xyseries n h g"}) {
    SCOPED_TRACE(command);
    Harness tight(HarnessOptions{.rows_per_batch = 100, .memory_bytes = 100'000});
    EXPECT_EQ(tight.operation(command, lines), Harness().operation(command, lines));
    EXPECT_GT(tight.spilled_bytes(), 0U);
    EXPECT_LE(tight.execution().memory.peak_bytes(), 100'000U);
  }
}

TEST(Xyseries, TurnsValuesIntoColumns) {
  EXPECT_THAT(run("xyseries d h n", {R"({"d":"mon","h":"b","n":1})", R"({"d":"tue","h":"a","n":2})",
                                     R"({"d":"mon","h":"b","n":3})", R"({"d":"tue","h":200,"n":4})",
                                     R"({"d":"tue","h":"200","n":5})", R"({"h":"a","n":6})"}),
              ElementsAre(R"({"d":"mon","b":3,"a":null,"200":null})",
                          R"({"d":"tue","b":null,"a":2,"200":5})",
                          R"({"d":null,"b":null,"a":6,"200":null})"));
}

TEST(Xyseries, RefusesMoreThanAThousandColumns) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1001; ++i) lines.push_back(R"({"x":1,"n":1,"y":)" + std::to_string(i) + "}");
  EXPECT_THAT(
      run("xyseries x y n", lines),
      ElementsAre("error: xyseries: 'y' has more than 1000 values, which would be columns"));
}

// A query that is cancelled while its next batch is made.
class CancelledInput final : public Operator {
 public:
  explicit CancelledInput(Execution& execution) : execution_(execution) {}

  Result<std::optional<event::EventBatch>> next() override {
    execution_.cancellation.cancel();
    return std::optional(testing::batch_of_json({R"({"n":1})", R"({"n":2})"}));
  }

 private:
  Execution& execution_;
};

TEST(Streamstats, StopsWithinABatchWhenTheQueryIsCancelled) {
  Harness harness;
  const spl2::Command command = testing::command_of("streamstats window=2 dc(n) AS d");
  const auto rows =
      make_streamstats(std::make_unique<CancelledInput>(harness.execution()),
                       std::get<spl2::StreamstatsCommand>(command.node), {}, harness.execution());
  EXPECT_EQ((*rows)->next().error().code, ErrorCode::kCancelled);
}

// Cancels the query when the argument of an aggregate is asked for.
class CancellingArgument final : public Expression {
 public:
  explicit CancellingArgument(Execution& execution) : execution_(execution) {}

  event::ColumnPtr evaluate(const event::EventBatch& batch) const override {
    execution_.cancellation.cancel();
    return event::Column::ints(std::vector<std::int64_t>(batch.rows(), 1));
  }
  void collect_fields(std::set<std::string>&) const override {}

 private:
  Execution& execution_;
};

TEST(Stats, AddsNoMoreRowsOnceTheQueryIsCancelled) {
  Harness harness;
  auto spec = std::make_shared<AggregationSpec>();
  spec->command = "stats";
  spl2::Aggregate sum;
  sum.function = "sum";
  sum.output = "s";
  spec->calls.push_back({sum, std::make_shared<CancellingArgument>(harness.execution()), false});
  PartialAggregation part(spec, harness.execution());
  const auto consumed = part.consume(testing::batch_of_json({R"({"n":1})", R"({"n":2})"}));
  ASSERT_FALSE(consumed.has_value());
  EXPECT_EQ(consumed.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(part.impl().groups->states(0).current(0).is_null());
}

}  // namespace
}  // namespace lynxdb::query
