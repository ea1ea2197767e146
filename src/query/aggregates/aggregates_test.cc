// What each aggregate gives: nulls are skipped, text that is a number counts as one, lists give
// each element, and no usable value is null (0 for counts).
#include <gmock/gmock.h>

#include "query/testing/aggregation_harness.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using testing::Harness;
using testing::run;

std::string only(const std::string& aggregates, const std::vector<std::string>& lines) {
  const std::vector<std::string> rows = run("stats " + aggregates, lines);
  EXPECT_EQ(rows.size(), 1U);
  return rows.empty() ? "" : rows.front();
}

const std::vector<std::string> kMixed = {R"j({"x":3})j", R"j({"x":"4"})j", R"j({"y":1})j",
                                         R"j({"x":"abc"})j", R"j({"x":[1,"2"]})j"};

TEST(Aggregates, CountRowsValuesAndTrueConditions) {
  EXPECT_EQ(only("count, count() AS c, count(x), count(eval(x>2)) AS big", kMixed),
            R"j({"count":5,"c":5,"count(x)":5,"big":2})j");
}

TEST(Aggregates, SumKeepsIntsAndBecomesFloatOnOverflow) {
  EXPECT_EQ(only("sum(x) AS s", kMixed), R"j({"s":10})j");
  EXPECT_EQ(only("sum(x) AS s", {R"j({"x":1})j", R"j({"x":0.5})j"}), R"j({"s":1.5})j");
  EXPECT_EQ(only("sum(x) AS s", {R"j({"x":9223372036854775807})j", R"j({"x":1})j"}),
            R"j({"s":9223372036854775808})j");
  EXPECT_EQ(
      only("sum(x) AS s", {R"j({"x":9223372036854775807})j", R"j({"x":1})j", R"j({"x":-1})j"}),
      R"j({"s":9223372036854775807})j");
}

TEST(Aggregates, SumsOfOneGroupMayChangeTheirKindOfNumber) {
  const auto by_group = [](const std::vector<std::string>& lines) {
    return run("stats sum(x) AS s, avg(x) AS a, sumsq(x) AS q by g", lines);
  };
  // Ints, then floats; floats, then ints; zeros; floats too small and too large for 128 bits.
  EXPECT_THAT(
      by_group({R"j({"g":1,"x":3})j", R"j({"g":2,"x":0.5})j", R"j({"g":3,"x":0})j",
                R"j({"g":4,"x":0.0})j", R"j({"g":5,"x":1e-30})j", R"j({"g":6,"x":1e300})j",
                R"j({"g":1,"x":0.25})j", R"j({"g":2,"x":4})j", R"j({"g":3,"x":0.0})j",
                R"j({"g":4,"x":2.5})j", R"j({"g":5,"x":1.0})j", R"j({"g":6,"x":-1e300})j",
                R"j({"g":6,"x":8})j", R"j({"g":5,"x":-1})j"}),
      ElementsAre(R"j({"g":1,"s":3.25,"a":1.625,"q":9.0625})j",
                  R"j({"g":2,"s":4.5,"a":2.25,"q":16.25})j", R"j({"g":3,"s":0,"a":0,"q":0})j",
                  R"j({"g":4,"s":2.5,"a":1.25,"q":6.25})j",
                  R"j({"g":5,"s":1e-30,"a":3.3333333333333338e-31,"q":2})j",
                  R"j({"g":6,"s":8,"a":2.6666666666666665,"q":null})j"));
}

TEST(Aggregates, AverageIsAFloatOfUsableValues) {
  EXPECT_EQ(only("avg(x), mean(x) AS m", kMixed), R"j({"avg(x)":2.5,"m":2.5})j");
  EXPECT_EQ(only("avg(x) AS a", {R"j({"x":0.1})j", R"j({"x":0.2})j", R"j({"x":0.3})j"}),
            R"j({"a":0.2})j");
}

TEST(Aggregates, MinAndMaxFollowTheSortOrderAndKeepTheType) {
  EXPECT_EQ(only("min(x), max(x)", kMixed), R"j({"min(x)":1,"max(x)":"abc"})j");
  EXPECT_EQ(only("min(x), max(x)", {R"j({"x":"10"})j", R"j({"x":9})j"}),
            R"j({"min(x)":9,"max(x)":"10"})j");
  EXPECT_EQ(only("min(x), max(x)", {R"j({"x":"5"})j", R"j({"x":5})j", R"j({"x":5.0})j"}),
            R"j({"min(x)":5,"max(x)":5})j");
}

