// What the optimiser promises: filters near the source, exact top-k, only used fields read; and
// that it never moves what would change the answer. The answers themselves are checked by the
// oracle.
#include "query/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/explain.h"
#include "spl2/parser.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PipelineDescription describe_main(std::string_view text) {
  auto parsed = spl2::parse(text);
  const auto* query = std::get_if<spl2::Query>(&parsed);
  EXPECT_NE(query, nullptr) << text;
  if (query == nullptr) return {};
  return describe(*query, {}).back();
}

std::vector<std::string> steps(std::string_view text) {
  std::vector<std::string> result;
  for (const StepDescription& step : describe_main(text).steps)
    result.push_back(step.text + (step.note.empty() ? "" : " (" + step.note + ")"));
  return result;
}

std::vector<std::string> fields_read(std::string_view text) {
  const ScanRequest scan = describe_main(text).scan;
  return scan.all_fields ? std::vector<std::string>{"*"} : scan.fields;
}

TEST(Optimiser, MovesFiltersTowardsTheSource) {
  EXPECT_THAT(steps("| eval y=a+1 | sort y | where b > 2 | head 3"),
              ElementsAre("where b > 2", "eval y = a + 1", "sort y (keeps 3 rows)", "head 3"));
}

TEST(Optimiser, KeepsAFilterBehindWhatMakesItsFields) {
  EXPECT_THAT(steps("| eval y=a+1 | where y > 2"), ElementsAre("eval y = a + 1", "where y > 2"));
  EXPECT_THAT(steps("| eval a=x | where a.b > 2"), ElementsAre("eval a = x", "where a.b > 2"));
  EXPECT_THAT(steps("| head 5 | where b > 2"), ElementsAre("head 5", "where b > 2"));
  EXPECT_THAT(steps("| dedup a | where b > 2"), ElementsAre("dedup a", "where b > 2"));
  EXPECT_THAT(steps("| fields a | where b > 2"), ElementsAre("fields a", "where b > 2"));
}

TEST(Optimiser, FoldsConstantConditions) {
  EXPECT_THAT(steps("| where 1 = 1 | stats count"), ElementsAre("stats count"));
  EXPECT_THAT(steps("| where 1 = 2 | stats count"), ElementsAre("head 0", "stats count"));
}

TEST(Optimiser, LimitsASortOnlyWhenEveryCommandBetweenKeepsTheRows) {
  EXPECT_THAT(steps("| sort a | eval b=1 | head 3"),
              ElementsAre("sort a (keeps 3 rows)", "eval b = 1", "head 3"));
  EXPECT_THAT(steps("| sort a | dedup b | head 3"), ElementsAre("sort a", "dedup b", "head 3"));
}

TEST(Scan, MayComeInAnyOrderWhenNobodyCanTell) {
  EXPECT_TRUE(describe_main("| eval y=a+1 | stats count, avg(y) by host").scan.any_order);
  EXPECT_TRUE(describe_main("| timechart span=1m count by host").scan.any_order);
  EXPECT_TRUE(describe_main("| top 5 host").scan.any_order);
  EXPECT_FALSE(describe_main("| stats count, first(y) by host").scan.any_order);
  EXPECT_FALSE(describe_main("| stats latest(y)").scan.any_order);
  EXPECT_FALSE(describe_main("| head 5 | stats count").scan.any_order);
  EXPECT_FALSE(describe_main("| where a=1").scan.any_order);
}

TEST(ScanFilters, AreTheAndedPartsOfTheLeadingFilters) {
  const std::vector<ScanFilter> filters = describe_main(
                                              "level=error \"timed out\" status>=500 | where a < 2 "
                                              "AND 7 > b AND (c OR d) | eval x=1 | where x=1")
                                              .scan.filters;
  std::vector<std::string> texts;
  for (const ScanFilter& filter : filters) texts.push_back(filter.text);
  EXPECT_THAT(texts, ElementsAre("level=error", "\"timed out\"", "status>=500", "a < 2", "7 > b",
                                 "c OR d"));
  EXPECT_THAT(filters[0].fields, ElementsAre("level"));
  EXPECT_THAT(filters[1].fields, ElementsAre("_raw"));
  EXPECT_THAT(filters[5].fields, ElementsAre("c", "d"));
}

