// fillnull gives every null of the named fields, or of all columns, a value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;

TEST(Fillnull, FillsAndCreatesNamedFields) {
  const TransformPtr transform =
      make_fillnull(testing::parse_as<spl2::FillnullCommand>("fillnull value=\"-\" a, b"));
  EXPECT_THAT(
      testing::rows_as_json(
          *transform->apply(testing::batch_of_json({R"({"a":1})", R"({"c":2})", R"({"a":"x"})"}))),
      ElementsAre(R"({"a":1,"b":"-"})", R"({"a":"-","b":"-","c":2})", R"({"a":"x","b":"-"})"));
}

std::vector<std::string> fill_all(const std::vector<std::string>& lines, std::size_t memory_bytes) {
  testing::TestExecution run(memory_bytes);
  const auto command = testing::parse_as<spl2::FillnullCommand>("fillnull");
  const OperatorPtr filled =
      make_fillnull_all(testing::operator_of_json(lines, 2), command, run.execution);
  return *testing::drain(*filled);
}

TEST(FillnullAll, FillsColumnsThatAppearOnlyLater) {
  EXPECT_THAT(fill_all({R"({"a":1})", R"({"a":2})", R"({"b":"x"})"}, 1 << 20),
              ElementsAre(R"({"a":1,"b":0})", R"({"a":2,"b":0})", R"({"a":0,"b":"x"})"));
  EXPECT_TRUE(fill_all({}, 1 << 20).empty());
}

TEST(FillnullAll, GivesTheSameWhenItSpills) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i)
    lines.push_back("{\"f" + std::to_string(i % 7) + "\":" + std::to_string(i) + "}");
  EXPECT_EQ(fill_all(lines, 0), fill_all(lines, 1 << 20));
}

}  // namespace
}  // namespace lynxdb::query
