// fields, table and rename: which columns come out, under which names, in which order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> fields(const std::string& command, const std::vector<std::string>& lines) {
  const TransformPtr transform = make_fields(testing::parse_as<spl2::FieldsCommand>(command));
  return testing::rows_as_json(*transform->apply(testing::batch_of_json(lines)));
}

std::vector<std::string> rename(const std::string& arguments,
                                const std::vector<std::string>& lines) {
  const TransformPtr transform =
      make_rename(testing::parse_as<spl2::RenameCommand>("rename " + arguments));
  return testing::rows_as_json(*transform->apply(testing::batch_of_json(lines)));
}

const std::vector<std::string> kEvent = {
    R"({"_time":1,"_raw":"r","_source":"s","b":2,"a":1,"ab":3})"};

TEST(Fields, KeepsOnlyWhatIsNamedInThatOrder) {
  EXPECT_THAT(fields("fields b, a", kEvent), ElementsAre(R"({"b":2,"a":1})"));
  EXPECT_THAT(fields("table a, missing, b", kEvent),
              ElementsAre(R"({"a":1,"missing":null,"b":2})"));
}

TEST(Fields, GlobsTakeMatchingFieldsByName) {
  EXPECT_THAT(fields("fields b, a*", kEvent), ElementsAre(R"({"b":2,"a":1,"ab":3})"));
  EXPECT_THAT(fields("fields a*, a", kEvent), ElementsAre(R"({"ab":3,"a":1})"));
  EXPECT_THAT(fields("fields *", kEvent),
              ElementsAre(R"({"_time":"1970-01-01T00:00:01Z","_raw":"r","_source":"s",)"
                          R"("a":1,"ab":3,"b":2})"));
  EXPECT_THAT(fields("fields zz*", kEvent), ElementsAre("{}"));
}

TEST(Fields, AnAliasGivesAColumnOfItsOwnName) {
  EXPECT_THAT(fields("fields source, _timestamp", kEvent),
              ElementsAre(R"({"source":"s","_timestamp":"1970-01-01T00:00:01Z"})"));
}

TEST(Fields, PathsIntoJsonBecomeColumns) {
  EXPECT_THAT(fields("table o.k", {R"({"o":{"k":7}})"}), ElementsAre(R"({"o.k":7})"));
}

TEST(Fields, MinusRemovesNamesAliasesAndGlobs) {
  EXPECT_THAT(fields("fields - a*, source, _time", kEvent), ElementsAre(R"({"_raw":"r","b":2})"));
}

TEST(Fields, TakesEmptyBatches) { EXPECT_TRUE(fields("table a", {}).empty()); }

TEST(Rename, HappensAllAtOnce) {
  EXPECT_THAT(rename("a AS b, b AS a", {R"({"a":1,"b":2})"}), ElementsAre(R"({"a":2,"b":1})"));
}

TEST(Rename, ReplacesAnExistingField) {
  EXPECT_THAT(rename("a AS b", {R"({"a":1,"b":2,"c":3})"}), ElementsAre(R"({"b":1,"c":3})"));
}

TEST(Rename, OfAMissingFieldGivesNull) {
  EXPECT_THAT(rename("x AS b", {R"({"b":2,"c":3})"}), ElementsAre(R"({"b":null,"c":3})"));
}

TEST(Rename, OfAnAliasMovesItsTarget) {
  EXPECT_THAT(rename("source AS s", {R"({"_source":"n","c":3})"}),
              ElementsAre(R"({"c":3,"s":"n"})"));
}

TEST(Rename, KeepsTheColumnsPlace) {
  event::EventBatch batch = testing::batch_of_json({R"({"z":1,"y":2})"});
  batch.set_ordered(true);
  const TransformPtr transform =
      make_rename(testing::parse_as<spl2::RenameCommand>("rename z AS a"));
  EXPECT_THAT(testing::rows_as_json(*transform->apply(batch)), ElementsAre(R"({"a":1,"y":2})"));
}

}  // namespace
}  // namespace lynxdb::query
