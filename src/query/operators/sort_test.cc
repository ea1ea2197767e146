// sort: the order of all types, stable, the same in memory, on disk and with a limit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Limits {
  std::size_t memory_bytes = 64U << 20U;
  std::optional<std::uint64_t> rows = std::nullopt;
};

std::vector<std::string> sort(const std::string& keys, const std::vector<std::string>& lines,
                              const Limits& limits, std::uint64_t* spilled = nullptr) {
  testing::TestExecution run(limits.memory_bytes);
  const auto command = testing::parse_as<spl2::SortCommand>("sort " + keys);
  OperatorPtr sorted =
      make_sort(testing::operator_of_json(lines, 64), command.keys, limits.rows, run.execution);
  std::vector<std::string> rows = *testing::drain(*sorted);
  if (spilled != nullptr) *spilled = run.spill.spilled_bytes();
  sorted.reset();
  EXPECT_EQ(run.execution.memory.used_bytes(), 0U);
  return rows;
}

std::vector<std::string> sort(const std::string& keys, const std::vector<std::string>& lines) {
  return sort(keys, lines, Limits{});
}

const std::vector<std::string> kAllTypes = {
    R"({"f":"zebra","_time":1})", R"({"f":10,"_time":2})",    R"({"x":1,"_time":3})",
    R"({"f":true,"_time":4})",    R"({"f":"9.5","_time":5})", R"({"f":"Alpha","_time":6})",
    R"({"f":false,"_time":7})",   R"({"f":-2,"_time":8})",    R"({"f":[3,99],"_time":9})"};

std::vector<std::string> values_of(const std::vector<std::string>& rows) {
  std::vector<std::string> values;
  for (const std::string& row : rows) {
    const std::size_t begin = row.find("\"f\":") + 4;
    values.push_back(row.substr(begin, row.find_first_of(",}", begin) - begin));
  }
  return values;
}

TEST(Sort, OrdersNullBoolNumberText) {
  EXPECT_THAT(
      values_of(sort("f", kAllTypes)),
      ElementsAre("null", "false", "true", "-2", "[3", "\"9.5\"", "10", "\"Alpha\"", "\"zebra\""));
  EXPECT_THAT(
      values_of(sort("-f", kAllTypes)),
      ElementsAre("\"zebra\"", "\"Alpha\"", "10", "\"9.5\"", "[3", "-2", "true", "false", "null"));
}

TEST(Sort, PutsTimestampsBetweenNumbersAndText) {
  event::EventBatch batch(3);
  batch.set("f", event::Column::mixed({event::Value::string("a"), event::Value::timestamp(5),
                                       event::Value::integer(1LL << 60)}));
  testing::TestExecution run;
  const OperatorPtr sorted =
      make_sort(testing::operator_of({batch}), {{"f", false, {}}}, std::nullopt, run.execution);
  EXPECT_THAT(*testing::drain(*sorted),
              ElementsAre(R"({"f":1152921504606846976})",
                          R"({"f":"1970-01-01T00:00:00.000000005Z"})", R"({"f":"a"})"));
}

TEST(Sort, TellsLargeIntsAndFloatsApart) {
  EXPECT_THAT(sort("n", {R"({"n":9007199254740993})", R"({"n":9007199254740992.0})",
                         R"({"n":9007199254740991})", R"({"n":0.1})", R"({"n":-0.0})",
                         R"({"n":9223372036854775807})", R"({"n":9223372036854775806})"}),
              ElementsAre(R"({"n":0})", R"({"n":0.1})", R"({"n":9007199254740991})",
                          R"({"n":9007199254740992})", R"({"n":9007199254740993})",
                          R"({"n":9223372036854775806})", R"({"n":9223372036854775807})"));
}

