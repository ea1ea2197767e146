// Keys are equal when the text forms of their values are, and only then.
#include "query/key_encoder.h"

#include <gtest/gtest.h>

#include "query/testing/batch_builder.h"

namespace lynxdb::query {
namespace {

RowKeys keys_of(const std::vector<std::string>& lines) {
  const event::EventBatch batch = testing::batch_of_json(lines);
  std::vector<event::ColumnPtr> columns;
  for (const event::Field& field : batch.fields()) columns.push_back(field.column);
  RowKeys keys;
  keys.encode(columns, batch.rows());
  return keys;
}

TEST(RowKeys, AreEqualForEqualTextForms) {
  const RowKeys keys = keys_of({R"({"a":500})", R"({"a":"500"})", R"({"a":500.0})",
                                R"({"a":["500"]})", R"({"a":true})", R"({"a":"true"})"});
  EXPECT_EQ(keys.key(0), keys.key(1));
  EXPECT_EQ(keys.key(0), keys.key(2));
  EXPECT_EQ(keys.key(0), keys.key(3));
  EXPECT_EQ(keys.key(4), keys.key(5));
  EXPECT_NE(keys.key(0), keys.key(4));
}

TEST(RowKeys, TellNullFromEmptyAndOneSplitFromAnother) {
  const RowKeys keys = keys_of({R"({"a":"x","b":"yz"})", R"({"a":"xy","b":"z"})", R"({"a":""})",
                                R"({"b":""})", R"({"a":["1","2"],"b":1})"});
  for (std::size_t i = 0; i < keys.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(keys.key(i), keys.key(j)) << i << ' ' << j;
  EXPECT_FALSE(keys.has_null(0));
  EXPECT_TRUE(keys.has_null(2));
  EXPECT_TRUE(keys.has_null(3));
}

}  // namespace
}  // namespace lynxdb::query
