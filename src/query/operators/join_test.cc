// join: every match gives a row, in the order of the left input and then of the subsearch; the same
// in memory and on disk.
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
using Type = spl2::JoinCommand::Type;
using Rows = std::vector<std::string>;

Result<Rows> join(Type type, const Rows& left, const Rows& right,
                  std::size_t memory_bytes = 64U << 20U, std::uint64_t* spilled = nullptr) {
  testing::TestExecution run(memory_bytes);
  spl2::JoinCommand command;
  command.type = type;
  command.fields = {"k"};
  const OperatorPtr joined =
      make_join(testing::operator_of_json(left, 40), testing::operator_of_json(right, 40), command,
                run.execution);
  auto rows = testing::drain(*joined);
  if (spilled != nullptr) *spilled = run.spill.spilled_bytes();
  return rows;
}

const Rows kLeft = {R"({"k":1,"l":"a"})", R"({"k":2,"l":"b"})", R"({"l":"c"})",
                    R"({"k":"1","l":"d"})"};
const Rows kRight = {R"({"k":1,"r":10})", R"({"k":3,"r":30})", R"({"k":1.0,"r":11})",
                     R"({"r":99})"};

TEST(Join, InnerGivesEveryMatchByTextForm) {
  EXPECT_THAT(*join(Type::kInner, kLeft, kRight),
              ElementsAre(R"({"k":1,"l":"a","r":10})", R"({"k":1,"l":"a","r":11})",
                          R"({"k":"1","l":"d","r":10})", R"({"k":"1","l":"d","r":11})"));
}

TEST(Join, LeftKeepsUnmatchedLeftRowsInTheirPlace) {
  EXPECT_THAT(
      *join(Type::kLeft, kLeft, kRight),
      ElementsAre(R"({"k":1,"l":"a","r":10})", R"({"k":1,"l":"a","r":11})", R"({"k":2,"l":"b"})",
                  R"({"l":"c"})", R"({"k":"1","l":"d","r":10})", R"({"k":"1","l":"d","r":11})"));
}

TEST(Join, FullKeepsUnmatchedRightRowsAtTheEnd) {
  EXPECT_THAT(*join(Type::kFull, kLeft, kRight),
              ElementsAre(R"({"k":1,"l":"a","r":10})", R"({"k":1,"l":"a","r":11})",
                          R"({"k":2,"l":"b"})", R"({"l":"c"})", R"({"k":"1","l":"d","r":10})",
                          R"({"k":"1","l":"d","r":11})", R"({"k":3,"r":30})", R"({"r":99})"));
}

TEST(Join, LeftValuesStayWhereNamesAreEqual) {
  EXPECT_THAT(*join(Type::kInner, {R"({"k":1,"v":"left"})", R"({"k":1,"w":0})"},
                    {R"({"k":1,"v":"right","w":5})"}),
              ElementsAre(R"({"k":1,"v":"left","w":5})", R"({"k":1,"v":"right","w":0})"));
}

TEST(Join, TakesEmptySides) {
  EXPECT_THAT(*join(Type::kInner, {}, kRight), IsEmpty());
  EXPECT_THAT(*join(Type::kInner, kLeft, {}), IsEmpty());
  EXPECT_EQ(*join(Type::kLeft, kLeft, {}), kLeft);
  EXPECT_EQ(join(Type::kFull, {}, kRight)->size(), kRight.size());
}

TEST(Join, RowsWithoutAPartnerPrintTheColumnsThatTheSubsearchNamed) {
  testing::TestExecution run;
  event::EventBatch right = testing::batch_of_json({R"({"k":1,"r":10})"});
  right.set("r", *right.find("r"), /*named=*/true);
  event::EventBatch left = testing::batch_of_json({R"({"k":1})", R"({"k":2})"});
  left.set("k", *left.find("k"), /*named=*/true);
  left.set_ordered(true);
  spl2::JoinCommand command;
  command.type = Type::kLeft;
  command.fields = {"k"};
  const OperatorPtr joined = make_join(testing::operator_of({left}), testing::operator_of({right}),
                                       command, run.execution);
  EXPECT_THAT(*testing::drain(*joined), ElementsAre(R"({"k":1,"r":10})", R"({"k":2,"r":null})"));
}

Rows random_side(const std::string& name, int count, unsigned keys, unsigned seed) {
  std::mt19937 random(seed);
  Rows lines;
  for (int i = 0; i < count; ++i) {
    const unsigned key = random() % keys;
    std::string line = "{";
    if (key != 0) line += "\"k\":\"key " + std::to_string(key) + "\",";
    lines.push_back(line + "\"" + name + "\":" + std::to_string(i) + "}");
  }
  return lines;
}

TEST(Join, GivesTheSameWhenItSpills) {
  const Rows left = random_side("l", 1500, 900, 1);
  const Rows right = random_side("r", 1500, 900, 2);
  for (const Type type : {Type::kInner, Type::kLeft, Type::kFull}) {
    const Rows expected = *join(type, left, right);
    EXPECT_GT(expected.size(), 1000U);
    for (const std::size_t memory_bytes : {100'000U, 200'000U}) {
      SCOPED_TRACE(memory_bytes);
      std::uint64_t spilled = 0;
      EXPECT_EQ(*join(type, left, right, memory_bytes, &spilled), expected);
      EXPECT_GT(spilled, 0U);
    }
  }
}

TEST(Join, FindsEveryMatchOfAKeyWhoseRowsDoNotFitInMemory) {
  Rows left = kLeft;
  Rows right;
  for (int i = 0; i < 3000; ++i)
    right.push_back(R"({"k":)" + std::to_string(i % 100 == 0 ? i : 1) + R"(,"r":)" +
                    std::to_string(i) + "}");
  for (int i = 0; i < 3000; i += 70) left.push_back(R"({"k":)" + std::to_string(i) + "}");
  for (const Type type : {Type::kInner, Type::kLeft, Type::kFull}) {
    std::uint64_t spilled = 0;
    const auto joined = join(type, left, right, 50'000, &spilled);
    ASSERT_TRUE(joined) << joined.error().message;
    EXPECT_EQ(*joined, *join(type, left, right));
    EXPECT_GT(spilled, 0U);
  }
}

TEST(Join, NamesTheLimitWhenOneRowDoesNotFitInMemory) {
  const Rows right = {R"({"k":1,"r":")" + std::string(100'000, 'x') + R"("})", R"({"k":1,"r":2})"};
  const auto refused = join(Type::kInner, kLeft, right, 50'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfBudget);
  EXPECT_THAT(refused.error().message, HasSubstr("join: "));
  EXPECT_THAT(refused.error().message, HasSubstr("--max-memory"));
}

}  // namespace
}  // namespace lynxdb::query
