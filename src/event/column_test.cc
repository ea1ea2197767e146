// Columns keep values and types through building, taking, joining and compacting.
#include "event/column.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event/event_batch.h"

namespace lynxdb::event {
namespace {

using ::testing::ElementsAre;

ColumnPtr column_of(const std::vector<Value>& values) {
  ColumnBuilder builder;
  for (const Value& value : values) builder.append(value);
  return builder.finish();
}

std::vector<Value> values_of(const ColumnPtr& column) {
  std::vector<Value> values;
  for (std::size_t row = 0; row < column->size(); ++row) values.push_back(column->value(row));
  return values;
}

const Value kNull;

TEST(ColumnBuilder, KeepsOneTypeTypedAndLeadingNullsNull) {
  const std::vector<Value> values = {kNull, Value::integer(1), kNull, Value::integer(2)};
  const ColumnPtr column = column_of(values);
  EXPECT_EQ(column->kind(), Kind::kInt);
  EXPECT_EQ(column->null_count(), 2U);
  EXPECT_EQ(values_of(column), values);
}

TEST(ColumnBuilder, ToleratesAFieldThatChangesItsType) {
  const std::vector<Value> values = {Value::integer(1), kNull, Value::string("x"),
                                     Value::boolean(true),
                                     Value::list({Value::integer(1), Value::string("b")})};
  const ColumnPtr column = column_of(values);
  EXPECT_EQ(column->kind(), Kind::kMixed);
  EXPECT_EQ(values_of(column), values);
}

TEST(ColumnBuilder, MakesAListColumnWhenAllAreLists) {
  const std::vector<Value> values = {Value::list({Value::integer(1), Value::integer(2)}), kNull,
                                     Value::list({Value::integer(3)})};
  const ColumnPtr column = column_of(values);
  EXPECT_EQ(column->kind(), Kind::kList);
  EXPECT_EQ(values_of(column), values);
}

TEST(ColumnBuilder, IsEmptyAfterFinish) {
  ColumnBuilder builder;
  builder.append_string("a");
  EXPECT_EQ(builder.finish()->size(), 1U);
  builder.append_int(5);
  EXPECT_THAT(values_of(builder.finish()), ElementsAre(Value::integer(5)));
}

Value random_value(std::mt19937& random, int kinds) {
  switch (random() % kinds) {
    case 0:
      return {};
    case 1:
      return Value::integer(static_cast<int>(random()));
    case 2:
      return Value::string("s" + std::to_string(random() % 100));
    case 3:
      return Value::floating(static_cast<double>(random()) / 7);
    case 4:
      return Value::boolean(random() % 2 == 0);
    case 5:
      return Value::timestamp(static_cast<std::int64_t>(random()));
    default:
      return Value::list({Value::integer(1), Value::string("x")});
  }
}

// Every operation against the same operation on plain vectors of values.
TEST(Column, OperationsAgreeWithVectorsOfValues) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const int kinds = 1 + static_cast<int>(random() % 7);
    std::vector<ColumnPtr> columns;
    std::vector<Value> joined;
    for (int part = 0; part < 3; ++part) {
      std::vector<Value> values(random() % 70);
      for (Value& value : values) value = random_value(random, kinds);
      if (random() % 4 == 0) values.assign(values.size(), Value::string("same"));
      const bool constant = !values.empty() && random() % 4 == 0;
      if (constant) values.assign(values.size(), values.front());
      columns.push_back(constant ? Column::constant(values.front(), values.size())
                                 : column_of(values));
      EXPECT_EQ(values_of(columns.back()), values);
      EXPECT_EQ(values_of(compact(columns.back())), values);
      EXPECT_EQ(values_of(flatten(columns.back())), values);
      joined.insert(joined.end(), values.begin(), values.end());
    }
    const ColumnPtr all = concat(columns);
    EXPECT_EQ(values_of(all), joined);

    std::vector<std::uint32_t> rows;
    std::vector<Value> expected;
    for (std::size_t i = 0; i < joined.size(); ++i) {
      const bool none = random() % 8 == 0;
      rows.push_back(none ? kNoRow : static_cast<std::uint32_t>(random() % joined.size()));
      expected.push_back(none ? Value() : joined[rows.back()]);
    }
    EXPECT_EQ(values_of(take(all, rows)), expected);
  }
}

TEST(Column, CompactOutlivesTheBytesItCameFrom) {
  auto chunk = std::make_shared<std::string>("hello world");
  const std::weak_ptr<std::string> watch = chunk;
  ColumnPtr column = Column::strings({std::string_view(*chunk).substr(0, 5)}, {chunk});
  chunk.reset();
  EXPECT_FALSE(watch.expired());
  column = compact(column);
  EXPECT_TRUE(watch.expired());
  EXPECT_THAT(values_of(column), ElementsAre(Value::string("hello")));
}

TEST(EventBatch, PrintsBuiltInFieldsFirstUnlessOrdered) {
  EventBatch batch(1);
  for (const char* name : {"zebra", "host", "alpha", "_raw", "_time"})
    batch.set(name, Column::nulls(1));
  const auto names = [&] {
    std::vector<std::string> result;
    for (const std::size_t i : print_order(batch)) result.push_back(batch.fields()[i].name);
    return result;
  };
  EXPECT_THAT(names(), ElementsAre("_time", "_raw", "host", "alpha", "zebra"));
  batch.set_ordered(true);
  EXPECT_THAT(names(), ElementsAre("zebra", "host", "alpha", "_raw", "_time"));
}

TEST(EventBatch, JoinsBatchesWithDifferentFields) {
  EventBatch a(1);
  a.set("x", column_of({Value::integer(1)}));
  EventBatch b(2);
  b.set("y", column_of({Value::string("p"), Value::string("q")}), true);
  const std::vector<EventBatch> parts = {a, b};
  const EventBatch joined = concat(parts);
  EXPECT_EQ(joined.rows(), 3U);
  EXPECT_THAT(values_of(*joined.find("x")), ElementsAre(Value::integer(1), kNull, kNull));
  EXPECT_THAT(values_of(*joined.find("y")),
              ElementsAre(kNull, Value::string("p"), Value::string("q")));
  EXPECT_TRUE(joined.fields()[1].named);
}

}  // namespace
}  // namespace lynxdb::event