TEST(ScanFilters, KnowWhichIntsCanPass) {
  const std::vector<ScanFilter> filters =
      describe_main("s>=500 | where 7 > b AND c = 2.0 AND d != 1 AND e = \"x\"").scan.filters;
  ASSERT_EQ(filters.size(), 5U);
  EXPECT_EQ(filters[0].ints->low, 500);
  EXPECT_EQ(filters[1].ints->high, 6);
  EXPECT_EQ(filters[2].ints->low, 2);
  EXPECT_EQ(filters[2].ints->high, 2);
  EXPECT_FALSE(filters[3].ints);
  EXPECT_FALSE(filters[4].ints);
}

TEST(Optimiser, DropsWhatNobodyReads) {
  EXPECT_THAT(steps("| eval x=1, y=2 | stats sum(y)"), ElementsAre("eval y = 2", "stats sum(y)"));
  EXPECT_THAT(steps("| eval x=1, y=x+2 | stats sum(y)"),
              ElementsAre("eval x = 1, y = x + 2", "stats sum(y)"));
}

TEST(FieldUsage, ReadsOnlyTheFieldsThatAreUsed) {
  EXPECT_THAT(fields_read("| stats count"), IsEmpty());
  EXPECT_THAT(fields_read("| stats count by status"), ElementsAre("status"));
  EXPECT_THAT(fields_read("| stats latest(x)"), ElementsAre("_time", "x"));
  EXPECT_THAT(fields_read("| where a > 1"), ElementsAre("*"));
  EXPECT_THAT(fields_read("error | table b"), ElementsAre("_raw", "b"));
  EXPECT_THAT(fields_read("| rename a AS b | stats sum(b)"), ElementsAre("a"));
  EXPECT_THAT(fields_read("| eval a=b | stats sum(a)"), ElementsAre("b"));
  EXPECT_THAT(fields_read("| stats count by source"), ElementsAre("_source", "source"));
  EXPECT_THAT(fields_read("| stats count by a.b.c"), ElementsAre("a", "a.b", "a.b.c"));
}

TEST(Scan, AsksForLinesWithTheSearchedText) {
  EXPECT_THAT(describe_main("\"connection refused\" | stats count").scan.raw_contains,
              ElementsAre("connection refused"));
  EXPECT_THAT(describe_main("alpha OR beta | stats count").scan.raw_contains, IsEmpty());
  EXPECT_THAT(describe_main("NOT alpha | stats count").scan.raw_contains, IsEmpty());
  EXPECT_THAT(describe_main("| eval _raw=x | search alpha").scan.raw_contains, IsEmpty());
}

TEST(Scan, StopsAfterHeadOnlyWhenNothingFilters) {
  EXPECT_EQ(describe_main("| eval a=1 | head 7").scan.rows_wanted, 7U);
  EXPECT_EQ(describe_main("| where a=1 | head 7").scan.rows_wanted, 0U);
}

TEST(Scan, NarrowsTheTimeByConditions) {
  const ScanRequest scan =
      describe_main("| where _time >= 1700000000 AND x = 1 AND _time < 1700000060").scan;
  EXPECT_EQ(scan.from_ns, 1'700'000'000'000'000'000);
  EXPECT_LE(scan.to_ns, 1'700'000'060'000'000'001);
  EXPECT_EQ(describe_main("| where _time >= 1700000000 OR x = 1").scan.from_ns,
            ScanRequest().from_ns);
}

TEST(Plan, CutsThePipelineForShardsAndCoordinator) {
  std::vector<std::string> where;
  for (const StepDescription& step :
       describe_main("error | eval a=1 | stats count by a | sort -count | head 3").steps)
    where.push_back(step.where);
  EXPECT_THAT(where,
              ElementsAre("shard", "shard", "shard + coordinator", "coordinator", "coordinator"));
}

TEST(Shape, KnowsFixedColumnsAndResultTypes) {
  const auto columns = [](std::string_view text) {
    return describe_main(text).columns.value_or(std::vector<std::string>{"?"});
  };
  EXPECT_THAT(columns("| stats count, avg(x) AS m by host"), ElementsAre("host", "count", "m"));
  EXPECT_THAT(columns("| stats count by host | eval y=1 | rename host AS h"),
              ElementsAre("h", "count", "y"));
  EXPECT_THAT(columns("| where a=1"), ElementsAre("?"));
  EXPECT_THAT(columns("| table a, b | fields - a"), ElementsAre("b"));
  EXPECT_EQ(describe_main("| stats count | where count > 1").result_type, ResultType::kAggregate);
  EXPECT_EQ(describe_main("| timechart count by host").result_type, ResultType::kTimechart);
  EXPECT_EQ(describe_main("| eventstats count").result_type, ResultType::kEvents);
}

}  // namespace
}  // namespace lynxdb::query
