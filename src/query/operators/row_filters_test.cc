// where, regex and the time range: which rows they keep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using testing::batch_of_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::rows_as_json;

std::vector<std::string> where(const std::string& condition,
                               const std::vector<std::string>& lines) {
  const auto command = testing::parse_as<spl2::WhereCommand>("where " + condition);
  const TransformPtr transform = make_where(*compile(*command.expr, 0));
  return rows_as_json(*transform->apply(batch_of_json(lines)));
}

std::vector<std::string> regex(const std::string& arguments,
                               const std::vector<std::string>& lines) {
  const TransformPtr transform =
      *make_regex(testing::parse_as<spl2::RegexCommand>("regex " + arguments));
  return rows_as_json(*transform->apply(batch_of_json(lines)));
}

TEST(Where, KeepsRowsForWhichTheConditionIsTrueAndNotThoseWhereItIsNull) {
  const std::vector<std::string> rows = {R"({"x":1})", R"({"x":"a"})", R"({"y":1})"};
  EXPECT_THAT(where("x != \"a\"", rows), ElementsAre(R"({"x":1})"));
  EXPECT_THAT(where("NOT x = 1", rows), ElementsAre(R"({"x":"a"})"));
  EXPECT_THAT(where("x = 7", rows), IsEmpty());
  EXPECT_THAT(where("x = 1", {}), IsEmpty());
}

TEST(Regex, KeepsMatchesAndItsNegationKeepsTheRestWithRowsWithoutTheField) {
  const std::vector<std::string> rows = {R"({"f":"abc"})", R"({"f":["x","b"]})", R"({"g":1})",
                                         R"({"f":123})"};
  EXPECT_THAT(regex("f=\"b\"", rows), ElementsAre(R"({"f":"abc"})", R"({"f":["x","b"]})"));
  EXPECT_THAT(regex("f!=\"b\"", rows), ElementsAre(R"({"g":1})", R"({"f":123})"));
  EXPECT_THAT(regex("f=\"^12\"", rows), ElementsAre(R"({"f":123})"));
  EXPECT_THAT(regex("\"raw\"", {R"({"_raw":"a raw line"})", R"({"_raw":"x"})"}),
              ElementsAre(R"({"_raw":"a raw line"})"));
}

TEST(Regex, RefusesABadPattern) {
  spl2::RegexCommand command;
  command.regex = "(a";
  const auto refused = make_regex(command);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST(TimeRange, KeepsFromUpToButNotToAndDropsRowsWithoutTime) {
  const TransformPtr transform = make_time_range(2'000'000'000, 4'000'000'000);
  const auto kept = *transform->apply(
      batch_of_json({R"({"_time":1,"a":1})", R"({"_time":2,"a":2})", R"({"_time":3,"a":3})",
                     R"({"_time":4,"a":4})", R"({"a":5})"}));
  EXPECT_THAT(rows_as_json(kept), ElementsAre(R"({"_time":"1970-01-01T00:00:02Z","a":2})",
                                              R"({"_time":"1970-01-01T00:00:03Z","a":3})"));
  EXPECT_EQ(transform->apply(batch_of_json({R"({"a":1})"}))->rows(), 0U);
}

}  // namespace
}  // namespace lynxdb::query
