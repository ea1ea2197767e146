// rex: named groups of the first match become string fields; rows without a match keep theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> rex(const spl2::RexCommand& command, const event::EventBatch& batch) {
  const TransformPtr transform = *make_rex(command);
  return testing::rows_as_json(*transform->apply(batch));
}

spl2::RexCommand rex_on(std::string field, std::string regex, std::uint64_t max_match = 1) {
  spl2::RexCommand command;
  command.field = std::move(field);
  command.regex = std::move(regex);
  command.max_match = max_match;
  return command;
}

TEST(Rex, SetsOneStringFieldPerNamedGroup) {
  EXPECT_THAT(rex(rex_on("_raw", R"((?<user>\w+)@(?P<port>\d+))"),
                  testing::batch_of_json({R"({"_raw":"x bob@22 amy@23"})", R"({"_raw":"none"})"})),
              ElementsAre(R"({"_raw":"x bob@22 amy@23","port":"22","user":"bob"})",
                          R"({"_raw":"none","port":null,"user":null})"));
}

TEST(Rex, KeepsExistingFieldsWhereNothingMatches) {
  EXPECT_THAT(rex(rex_on("f", R"((?<n>\d)(?<o>x)?)"),
                  testing::batch_of_json(
                      {R"({"f":"a1","n":5,"o":6})", R"({"f":"a","n":5})", R"({"n":7})"})),
              ElementsAre(R"({"f":"a1","n":"1","o":null})", R"({"f":"a","n":5,"o":null})",
                          R"({"n":7,"o":null})"));
}

TEST(Rex, ReadsNumbersAndListsByTheirText) {
  EXPECT_THAT(rex(rex_on("f", R"(^(?<first>\d))"),
                  testing::batch_of_json({R"({"f":42})", R"({"f":["x","7y"]})"})),
              ElementsAre(R"({"f":42,"first":"4"})", R"({"f":["x","7y"],"first":"7"})"));
}

TEST(Rex, SearchesEachDictionaryEntryForAllItsRows) {
  event::EventBatch batch(3);
  event::NullBitmap nulls;
  nulls.set(1);
  batch.set("f",
            event::Column::dictionary({1, 0, 0}, event::Column::strings({"a1", "b2"}, {}), nulls));
  EXPECT_THAT(rex(rex_on("f", R"((?<d>\d))"), batch),
              ElementsAre(R"({"d":"2","f":"b2"})", R"({"d":null})", R"({"d":"1","f":"a1"})"));
}

TEST(Rex, MaxMatchGivesLists) {
  const event::EventBatch batch = testing::batch_of_json({R"({"f":"a1b2c3"})", R"({"f":"x"})"});
  EXPECT_THAT(rex(rex_on("f", R"((?<d>\d))", 2), batch),
              ElementsAre(R"({"d":["1","2"],"f":"a1b2c3"})", R"({"d":null,"f":"x"})"));
  EXPECT_THAT(rex(rex_on("f", R"((?<d>\d))", 0), batch),
              ElementsAre(R"({"d":["1","2","3"],"f":"a1b2c3"})", R"({"d":null,"f":"x"})"));
}

TEST(Rex, RefusesPatternsWithoutNamedGroups) {
  EXPECT_FALSE(make_rex(rex_on("f", "a(b)")).has_value());
  EXPECT_FALSE(make_rex(rex_on("f", "(?<a>")).has_value());
}

}  // namespace
}  // namespace lynxdb::query
