// The rows of stats, top, rare and timechart: columns, order, and what happens to nulls, lists and
// the series that get no column.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <utility>

#include "query/testing/aggregation_harness.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using testing::Harness;
using testing::HarnessOptions;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run;

// --- stats
// -------------------------------------------------------------------------------------------

const std::vector<std::string> kStatus = {R"({"s":500,"u":"b"})", R"({"s":"500","u":"a"})",
                                          R"({"s":200,"u":"b"})", R"({"u":"a"})",
                                          R"({"s":"x","u":"a"})"};

TEST(Stats, GroupsByTextFormAndSortsByKey) {
  EXPECT_THAT(run("stats count by s", kStatus),
              ElementsAre(R"({"s":null,"count":1})", R"({"s":200,"count":1})",
                          R"({"s":500,"count":2})", R"({"s":"x","count":1})"));
}

TEST(Stats, GroupsBySeveralKeysIncludingExpressions) {
  EXPECT_THAT(run("stats count by u, s", kStatus),
              ElementsAre(R"({"u":"a","s":null,"count":1})", R"({"u":"a","s":"500","count":1})",
                          R"({"u":"a","s":"x","count":1})", R"({"u":"b","s":200,"count":1})",
                          R"({"u":"b","s":500,"count":1})"));
  EXPECT_THAT(run("stats count by upper(u) AS U", kStatus),
              ElementsAre(R"({"U":"A","count":3})", R"({"U":"B","count":2})"));
}

TEST(Stats, PutsAListIntoOneGroupPerDistinctElement) {
  EXPECT_THAT(run("stats count, sum(n) AS n by t",
                  {R"({"t":["a","b","a"],"n":1})", R"({"t":"b","n":10})", R"({"t":[],"n":100})"}),
              ElementsAre(R"({"t":null,"count":1,"n":100})", R"({"t":"a","count":1,"n":1})",
                          R"({"t":"b","count":2,"n":11})"));
  EXPECT_THAT(run("stats count by t, v", {R"({"t":["a","b"],"v":[1,2]})"}),
              ElementsAre(R"({"t":"a","v":1,"count":1})", R"({"t":"a","v":2,"count":1})",
                          R"({"t":"b","v":1,"count":1})", R"({"t":"b","v":2,"count":1})"));
}

TEST(Stats, WithoutInputGivesOneRowOrNone) {
  EXPECT_THAT(run("stats count, dc(x) AS d, sum(x) AS s", {}),
              ElementsAre(R"({"count":0,"d":0,"s":null})"));
  EXPECT_THAT(run("stats count by x", {}), IsEmpty());
}

TEST(Stats, RejectsTwoColumnsOfOneName) {
  spl2::StatsCommand command;
  command.aggregates.resize(2);
  for (spl2::Aggregate& aggregate : command.aggregates) {
    aggregate.function = "count";
    aggregate.output = "x";
  }
  const auto made = make_stage(command, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "stats: two columns are named 'x'");
}