TEST(Aggregates, DistinctCountsGoByTextForm) {
  EXPECT_EQ(only("dc(x), distinct_count(x) AS d",
                 {R"j({"x":500})j", R"j({"x":"500"})j", R"j({"x":500.0})j", R"j({"x":"0500"})j",
                  R"j({"x":true})j", R"j({"x":"true"})j"}),
            R"j({"dc(x)":3,"d":3})j");
}

TEST(Aggregates, DistinctCountsOfEntriesOfASharedDictionaryAreThoseOfTheirTexts) {
  auto texts = std::make_shared<std::vector<std::string>>();
  for (int i = 0; i < 500; ++i) texts->push_back((i % 2 == 0 ? "u" : "") + std::to_string(i));
  const event::ColumnPtr dictionary =
      event::Column::strings({texts->begin(), texts->end()}, {texts});
  for (const std::size_t groups : {1U, 3U}) {
    spl2::Aggregate dc;
    dc.function = "dc";
    const auto coded = make_states(dc);
    const auto flat = make_states(dc);
    coded->resize(groups);
    flat->resize(groups);
    for (std::uint32_t batch = 0; batch < 4; ++batch) {
      std::vector<std::uint32_t> codes(200);
      std::vector<std::uint32_t> group_of(codes.size());
      for (std::uint32_t i = 0; i < codes.size(); ++i) {
        codes[i] = (batch * 90 + i * 7) % 500;
        group_of[i] = static_cast<std::uint32_t>(i % groups);
      }
      const event::ColumnPtr column = event::Column::dictionary(codes, dictionary);
      coded->update(group_of, column.get(), {});
      flat->update(group_of, event::flatten(column).get(), {});
    }
    for (std::size_t g = 0; g < groups; ++g) EXPECT_EQ(coded->current(g), flat->current(g));
  }
}

TEST(Aggregates, ValuesAreDistinctAndSorted) {
  EXPECT_EQ(only("values(x)", {R"j({"x":"b"})j", R"j({"x":"10"})j", R"j({"x":9})j",
                               R"j({"x":"9"})j", R"j({"x":["a","b"]})j"}),
            R"j({"values(x)":[9,"10","a","b"]})j");
}

TEST(Aggregates, ListKeepsRowOrderAndRepeats) {
  EXPECT_EQ(only("list(x)", {R"j({"x":"b"})j", R"j({"x":[2,1]})j", R"j({"x":"b"})j"}),
            R"j({"list(x)":["b",2,1,"b"]})j");
}

TEST(Aggregates, DeviationOfSampleAndPopulation) {
  const std::vector<std::string> lines = {R"j({"x":2})j", R"j({"x":4})j", R"j({"x":4})j",
                                          R"j({"x":4})j", R"j({"x":5})j", R"j({"x":5})j",
                                          R"j({"x":7})j", R"j({"x":9})j"};
  EXPECT_EQ(only("stdevp(x) AS s, varp(x) AS v", lines), R"j({"s":2,"v":4})j");
  EXPECT_EQ(only("var(x) AS v", lines), R"j({"v":4.571428571428571})j");
  EXPECT_EQ(only("stdev(x) AS s, stdevp(x) AS p", {R"j({"x":3})j"}), R"j({"s":null,"p":0})j");
  EXPECT_EQ(only("stdev(x) AS s", {R"j({"x":0.1})j", R"j({"x":0.1})j", R"j({"x":0.1})j"}),
            R"j({"s":0})j");
  // Naive float sums of squares give 0 or nonsense here.
  EXPECT_EQ(
      only("var(x) AS v", {R"j({"x":1000000000.1})j", R"j({"x":1000000000.2})j"}).substr(0, 10),
      R"j({"v":0.005)j");
}

TEST(Aggregates, PercentilesInterpolateBetweenRanks) {
  const std::vector<std::string> lines = {R"j({"x":10})j", R"j({"x":20})j", R"j({"x":"30"})j",
                                          R"j({"x":40})j"};
  EXPECT_EQ(only("median(x) AS m, p0(x) AS low, perc100(x) AS high, perc(x, 10) AS p", lines),
            R"j({"m":25,"low":10,"high":40,"p":13})j");
  EXPECT_EQ(only("p99.9(x) AS p", {R"j({"x":7})j"}), R"j({"p":7})j");
}

