// unroll: one row per element of a list or JSON array; everything else passes unchanged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> unroll(const std::string& field, const event::EventBatch& batch) {
  const auto result = make_unroll({field})->apply(batch);
  return testing::rows_as_json(*result);
}

TEST(Unroll, GivesARowPerElementOfALists) {
  EXPECT_THAT(
      unroll("f",
             testing::batch_of_json({R"({"f":[1,"x"],"k":7})", R"({"f":5,"k":8})", R"({"k":9})"})),
      ElementsAre(R"({"f":1,"k":7})", R"({"f":"x","k":7})", R"({"f":5,"k":8})", R"({"k":9})"));
}

event::EventBatch texts(const std::vector<std::string>& values) {
  event::ColumnBuilder column;
  for (const std::string& value : values) column.append_string(value);
  event::EventBatch batch(values.size());
  batch.set("f", column.finish());
  return batch;
}

TEST(Unroll, GivesTheMembersOfObjectsAsFields) {
  EXPECT_THAT(
      unroll("f", texts({R"([{"sku":"a","n":{"x":1}},{"sku":"b","t":[1,2]},3])"})),
      ElementsAre(R"({"f":"{\"sku\":\"a\",\"n\":{\"x\":1}}","f.n.x":1,"f.sku":"a"})",
                  R"({"f":"{\"sku\":\"b\",\"t\":[1,2]}","f.sku":"b","f.t":[1,2]})", R"({"f":3})"));
}

TEST(Unroll, PassesWhatIsNoArrayUnchanged) {
  EXPECT_THAT(unroll("f", texts({"plain", "[broken", "[]", R"({"a":1})"})),
              ElementsAre(R"({"f":"plain"})", R"({"f":"[broken"})", R"({"f":"[]"})",
                          R"({"f":"{\"a\":1}"})"));
}

TEST(Unroll, RefusesToGiveMoreRowsThanAMachineHolds) {
  std::string array = "[0";
  for (int i = 0; i < 100'000; ++i) array += ",0";
  array += "]";
  const std::vector<std::string> many(42, array);
  const auto refused = make_unroll({"f"})->apply(texts(many));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfBudget);
}

}  // namespace
}  // namespace lynxdb::query
