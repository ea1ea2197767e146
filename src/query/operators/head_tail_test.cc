// head stops reading when it has enough; tail gives the last rows in their order; transforms run
// behind an operator; reverse turns rows round.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> numbers(int count) {
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i) lines.push_back("{\"n\":" + std::to_string(i) + "}");
  return lines;
}

TEST(Head, GivesTheFirstRowsAndStopsPulling) {
  auto input = std::make_unique<testing::BatchesOperator>(std::vector<event::EventBatch>{
      testing::batch_of_json(numbers(2), 0), testing::batch_of_json(numbers(2), 1),
      testing::batch_of_json(numbers(2), 2)});
  const OperatorPtr head = make_head(std::move(input), 3);
  EXPECT_THAT(*testing::drain(*head), ElementsAre(R"({"n":0})", R"({"n":1})", R"({"n":0})"));
  const OperatorPtr none = make_head(testing::operator_of_json(numbers(3)), 0);
  EXPECT_THAT(*testing::drain(*none), IsEmpty());
}

std::vector<std::string> tail(int rows, std::uint64_t count, std::size_t memory_bytes) {
  testing::TestExecution run(memory_bytes);
  const OperatorPtr last =
      make_tail(testing::operator_of_json(numbers(rows), 3), count, run.execution);
  return *testing::drain(*last);
}

TEST(Tail, GivesTheLastRowsInTheirOrder) {
  EXPECT_THAT(tail(10, 2, 1 << 20), ElementsAre(R"({"n":8})", R"({"n":9})"));
  EXPECT_THAT(tail(10, 4, 1 << 20),
              ElementsAre(R"({"n":6})", R"({"n":7})", R"({"n":8})", R"({"n":9})"));
  EXPECT_EQ(tail(10, 100, 1 << 20), numbers(10));
  EXPECT_THAT(tail(10, 0, 1 << 20), IsEmpty());
  EXPECT_THAT(tail(0, 5, 1 << 20), IsEmpty());
}

TEST(Tail, GivesTheSameWhenItSpills) {
  EXPECT_EQ(tail(1000, 500, 2000), tail(1000, 500, 1 << 20));
  EXPECT_EQ(tail(1000, 7, 0), tail(1000, 7, 1 << 20));
}

std::vector<std::string> reverse(int rows, std::size_t memory_bytes) {
  testing::TestExecution run(memory_bytes);
  const OperatorPtr reversed =
      make_reverse(testing::operator_of_json(numbers(rows), 30), run.execution);
  return *testing::drain(*reversed);
}

TEST(Reverse, TurnsRowsRoundAlsoWhenItSpills) {
  std::vector<std::string> expected = numbers(2000);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(reverse(2000, 1 << 24), expected);
  EXPECT_EQ(reverse(2000, 10'000), expected);
  EXPECT_THAT(reverse(0, 1 << 20), IsEmpty());
}

TEST(TransformOperator, SkipsBatchesThatBecomeEmpty) {
  testing::TestExecution run;
  const auto command = testing::parse_as<spl2::SearchCommand>("search n=4");
  const OperatorPtr filtered = make_transform_operator(
      testing::operator_of_json(numbers(6), 2), {*make_search(*command.expr, 0)}, run.execution);
  EXPECT_THAT(*testing::drain(*filtered), ElementsAre(R"({"n":4})"));
}

TEST(TransformOperator, StopsWhenTheQueryIsCancelled) {
  testing::TestExecution run;
  run.execution.cancellation.cancel();
  const OperatorPtr rows = make_transform_operator(testing::operator_of_json(numbers(6), 2),
                                                   {make_time_range(0, 1)}, run.execution);
  EXPECT_EQ(rows->next().error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace lynxdb::query