TEST(Sort, TellsTextApartBehindACommonBeginning) {
  EXPECT_THAT(sort("s", {R"({"s":"prefix-prefix-b"})", R"({"s":"prefix-prefix-a"})",
                         R"({"s":"prefix-prefix"})", R"({"s":""})"}),
              ElementsAre(R"({"s":""})", R"({"s":"prefix-prefix"})", R"({"s":"prefix-prefix-a"})",
                          R"({"s":"prefix-prefix-b"})"));
}

TEST(Sort, KeepsEqualRowsInTheirOrderInBothDirections) {
  const std::vector<std::string> rows = {R"({"i":0,"k":1})", R"({"i":1,"k":0})", R"({"i":2,"k":1})",
                                         R"({"i":3,"k":0})"};
  EXPECT_THAT(sort("k", rows), ElementsAre(rows[1], rows[3], rows[0], rows[2]));
  EXPECT_THAT(sort("-k", rows), ElementsAre(rows[0], rows[2], rows[1], rows[3]));
  EXPECT_THAT(sort("-k, -i", rows), ElementsAre(rows[2], rows[0], rows[3], rows[1]));
}

TEST(Sort, NamesItsKeys) {
  EXPECT_THAT(sort("a, source", {R"({"b":1})"}), ElementsAre(R"({"_source":null,"a":null,"b":1})"));
  EXPECT_THAT(sort("a", {}), IsEmpty());
}

// Rows of all types with many ties; some fields only in some batches.
std::vector<std::string> random_rows(int count) {
  std::mt19937 random(7);
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i) {
    const unsigned kind = random() % 8;
    const std::string n = std::to_string(random() % 50);
    std::string value = n;
    if (kind == 0) value = "null";
    if (kind == 1) value = "\"text-with-a-long-prefix-" + n + "\"";
    if (kind == 2) value = "\"" + n + "\"";
    if (kind == 3) value = n + ".25";
    if (kind == 4) value = "true";
    if (kind == 5) value = "[" + n + ",\"x\"]";
    lines.push_back("{\"f\":" + value + ",\"g\":\"" + std::to_string(random() % 3) +
                    "\",\"i\":" + std::to_string(i) + "}");
  }
  return lines;
}

TEST(Sort, GivesTheSameWhenItSpills) {
  const std::vector<std::string> rows = random_rows(3000);
  for (const std::string keys : {"f", "-f", "g, -f", "i", "-i"}) {
    SCOPED_TRACE(keys);
    const std::vector<std::string> expected = sort(keys, rows);
    for (const std::size_t memory_bytes : {0U, 20'000U, 300'000U}) {
      std::uint64_t spilled = 0;
      EXPECT_EQ(sort(keys, rows, Limits{memory_bytes, std::nullopt}, &spilled), expected);
      EXPECT_GT(spilled, 0U);
    }
  }
}

TEST(Sort, WithALimitGivesTheBeginningOfTheFullSort) {
  const std::vector<std::string> rows = random_rows(5500);
  for (const std::string keys : {"f", "-f, g"}) {
    const std::vector<std::string> all = sort(keys, rows);
    for (const std::uint64_t limit : {0ULL, 1ULL, 10ULL, 3000ULL, 20'000ULL}) {
      SCOPED_TRACE(limit);
      const std::vector<std::string> expected(
          all.begin(),
          all.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(limit, all.size())));
      EXPECT_EQ(sort(keys, rows, Limits{64U << 20U, limit}), expected);
      EXPECT_EQ(sort(keys, rows, Limits{50'000, limit}), expected);
    }
  }
}

TEST(Sort, NamesTheDiskLimitAndItselfWhenThatIsReached) {
  testing::TestExecution run(1000, 5000);
  const OperatorPtr sorted = make_sort(testing::operator_of_json(random_rows(2000), 64),
                                       {{"f", false, {}}}, std::nullopt, run.execution);
  const auto refused = sorted->next();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfBudget);
  EXPECT_THAT(refused.error().message, HasSubstr("sort: "));
  EXPECT_THAT(refused.error().message, HasSubstr("query.max_temp_dir_size_bytes"));
}

}  // namespace
}  // namespace lynxdb::query
