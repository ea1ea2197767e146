// bin floors times and numbers; what does not fit becomes null.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> bin(const std::string& arguments, const std::vector<std::string>& lines) {
  const TransformPtr transform = make_bin(testing::parse_as<spl2::BinCommand>("bin " + arguments));
  return testing::rows_as_json(*transform->apply(testing::batch_of_json(lines)));
}

TEST(Bin, FloorsTimestampsTimeStringsAndEpochNumbers) {
  EXPECT_THAT(bin("t span=5m", {R"({"t":"2026-01-15T10:33:59Z"})", R"({"t":1768473239})",
                                R"({"t":"nothing"})", R"({"x":1})"}),
              ElementsAre(R"({"t":"2026-01-15T10:30:00Z"})", R"({"t":"2026-01-15T10:30:00Z"})",
                          R"({"t":null})", R"({"t":null,"x":1})"));
  EXPECT_THAT(bin("_time span=1d", {R"({"_time":1768473239})"}),
              ElementsAre(R"({"_time":"2026-01-15T00:00:00Z"})"));
}

TEST(Bin, DefaultsToOneHour) {
  EXPECT_THAT(bin("_time", {R"({"_time":1768473239})"}),
              ElementsAre(R"({"_time":"2026-01-15T10:00:00Z"})"));
}

TEST(Bin, FloorsNumbersAndKeepsTheirType) {
  EXPECT_THAT(bin("n span=100", {R"({"n":250})", R"({"n":-1})", R"({"n":250.5})", R"({"n":"199"})",
                                 R"({"n":"x"})", R"({"n":[10,120]})"}),
              ElementsAre(R"({"n":200})", R"({"n":-100})", R"({"n":200})", R"({"n":100})",
                          R"({"n":null})", R"({"n":[0,100]})"));
  EXPECT_THAT(bin("n span=100", {R"({"n":-9223372036854775807})"}), ElementsAre(R"({"n":null})"));
}

TEST(Bin, AsLeavesTheFieldAlone) {
  EXPECT_THAT(bin("n span=10 AS b", {R"({"n":15})"}), ElementsAre(R"({"b":10,"n":15})"));
}

}  // namespace
}  // namespace lynxdb::query