TEST(Aggregates, FirstAndLastGoByPipelineOrder) {
  EXPECT_EQ(only("first(x), last(x)",
                 {R"j({"y":1})j", R"j({"x":"a"})j", R"j({"x":"b"})j", R"j({"y":1})j"}),
            R"j({"first(x)":"a","last(x)":"b"})j");
}

TEST(Aggregates, EarliestAndLatestGoByTime) {
  const std::vector<std::string> lines = {
      R"j({"_time":20,"x":"b"})j", R"j({"_time":10,"x":"a"})j", R"j({"x":"untimed"})j",
      R"j({"_time":20,"x":"c"})j", R"j({"_time":5})j",          R"j({"_time":10,"x":"a2"})j"};
  EXPECT_EQ(only("earliest(x), latest(x)", lines), R"j({"earliest(x)":"a","latest(x)":"c"})j");
  testing::HarnessOptions newest_first;
  newest_first.context.newest_first = true;
  EXPECT_THAT(Harness(newest_first).stage("stats earliest(x), latest(x)", lines),
              ElementsAre(R"j({"earliest(x)":"a2","latest(x)":"b"})j"));
}

TEST(Aggregates, ModeRangeAndSumOfSquares) {
  EXPECT_EQ(
      only("mode(x)", {R"j({"x":"b"})j", R"j({"x":"a"})j", R"j({"x":"b"})j", R"j({"x":"a"})j"}),
      R"j({"mode(x)":"a"})j");
  EXPECT_EQ(only("mode(x)", {R"j({"x":"7"})j", R"j({"x":7})j", R"j({"x":1})j"}),
            R"j({"mode(x)":7})j");
  EXPECT_EQ(only("range(x), sumsq(x)", kMixed), R"j({"range(x)":3,"sumsq(x)":30})j");
  EXPECT_EQ(only("range(x), sumsq(x)", {R"j({"x":0.5})j", R"j({"x":2})j"}),
            R"j({"range(x)":1.5,"sumsq(x)":4.25})j");
}

TEST(Aggregates, WithoutUsableValuesAreNullButCountsAreZero) {
  const std::string expected =
      R"j({"count":1,"c":0,"s":null,"a":null,"mi":null,"ma":null,"d":0,"v":null,"l":null,"sd":null,"p":null,)j"
      R"j("e":null,"f":null,"mo":null,"r":null,"q":null})j";
  EXPECT_EQ(
      only(
          "count, count(x) AS c, sum(x) AS s, avg(x) AS a, min(x) AS mi, max(x) AS ma, dc(x) AS d, "
          "values(x) AS v, list(x) AS l, stdev(x) AS sd, p50(x) AS p, earliest(x) AS e, first(x) "
          "AS f, "
          "mode(x) AS mo, range(x) AS r, sumsq(x) AS q",
          {R"j({"y":1})j"}),
      expected);
}

