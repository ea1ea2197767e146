// transaction: groups of events in time order, cut where the options say; nothing is dropped but
// what startswith leaves out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Rows = std::vector<std::string>;

Result<Rows> transaction(const std::string& arguments, const Rows& lines,
                         std::size_t memory_bytes = 64U << 20U, std::uint64_t* spilled = nullptr) {
  testing::TestExecution run(memory_bytes);
  const auto command = testing::parse_as<spl2::TransactionCommand>("transaction " + arguments);
  const OperatorPtr rows = *make_transaction(testing::operator_of_json(lines, 50), command,
                                             CompileContext{}, run.execution);
  auto result = testing::drain(*rows);
  if (spilled != nullptr) *spilled = run.spill.spilled_bytes();
  return result;
}

// Key, event count, closed: what the cuts are about.
Rows shape(const std::string& arguments, const Rows& lines) {
  testing::TestExecution run;
  const auto command = testing::parse_as<spl2::TransactionCommand>("transaction " + arguments);
  OperatorPtr rows =
      *make_transaction(testing::operator_of_json(lines), command, CompileContext{}, run.execution);
  const auto fields = testing::parse_as<spl2::FieldsCommand>("table k, eventcount, closed");
  rows = make_transform_operator(std::move(rows), {make_fields(fields)}, run.execution);
  return *testing::drain(*rows);
}

TEST(Transaction, GivesOneRowPerGroupOrderedByTime) {
  EXPECT_THAT(
      *transaction("k", {R"({"_time":30,"k":"a","_raw":"three","v":1,"w":"x"})",
                         R"({"_time":20,"k":"b","_raw":"two","v":2})",
                         R"({"_time":10,"k":"a","_raw":"one","v":3,"w":"x"})"}),
      ElementsAre(R"({"_time":"1970-01-01T00:00:10Z","duration":20,"eventcount":2,)"
                  R"("earliest_time":"1970-01-01T00:00:10Z","latest_time":"1970-01-01T00:00:30Z",)"
                  R"("closed":true,"k":"a","_raw":"one\nthree","v":[3,1],"w":"x"})",
                  R"({"_time":"1970-01-01T00:00:20Z","duration":0,"eventcount":1,)"
                  R"("earliest_time":"1970-01-01T00:00:20Z","latest_time":"1970-01-01T00:00:20Z",)"
                  R"("closed":true,"k":"b","_raw":"two","v":2})"));
}

TEST(Transaction, EventsWithoutTheKeyAreAGroupOfTheirOwn) {
  EXPECT_THAT(shape("k", {R"({"_time":1})", R"({"_time":2,"k":1})", R"({"_time":3})",
                          R"({"_time":4,"k":"1"})"}),
              ElementsAre(R"({"k":null,"eventcount":2,"closed":true})",
                          R"({"k":1,"eventcount":2,"closed":true})"));
}

const Rows kFive = {R"({"_time":0,"k":1,"_raw":"start"})", R"({"_time":5,"k":1,"_raw":"a"})",
                    R"({"_time":20,"k":1,"_raw":"end"})", R"({"_time":22,"k":1,"_raw":"b"})",
                    R"({"_time":24,"k":1,"_raw":"Start again"})"};

Rows counts(std::initializer_list<std::pair<int, bool>> groups) {
  Rows rows;
  for (const auto& [events, closed] : groups)
    rows.push_back("{\"k\":1,\"eventcount\":" + std::to_string(events) +
                   ",\"closed\":" + (closed ? "true}" : "false}"));
  return rows;
}

TEST(Transaction, CutsAtSpansPausesAndCounts) {
  EXPECT_EQ(shape("k", kFive), counts({{5, true}}));
  EXPECT_EQ(shape("k maxspan=10s", kFive), counts({{2, true}, {3, true}}));
  EXPECT_EQ(shape("k maxspan=20s", kFive), counts({{3, true}, {2, true}}));
  EXPECT_EQ(shape("k maxpause=5s", kFive), counts({{2, true}, {3, true}}));
  EXPECT_EQ(shape("k maxpause=4s", kFive), counts({{1, true}, {1, true}, {3, true}}));
  EXPECT_EQ(shape("k maxevents=2", kFive), counts({{2, true}, {2, true}, {1, true}}));
}