// Groups that fit no budget: the rows are those of unlimited memory, in the same order.
TEST(Stats, SpilledGroupsGiveTheSameRows) {
  std::vector<std::string> lines;
  for (int i = 0; i < 20'000; ++i) {
    const int key = (i * 7919) % 6'000;
    const std::string text =
        key % 3 == 0 ? std::to_string(key) : "\"user " + std::to_string(key) + '"';
    lines.push_back(R"({"k":)" + text + R"(,"g":)" + std::to_string(i % 7) + R"(,"n":)" +
                    std::to_string(i) + ".25}");
  }
  for (const char* command :
       {"stats count, avg(n) AS a, last(n) AS l by k", "stats count, dc(n) AS d by k, g",
        "top limit=3 k by g", "rare k", "top 4 k", "stats sum(n) AS s, values(g) AS v"}) {
    SCOPED_TRACE(command);
    HarnessOptions roomy{.parts = 2, .rows_per_batch = 1000};
    const auto expected = Harness(roomy).stage(command, lines);
    HarnessOptions tight{.parts = 3, .rows_per_batch = 500, .memory_bytes = 300'000, .seed = 11};
    Harness harness(tight);
    EXPECT_EQ(harness.stage(command, lines), expected);
    if (std::string_view(command).find("by k") != std::string_view::npos)
      EXPECT_GT(harness.spilled_bytes(), 0U);
    EXPECT_LE(harness.execution().memory.peak_bytes(), 300'000U);
  }
}

// The rows that a stable sort by one column of JSON rows puts first.
std::vector<std::string> first_by(std::string_view column, bool descending, std::size_t count,
                                  const std::vector<std::string>& rows) {
  std::vector<std::pair<double, std::size_t>> order;
  for (const std::string& row : rows) {
    const std::size_t at = row.find('"' + std::string(column) + "\":");
    const double value = std::stod(row.substr(at + column.size() + 3));
    order.emplace_back(descending ? -value : value, order.size());
  }
  std::ranges::sort(order);
  std::vector<std::string> first;
  for (const auto& [value, row] : order)
    if (first.size() < count) first.push_back(rows[row]);
  return first;
}

// What is left out is never among the first rows of the sort behind, with equal ones in their
// order.
TEST(Stats, LeavesOutOnlyRowsThatTheSortBehindDrops) {
  std::mt19937 random(5);
  std::vector<std::string> lines;
  for (int i = 0; i < 3'000; ++i) {
    const auto key = random() % (1 + random() % 1'000);
    const std::string text = std::to_string(key);
    lines.push_back(R"({"k":)" + (key % 3 == 0 ? text : '"' + text + ".0\"") + R"(,"g":)" +
                    std::to_string(random() % 3) + R"(,"n":)" +
                    std::to_string(static_cast<int>(random() % 200) - 100) + ".5}");
  }
  const std::string command = "stats count, sum(n) AS s, avg(n) AS a by k, g";
  const auto all = Harness(HarnessOptions{.parts = 2}).stage(command, lines);
  for (const std::string column : {"count", "s", "a"}) {
    for (const std::uint64_t count : {0, 1, 20, 1'000'000}) {
      const bool descending = count % 20 == 0;
      SCOPED_TRACE(column + ' ' + std::to_string(count));
      HarnessOptions options{.parts = 3, .rows_per_batch = 500};
      options.context.first_rows = FirstRows{column, descending, count};
      const auto rows = Harness(options).stage(command, lines);
      EXPECT_EQ(first_by(column, descending, count, rows),
                first_by(column, descending, count, all));
      if (count < 1'000) EXPECT_LT(rows.size(), all.size());
    }
  }
  HarnessOptions tight{.parts = 2, .rows_per_batch = 500, .memory_bytes = 150'000};
  tight.context.first_rows = FirstRows{"count", true, 20};
  Harness harness(tight);
  EXPECT_EQ(first_by("count", true, 20, harness.stage(command, lines)),
            first_by("count", true, 20, all));
  EXPECT_GT(harness.spilled_bytes(), 0U);
}

// --- top, rare
// -----------------------------------------------------------------------------------------

const std::vector<std::string> kFruit = {
    R"({"f":"a","g":1})", R"({"f":"b","g":1})", R"({"f":"b","g":2})", R"({"f":"c","g":2})",
    R"({"f":"c","g":2})", R"({"g":2})",         R"({"f":"d"})",       R"({"f":"b","g":1})"};

TEST(Top, OrdersByCountThenValue) {
  EXPECT_THAT(run("top f", kFruit),
              ElementsAre(R"({"f":"b","count":3,"percent":42.857142857142854})",
                          R"({"f":"c","count":2,"percent":28.571428571428573})",
                          R"({"f":"a","count":1,"percent":14.285714285714286})",
                          R"({"f":"d","count":1,"percent":14.285714285714286})"));
  EXPECT_THAT(run("top 1 f", kFruit),
              ElementsAre(R"({"f":"b","count":3,"percent":42.857142857142854})"));
}

TEST(Top, WorksPerGroup) {
  EXPECT_THAT(run("top limit=1 f by g", kFruit),
              ElementsAre(R"({"g":null,"f":"d","count":1,"percent":100})",
                          R"({"g":1,"f":"b","count":2,"percent":66.66666666666667})",
                          R"({"g":2,"f":"c","count":2,"percent":66.66666666666667})"));
}

TEST(Rare, StartsWithTheLeastCommon) {
  EXPECT_THAT(run("rare 2 f", kFruit),
              ElementsAre(R"({"f":"a","count":1,"percent":14.285714285714286})",
                          R"({"f":"d","count":1,"percent":14.285714285714286})"));
}

// --- timechart
// -------------------------------------------------------------------------------------------

const std::vector<std::string> kTimed = {
    R"({"_time":0,"h":"a","n":1})",  R"({"_time":59,"h":"b","n":2})",
    R"({"_time":60,"h":"a","n":3})", R"({"_time":240,"h":"b","n":4})",
    R"({"_time":241,"n":5})",        R"({"h":"a","n":6})"};

TEST(Timechart, FillsEmptyBuckets) {
  EXPECT_THAT(run("timechart span=1m count, sum(n) AS s", kTimed),
              ElementsAre(R"({"_time":"1970-01-01T00:00:00Z","count":2,"s":3})",
                          R"({"_time":"1970-01-01T00:01:00Z","count":1,"s":3})",
                          R"({"_time":"1970-01-01T00:02:00Z","count":0,"s":null})",
                          R"({"_time":"1970-01-01T00:03:00Z","count":0,"s":null})",
                          R"({"_time":"1970-01-01T00:04:00Z","count":2,"s":9})"));
  EXPECT_EQ(run("timechart span=1m cont=false count", kTimed).size(), 3U);
  EXPECT_THAT(run("timechart count", {}), IsEmpty());
}

TEST(Timechart, HasOneColumnPerSeries) {
  EXPECT_THAT(run("timechart span=2m count by h", kTimed),
              ElementsAre(R"({"_time":"1970-01-01T00:00:00Z","a":2,"b":1,"NULL":0})",
                          R"({"_time":"1970-01-01T00:02:00Z","a":0,"b":0,"NULL":0})",
                          R"({"_time":"1970-01-01T00:04:00Z","a":0,"b":1,"NULL":1})"));
  EXPECT_THAT(
      run("timechart span=5m count, max(n) AS m by h usenull=false", kTimed),
      ElementsAre(
          R"({"_time":"1970-01-01T00:00:00Z","count: a":2,"count: b":2,"m: a":3,"m: b":4})"));
}

TEST(Timechart, MergesTheRestIntoOtherFromTheEvents) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i)
    lines.push_back(R"({"_time":)" + std::to_string(i % 2 * 60) + R"(,"h":"h)" +
                    std::to_string(i < 50 ? 0 : i % 5) + R"(","n":)" + std::to_string(i) + "}");
  // The average of OTHER is that of its events, not of its series' averages.
  EXPECT_EQ(run("timechart span=1m limit=1 avg(n) AS a, count by h", lines).size(), 2U);
  EXPECT_THAT(
      run("timechart span=5m limit=1 count, median(n) AS m by h", lines),
      ElementsAre(
          R"({"_time":"1970-01-01T00:00:00Z","count: h0":60,"count: OTHER":40,"m: h0":29.5,"m: OTHER":75})"));
  EXPECT_THAT(run("timechart span=5m limit=1 useother=false count by h", lines),
              ElementsAre(R"({"_time":"1970-01-01T00:00:00Z","h0":60})"));
}

TEST(Timechart, LongFormatGivesRows) {
  EXPECT_THAT(run("timechart span=5m count by h format=long", kTimed),
              ElementsAre(R"({"_time":"1970-01-01T00:00:00Z","h":null,"count":1})",
                          R"({"_time":"1970-01-01T00:00:00Z","h":"a","count":2})",
                          R"({"_time":"1970-01-01T00:00:00Z","h":"b","count":2})"));
}

TEST(Timechart, ReportsRowsWithoutTime) {
  Harness harness;
  harness.stage("timechart count", kTimed);
  EXPECT_THAT(harness.hints(), ElementsAre("timechart leaves out rows without _time"));
}

TEST(Timechart, RefusesTooManyBucketsAndColumns) {
  EXPECT_THAT(run("timechart span=1s count", {R"({"_time":0})", R"({"_time":50000})"}),
              ElementsAre("error: timechart: more than 50000 buckets of 1s"));
  EXPECT_EQ(run("timechart span=1s count", {R"({"_time":0})", R"({"_time":49999})"}).size(),
            50'000U);
  std::vector<std::string> lines;
  for (int i = 0; i < 1001; ++i) lines.push_back(R"({"_time":0,"h":)" + std::to_string(i) + "}");
  EXPECT_THAT(run("timechart limit=0 count by h", lines),
              ElementsAre("error: timechart: more than 1000 columns"));
}

TEST(Timechart, ChoosesASpanForTheRange) {
  const auto bucket_of = [](std::int64_t range_s) {
    HarnessOptions options;
    options.context.now_ns = 1'000'000'000'000'000'000;
    options.context.from_ns = options.context.now_ns - range_s * 1'000'000'000;
    return Harness(options).stage("timechart count", {R"({"_time":999999999})"}).front();
  };
  EXPECT_EQ(bucket_of(100), R"({"_time":"2001-09-09T01:46:39Z","count":1})");
  EXPECT_EQ(bucket_of(3600), R"({"_time":"2001-09-09T01:46:00Z","count":1})");
  EXPECT_EQ(bucket_of(86'400), R"({"_time":"2001-09-09T01:45:00Z","count":1})");
  EXPECT_EQ(run("timechart count", {R"({"_time":999999999})"}).front(),
            R"({"_time":"2001-09-09T01:00:00Z","count":1})");
}

TEST(Timechart, GivesTheSameRowsWhenSpilled) {
  std::vector<std::string> lines;
  for (int i = 0; i < 20'000; ++i)
    lines.push_back(R"({"_time":)" + std::to_string(i) + R"(,"h":"host)" +
                    std::to_string(i * i % 97) + R"(","n":)" + std::to_string(i) + ".5}");
  const char* command = "timechart span=1m limit=3 avg(n) AS a, dc(n) AS d by h";
  HarnessOptions roomy;
  HarnessOptions tight{.parts = 2, .rows_per_batch = 500, .memory_bytes = 1'500'000, .seed = 3};
  Harness harness(tight);
  EXPECT_EQ(harness.stage(command, lines), Harness(roomy).stage(command, lines));
  EXPECT_GT(harness.spilled_bytes(), 0U);
}

// Neither the totals of the series nor the cells of the rows fit in memory.
TEST(Timechart, GivesTheSameRowsWhenSeriesAndCellsAreSpilled) {
  std::vector<std::string> lines;
  for (int i = 0; i < 20'000; ++i)
    lines.push_back(R"({"_time":)" + std::to_string(i) + R"(,"h":"host )" +
                    std::to_string(i * 31 % 5003) + R"(","u":)" + std::to_string(i % 40) +
                    R"(,"n":)" + std::to_string(i % 1000) + "}");
  for (const char* command :
       {"timechart span=1h limit=5 sum(n) AS s by h", "timechart span=1s limit=0 count by u",
        "timechart span=10s limit=0 useother=false list(n) AS l, dc(n) AS d by u"}) {
    SCOPED_TRACE(command);
    HarnessOptions roomy;
    HarnessOptions tight{.parts = 2, .rows_per_batch = 200, .memory_bytes = 200'000, .seed = 3};
    Harness harness(tight);
    EXPECT_EQ(harness.stage(command, lines), Harness(roomy).stage(command, lines));
    EXPECT_GT(harness.spilled_bytes(), 0U);
    EXPECT_LE(harness.execution().memory.peak_bytes(), 200'000U);
  }
}

// An event belongs to a group for each combination of the elements of its keys.
TEST(Stats, NamesTheLimitWhenTheListsOfAnEventMultiplyTooOften) {
  std::string list = "[0";
  for (int i = 1; i < 60; ++i) list += "," + std::to_string(i);
  list += "]";
  const std::string line =
      R"({"a":)" + list + R"(,"b":)" + list + R"(,"c":)" + list + R"(,"d":)" + list + "}";
  HarnessOptions tight{.memory_bytes = 2U << 20U};
  EXPECT_THAT(Harness(tight).stage("stats count by a, b, c, d", {line}),
              ElementsAre(HasSubstr("error: stats: needs more than the query's memory")));
}

// One file of spilled groups is far larger than the memory: it is split until its parts fit.
TEST(Stats, SplitsPartitionsThatDoNotFit) {
  std::vector<std::string> lines;
  for (int i = 0; i < 30'000; ++i)
    lines.push_back(R"({"k":"key )" + std::to_string(i * 7919 % 25'000) + R"(","n":)" +
                    std::to_string(i) + "}");
  const char* command = "stats count, last(n) AS l by k";
  HarnessOptions roomy;
  HarnessOptions tight{.parts = 3, .rows_per_batch = 50, .memory_bytes = 24'000, .seed = 3};
  Harness harness(tight);
  EXPECT_EQ(harness.stage(command, lines), Harness(roomy).stage(command, lines));
}

}  // namespace
}  // namespace lynxdb::query