TEST(Aggregates, CutLongListsWithAHint) {
  std::vector<std::string> lines;
  for (int i = 0; i < 25'000; ++i)
    lines.push_back(R"j({"x":)j" + std::to_string((i * 7919) % 25'000) + "}");
  Harness counted;
  const auto lists = counted.stage("stats values(x) AS v", lines);
  ASSERT_EQ(lists.size(), 1U);
  EXPECT_TRUE(lists[0].starts_with(R"j({"v":[0,1,2,3,)j")) << lists[0].substr(0, 40);
  EXPECT_TRUE(lists[0].ends_with(",9998,9999]}"));
  ASSERT_EQ(counted.hints().size(), 1U);
  const auto listed = counted.stage("stats list(x) AS l", lines);
  EXPECT_TRUE(listed[0].starts_with(R"j({"l":[0,7919,15838,)j"));
  EXPECT_EQ(std::count(listed[0].begin(), listed[0].end(), ','), 9999);
  EXPECT_EQ(counted.hints().size(), 2U);
}

// --- Properties
// --------------------------------------------------------------------------------------

const std::string kAll =
    "stats count, count(x) AS c, sum(x) AS s, avg(x) AS a, min(x) AS mi, max(x) AS ma, dc(x) AS d, "
    "values(x) AS v, "
    "list(x) AS l, stdev(x) AS sd, varp(x) AS vp, p50(x) AS p, p99(x) AS p2, earliest(x) AS e, "
    "latest(x) AS la, "
    "first(x) AS f, last(x) AS ls, mode(x) AS mo, range(x) AS r, sumsq(x) AS q";

std::string random_value(std::mt19937& random) {
  switch (random() % 8) {
    case 0:
      return std::to_string(random() % 20);
    case 1:
      return std::to_string(static_cast<double>(random()) / 7e5);
    case 2:
      return std::to_string(static_cast<double>(random()) * 1e-17);
    case 3:
      return '"' + std::to_string(random() % 20) + '"';
    case 4:
      return std::string("\"") + static_cast<char>('a' + random() % 5) + '"';
    case 5:
      return "[" + std::to_string(random() % 9) + ",\"x" + std::to_string(random() % 9) + "\"]";
    case 6:
      return random() % 2 == 0 ? "true" : "null";
    default:
      return "-" + std::to_string(random()) + "e" + std::to_string(random() % 30);
  }
}

std::vector<std::string> random_rows(std::mt19937& random, std::size_t rows, int groups) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < rows; ++i) {
    std::string line =
        R"j({"_time":)j" + std::to_string(random() % 50) + R"j(,"x":)j" + random_value(random);
    const auto group = static_cast<int>(random() % static_cast<unsigned>(groups));
    if (group > 0)
      line += R"j(,"g":)j" +
              (random() % 2 == 0 ? std::to_string(group) : '"' + std::to_string(group) + '"');
    lines.push_back(line + "}");
  }
  return lines;
}

TEST(Aggregates, DoNotDependOnHowRowsAreSpreadAndMerged) {
  std::mt19937 random(20260101);
  for (int round = 0; round < 12; ++round) {
    const std::vector<std::string> lines = random_rows(random, 400, 6);
    testing::HarnessOptions one{.rows_per_batch = 10};
    const auto expected = Harness(one).stage(kAll + " by g", lines);
    for (const std::size_t parts : {2U, 3U, 8U}) {
      testing::HarnessOptions spread{
          .parts = parts, .rows_per_batch = 10, .seed = static_cast<std::uint32_t>(random())};
      EXPECT_EQ(Harness(spread).stage(kAll + " by g", lines), expected)
          << "round " << round << ", seed " << spread.seed;
    }
  }
}

TEST(Aggregates, SurviveEncodingAndDecoding) {
  std::mt19937 random(7);
  const std::vector<std::string> lines = random_rows(random, 600, 40);
  testing::HarnessOptions roomy{.rows_per_batch = 10};
  const auto expected = Harness(roomy).stage(kAll + " by g", lines);
  // So little memory that every batch is spilled: each group is encoded many times.
  testing::HarnessOptions tight{
      .parts = 3, .rows_per_batch = 10, .memory_bytes = 200'000, .seed = 5};
  Harness harness(tight);
  EXPECT_EQ(harness.stage(kAll + " by g", lines), expected);
  EXPECT_GT(harness.spilled_bytes(), 0U);
}

TEST(Aggregates, RejectDamagedStates) {
  spl2::Aggregate aggregate;
  for (const char* function : {"count", "sum", "avg", "min", "dc", "values", "list", "stdev",
                               "perc", "earliest", "first", "mode", "range", "sumsq"}) {
    aggregate.function = function;
    const auto states = make_states(aggregate);
    states->resize(1);
    const auto column = event::Column::mixed(
        {event::Value::integer(1), event::Value::floating(1e-9), event::Value::string("text")});
    const std::vector<std::uint32_t> groups(3);
    states->update(groups, column.get(), {});
    std::string bytes;
    states->encode(0, bytes);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      std::string_view torn = std::string_view(bytes).substr(0, cut);
      EXPECT_FALSE(make_states(aggregate)->decode_append(torn)) << function << " cut at " << cut;
    }
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
      std::string damaged = bytes;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      std::string_view view = damaged;
      const auto read = make_states(aggregate);
      if (read->decode_append(view)) read->current(0);  // Must not crash.
    }
  }
}

}  // namespace
}  // namespace lynxdb::query
