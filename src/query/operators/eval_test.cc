// eval sets fields from left to right; `_time` stays a timestamp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> eval(const std::string& arguments, const std::vector<std::string>& lines) {
  const auto command = testing::parse_as<spl2::EvalCommand>("eval " + arguments);
  std::vector<EvalAssignment> assignments;
  for (const auto& assignment : command.assignments)
    assignments.push_back({assignment.field, *compile(*assignment.expr, 0)});
  const auto result = make_eval(std::move(assignments))->apply(testing::batch_of_json(lines));
  return testing::rows_as_json(*result);
}

TEST(Eval, LaterAssignmentsSeeEarlierOnes) {
  EXPECT_THAT(eval("b=a+1, c=b*2, a=0", {R"({"a":1})", R"({"a":2})"}),
              ElementsAre(R"({"a":0,"b":2,"c":4})", R"({"a":0,"b":3,"c":6})"));
}

TEST(Eval, ANullResultIsPrintedAsNull) {
  EXPECT_THAT(eval("b=a+1", {R"({"a":1})", R"({"x":2})"}),
              ElementsAre(R"({"a":1,"b":2})", R"({"b":null,"x":2})"));
}

TEST(Eval, TimeTakesTimestampsNumbersAndDates) {
  EXPECT_THAT(eval("_time=t", {R"({"t":1768473000})", R"({"t":1768473000000})", R"({"t":1.5})",
                               R"({"t":"2026-01-15T10:30:00Z"})", R"({"t":"no date"})"}),
              ElementsAre(R"({"_time":"2026-01-15T10:30:00Z","t":1768473000})",
                          R"({"_time":"2026-01-15T10:30:00Z","t":1768473000000})",
                          R"({"_time":"1970-01-01T00:00:01.5Z","t":1.5})",
                          R"({"_time":"2026-01-15T10:30:00Z","t":"2026-01-15T10:30:00Z"})",
                          R"({"_time":null,"t":"no date"})"));
  EXPECT_THAT(eval("_time=_time+60", {R"({"_time":5})"}),
              ElementsAre(R"({"_time":"1970-01-01T00:01:05Z"})"));
}

TEST(Eval, AnAliasMakesAColumnOfThatName) {
  EXPECT_THAT(eval("source=upper(source)", {R"({"_source":"a"})"}),
              ElementsAre(R"({"_source":"a","source":"A"})"));
}

}  // namespace
}  // namespace lynxdb::query
