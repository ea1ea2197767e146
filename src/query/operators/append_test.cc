// append and multisearch give the rows of one pipeline after those of the other, and open each only
// when its turn comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;

TEST(Append, GivesOwnRowsThenThoseOfTheSubsearch) {
  testing::TestExecution run;
  bool opened = false;
  const OpenPipeline sub = [&]() -> Result<OperatorPtr> {
    opened = true;
    return testing::operator_of_json({R"({"b":1})", R"({"b":2})"}, 1);
  };
  const OperatorPtr rows =
      make_append(testing::operator_of_json({R"({"a":1})"}), sub, run.execution);
  ASSERT_TRUE(rows->next()->has_value());
  EXPECT_FALSE(opened);
  EXPECT_THAT(*testing::drain(*rows), ElementsAre(R"({"b":1})", R"({"b":2})"));
}

TEST(Append, PassesTheErrorOfTheSubsearchOn) {
  testing::TestExecution run;
  const OpenPipeline sub = []() -> Result<OperatorPtr> {
    return Error{ErrorCode::kNotFound, "no such source"};
  };
  const OperatorPtr rows = make_append(testing::operator_of_json({}), sub, run.execution);
  EXPECT_EQ(rows->next().error().code, ErrorCode::kNotFound);
}

TEST(Multisearch, GivesRowsInWrittenOrder) {
  testing::TestExecution run;
  std::vector<OpenPipeline> subs;
  for (const std::string name : {"x", "empty", "y"}) {
    subs.emplace_back([name]() -> Result<OperatorPtr> {
      if (name == "empty") return testing::operator_of_json({});
      return testing::operator_of_json({"{\"" + name + "\":1}", "{\"" + name + "\":2}"}, 1);
    });
  }
  const OperatorPtr rows = make_multisearch(std::move(subs), run.execution);
  EXPECT_THAT(*testing::drain(*rows),
              ElementsAre(R"({"x":1})", R"({"x":2})", R"({"y":1})", R"({"y":2})"));
}

}  // namespace
}  // namespace lynxdb::query