TEST(Transaction, BeginsAndEndsWhereAsked) {
  EXPECT_EQ(shape("k startswith=\"start\"", kFive), counts({{4, true}, {1, true}}));
  EXPECT_EQ(shape("k endswith=\"end\"", kFive), counts({{3, true}, {2, false}}));
  // What comes between an end and the next start is left out.
  EXPECT_EQ(shape("k startswith=\"start\" endswith=\"end\"", kFive),
            counts({{3, true}, {1, false}}));
  EXPECT_EQ(shape("k startswith=(_raw=a) endswith=eval(_raw==\"b\")", kFive), counts({{3, true}}));
}

TEST(Transaction, SplitsLongGroupsAlsoWithStartswith) {
  EXPECT_EQ(shape("k startswith=\"start\" maxevents=3", kFive),
            counts({{3, true}, {1, true}, {1, true}}));
}

TEST(Transaction, TakesEventsWithoutTimeAndNoEvents) {
  EXPECT_THAT(shape("k maxspan=1s", {R"({"k":1})", R"({"k":1})"}),
              ElementsAre(R"({"k":1,"eventcount":2,"closed":true})"));
  EXPECT_THAT(*transaction("k", {}), IsEmpty());
}

TEST(Transaction, AKeyMayHaveTheNameOfAComputedColumn) {
  const Rows rows =
      *transaction("duration", {R"({"_time":1,"duration":"x"})", R"({"_time":2,"duration":"x"})"});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0], HasSubstr(R"("duration":1,"eventcount":2)"));
}

Rows interleaved(int events, int keys) {
  Rows lines;
  for (int i = 0; i < events; ++i)
    lines.push_back("{\"_time\":" + std::to_string((i * 7919) % events) +
                    ",\"k\":" + std::to_string(i % keys) + ",\"_raw\":\"event " +
                    std::to_string(i) + "\",\"v\":" + std::to_string(i % 40) + "}");
  return lines;
}

TEST(Transaction, GivesTheSameWhenItSpills) {
  const Rows lines = interleaved(2000, 150);
  const Rows expected = *transaction("k maxspan=10m", lines);
  std::uint64_t spilled = 0;
  EXPECT_EQ(*transaction("k maxspan=10m", lines, 100'000, &spilled), expected);
  EXPECT_GT(spilled, 0U);
}

TEST(Transaction, OpenAcrossBatchesHoldsOnlyItsOwnEvents) {
  const Rows lines = interleaved(9000, 1);
  const Rows rows = *transaction("k maxevents=9000", lines);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0], HasSubstr("\"eventcount\":9000"));
  const auto refused = transaction("k maxevents=9000", lines, 100'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfBudget);
  EXPECT_THAT(refused.error().message, HasSubstr("transaction: "));
}

TEST(Transaction, RefusesABadCondition) {
  testing::TestExecution run;
  spl2::TransactionCommand command;
  command.fields = {"k"};
  auto call = std::make_shared<spl2::Expr>();
  call->kind = spl2::ExprKind::kRegex;
  auto field = std::make_shared<spl2::Expr>();
  field->kind = spl2::ExprKind::kField;
  field->name = "f";
  auto pattern = std::make_shared<spl2::Expr>();
  pattern->literal = std::string("(");
  call->args = {field, pattern};
  command.endswith = spl2::TransactionCommand::Condition{nullptr, call};
  EXPECT_FALSE(
      make_transaction(testing::operator_of({}), command, CompileContext{}, run.execution));
}

}  // namespace
}  // namespace lynxdb::query
