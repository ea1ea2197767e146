// dedup keeps the first rows per combination of values, in input order, also when the keys do not
// fit in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<std::vector<std::string>> dedup(const std::string& arguments,
                                       const std::vector<std::string>& lines,
                                       std::size_t memory_bytes = 64U << 20U,
                                       std::uint64_t* spilled = nullptr) {
  testing::TestExecution run(memory_bytes);
  const auto command = testing::parse_as<spl2::DedupCommand>("dedup " + arguments);
  const OperatorPtr kept = make_dedup(testing::operator_of_json(lines, 50), command, run.execution);
  auto rows = testing::drain(*kept);
  if (spilled != nullptr) *spilled = run.spill.spilled_bytes();
  return rows;
}

TEST(Dedup, KeepsTheFirstRowsPerCombination) {
  const std::vector<std::string> rows = {R"({"a":1,"b":1,"i":0})", R"({"a":1,"b":2,"i":1})",
                                         R"({"a":1,"b":1,"i":2})", R"({"a":2,"b":1,"i":3})",
                                         R"({"a":1,"b":1,"i":4})"};
  EXPECT_THAT(*dedup("a", rows), ElementsAre(rows[0], rows[3]));
  EXPECT_THAT(*dedup("a, b", rows), ElementsAre(rows[0], rows[1], rows[3]));
  EXPECT_THAT(*dedup("2 a, b", rows), ElementsAre(rows[0], rows[1], rows[2], rows[3]));
  EXPECT_THAT(*dedup("a", {}), IsEmpty());
}

TEST(Dedup, TakesNullAsAValueAndComparesText) {
  const std::vector<std::string> rows = {R"({"i":0})",           R"({"f":"","i":1})",
                                         R"({"i":2})",           R"({"f":500,"i":3})",
                                         R"({"f":"500","i":4})", R"({"f":500.0,"i":5})",
                                         R"({"f":[500],"i":6})", R"({"f":"500.0","i":7})"};
  EXPECT_THAT(*dedup("f", rows), ElementsAre(rows[0], rows[1], rows[3], rows[7]));
}

std::vector<std::string> random_rows(int count, unsigned keys) {
  std::mt19937 random(11);
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i)
    lines.push_back("{\"i\":" + std::to_string(i) + ",\"k\":\"key number " +
                    std::to_string(random() % keys) + "\"}");
  return lines;
}

// The answer, computed the simple way.
std::vector<std::string> first_rows(const std::vector<std::string>& rows, int count) {
  std::map<std::string, int> seen;
  std::vector<std::string> kept;
  for (const std::string& row : rows)
    if (seen[row.substr(row.find("\"k\""))]++ < count) kept.push_back(row);
  return kept;
}

TEST(Dedup, GivesTheSameRowsInTheSameOrderWhenKeysDoNotFit) {
  const std::vector<std::string> rows = random_rows(6000, 2500);
  for (const std::size_t memory_bytes : {60'000U, 150'000U, 2'000'000U}) {
    SCOPED_TRACE(memory_bytes);
    std::uint64_t spilled = 0;
    EXPECT_EQ(*dedup("k", rows, memory_bytes, &spilled), first_rows(rows, 1));
    EXPECT_EQ(*dedup("3 k", rows, memory_bytes), first_rows(rows, 3));
    EXPECT_EQ(spilled > 0, memory_bytes < 1'000'000);
  }
}

TEST(Dedup, NamesTheLimitWhenNotEvenOneKeyFits) {
  const auto refused = dedup("k", random_rows(10, 10), 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfBudget);
  EXPECT_THAT(refused.error().message, HasSubstr("dedup: "));
  EXPECT_THAT(refused.error().message, HasSubstr("query.max_query_memory_bytes"));
}

}  // namespace
}  // namespace lynxdb::query
