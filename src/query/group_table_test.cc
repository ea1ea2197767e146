// Groups are text forms, printed with their lowest type, in the sort order of the data model.
#include "query/group_table.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "query/expression_memory.h"
#include "query/interrupted.h"
#include "query/spill.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::Value;

Value random_value(std::mt19937& random) {
  const auto small = static_cast<std::int64_t>(random() % 5);
  switch (random() % 12) {
    case 0:
      return {};
    case 1:
      return Value::boolean(random() % 2 == 0);
    case 2:
      return Value::string(random() % 2 == 0 ? "true" : "TRUE");
    case 3:
      return Value::integer(small);
    case 4:
      return Value::integer(static_cast<std::int64_t>(random()) << 32);
    case 5:
      return Value::floating(static_cast<double>(small));
    case 6:
      return Value::floating(static_cast<double>(small) / 4);
    case 7:
      return Value::string(std::to_string(small) + (random() % 2 == 0 ? ".0" : ""));
    case 8:
      return Value::timestamp(small * 1'000'000'000);
    case 9:
      return Value::string(event::text(Value::timestamp(small * 1'000'000'000)));
    case 10:
      return Value::string(std::string(1, static_cast<char>('a' + small)));
    default:
      return Value::string(std::string("longer than eight bytes ") +
                           static_cast<char>('a' + small));
  }
}

std::vector<Value> random_values(std::mt19937& random, std::size_t count) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(random_value(random));
  return values;
}

std::string identity(const Value& value) {
  return value.is_null() ? "null" : "=" + event::text(value);
}

TEST(GroupTable, NumbersTextFormsInOrderOfAppearance) {
  GroupTable table(1);
  std::vector<std::uint32_t> groups(6);
  const auto column =
      Column::mixed({Value::string("500"), Value::integer(500), Value{}, Value::floating(500),
                     Value::string(""), Value::string("0500")});
  table.assign(std::span(&column, 1), 0, groups);
  EXPECT_THAT(groups, ::testing::ElementsAre(0, 0, 1, 0, 2, 3));
  EXPECT_EQ(table.key_column(0, groups)->value(0), Value::integer(500));
}

TEST(GroupTable, ReadsEveryKindOfColumnAlike) {
  const auto dictionary =
      Column::dictionary({0, 1, 0}, Column::mixed({Value::string("7"), Value::string("x")}));
  const std::vector<event::ColumnPtr> columns = {
      Column::ints({7, 8, 7}),
      dictionary,
      Column::floats({7, 0.5, 7}),
      Column::mixed({Value::string("7"), Value{}, Value::string("7")}),
      Column::nulls(3),
      Column::bools({0, 1, 0})};
  GroupTable table(1);
  KeyInterner one_by_one;
  for (const event::ColumnPtr& column : columns) {
    std::vector<std::uint32_t> groups(3);
    table.assign(std::span(&column, 1), 0, groups);
    for (std::size_t row = 0; row < 3; ++row)
      EXPECT_EQ(groups[row], one_by_one.intern(column->view(row)));
  }
  EXPECT_EQ(table.size(), 7U);
}

// A text of up to 40 bytes, of few different ones: many agree but for one byte or their length.
std::string random_text(std::mt19937& random) {
  std::string text(random() % 41, 'a');
  if (!text.empty() && random() % 2 == 0)
    text[random() % text.size()] = static_cast<char>(random() % 4);
  return random() % 8 == 0 ? std::to_string(random() % 50) : text;
}

TEST(GroupTable, NumbersTextsOfAnyLengthAsAMapDoes) {
  std::mt19937 random(7);
  GroupTable tables[2] = {GroupTable(1), GroupTable(1)};
  std::map<std::optional<std::string>, std::uint32_t> models[2];
  for (int batch = 0; batch < 60; ++batch) {
    const std::size_t rows = 1 + random() % 300;
    event::NullBitmap nulls;
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < rows; ++row) texts.push_back(random_text(random));
    std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<std::uint32_t> codes;
    for (std::size_t row = 0; row < rows; ++row)
      codes.push_back(static_cast<std::uint32_t>(random() % rows));
    if (batch % 3 != 0)
      for (std::size_t row = 0; row < rows; ++row)
        if (random() % 5 == 0) nulls.set(row);
    const bool dictionary = batch % 2 == 0;
    event::ColumnPtr column = Column::strings(views, {}, dictionary ? event::NullBitmap() : nulls);
    if (dictionary) column = Column::dictionary(codes, column, nulls);

    const std::size_t which = random() % 2;
    const std::size_t first = random() % rows;
    std::vector<std::uint32_t> groups(rows - first);
    tables[which].assign(std::span(&column, 1), first, groups);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      std::optional<std::string> text;
      if (!column->is_null(first + i)) text = column->view(first + i).as_string();
      const auto next = static_cast<std::uint32_t>(models[which].size());
      ASSERT_EQ(groups[i], models[which].try_emplace(text, next).first->second) << batch;
    }
  }
  const std::vector<std::uint32_t> mapping = tables[0].merge(tables[1]);
  for (const auto& [text, group] : models[1]) {
    const auto next = static_cast<std::uint32_t>(models[0].size());
    const std::uint32_t expected = models[0].try_emplace(text, next).first->second;
    if (expected < next) EXPECT_EQ(mapping[group], expected);
    EXPECT_EQ(tables[0].text(0, mapping[group]), text.value_or(""));
  }
  EXPECT_EQ(tables[0].size(), models[0].size());
}

// Against a plain model: groups by text, lowest type, order by sort_compare.
// A column over a dictionary of texts that are known to be distinct; some rows are null.
event::ColumnPtr over(const event::ColumnPtr& dictionary, std::mt19937& random, std::size_t rows) {
  std::vector<std::uint32_t> codes(rows);
  event::NullBitmap nulls;
  for (std::size_t i = 0; i < rows; ++i) {
    codes[i] = static_cast<std::uint32_t>(random() % dictionary->size());
    if (random() % 16 == 0) nulls.set(i);
  }
  return Column::dictionary(std::move(codes), dictionary, std::move(nulls));
}

event::ColumnPtr distinct_dictionary(const std::string& before, std::size_t size) {
  auto texts = std::make_shared<std::vector<std::string>>();
  for (std::size_t i = 0; i < size; ++i) texts->push_back(before + std::to_string(i));
  return Column::distinct_strings({texts->begin(), texts->end()}, {texts});
}

// Columns as they come, each either over one of two distinct dictionaries or of plain strings:
// groups are the same as those of the flat texts, in one table and merged from two.
TEST(GroupTable, KnowsTextsByTheirPlaceInADistinctDictionaryAndByThemselves) {
  const event::ColumnPtr dictionaries[] = {distinct_dictionary("u", 300),
                                           distinct_dictionary("", 300)};
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    GroupTable tables[2] = {GroupTable(1), GroupTable(1)};
    std::map<std::string, std::uint32_t> expected[2];
    const std::size_t batches = 1 + random() % 6;
    for (std::size_t b = 0; b < batches; ++b) {
      const std::size_t t = random() % 2;
      // Mostly one dictionary only, as with one source.
      const event::ColumnPtr& dictionary = dictionaries[seed % 3 == 0 ? random() % 2 : seed % 2];
      event::ColumnPtr column = over(dictionary, random, 200);
      if (seed % 4 == 0 && random() % 3 == 0) column = event::flatten(column);
      std::vector<std::uint32_t> groups(column->size());
      tables[t].assign(std::span(&column, 1), 0, groups);
      for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto next = static_cast<std::uint32_t>(expected[t].size());
        const auto [place, added] = expected[t].try_emplace(identity(column->value(i)), next);
        ASSERT_EQ(groups[i], place->second);
      }
    }
    const std::vector<std::uint32_t> mapping = tables[0].merge(tables[1]);
    for (const auto& [text, group] : expected[1]) {
      const auto [place, added] = expected[0].try_emplace(text, mapping[group]);
      ASSERT_EQ(mapping[group], place->second) << text;
    }
    ASSERT_EQ(tables[0].size(), expected[0].size());
    std::string scratch;
    for (const auto& [text, group] : expected[0])
      ASSERT_EQ(identity(tables[0].value(0, group, scratch).to_value()), text);
    // What comes later finds them all, whatever it is.
    const event::ColumnPtr later[] = {over(dictionaries[0], random, 200),
                                      event::flatten(over(dictionaries[1], random, 200))};
    for (const event::ColumnPtr& column : later) {
      std::vector<std::uint32_t> groups(column->size());
      tables[0].assign(std::span(&column, 1), 0, groups);
      for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto [place, added] = expected[0].try_emplace(identity(column->value(i)), groups[i]);
        ASSERT_EQ(groups[i], place->second);
      }
    }
    ASSERT_EQ(tables[0].size(), expected[0].size());
  }
}

// Merging and sorting of many groups end early in the scope of a query that nobody waits for; what
// they leave is whole, and the scope says why.
TEST(GroupTable, StopsWithinItsLongLoopsWhenTheQueryWasCancelled) {
  constexpr std::size_t kGroups = 20'000;
  const event::ColumnPtr column = event::flatten(Column::dictionary(
      [] {
        std::vector<std::uint32_t> codes(kGroups);
        for (std::size_t i = 0; i < kGroups; ++i) codes[i] = static_cast<std::uint32_t>(i);
        return codes;
      }(),
      distinct_dictionary("u", kGroups)));
  std::vector<std::uint32_t> groups(kGroups);
  GroupTable one(1);
  one.assign(std::span(&column, 1), 0, groups);

  SpillSpace spill(std::filesystem::temp_directory_path().string(), std::size_t{1} << 30U);
  Execution execution(std::size_t{1} << 30U, spill);
  {
    ExpressionMemory scope(execution);
    EXPECT_EQ(one.sorted().size(), kGroups);
    EXPECT_FALSE(interrupted());
    EXPECT_TRUE(scope.check("stats").has_value());
  }
  execution.cancellation.cancel();
  ExpressionMemory scope(execution);
  GroupTable two(1);
  EXPECT_EQ(two.merge(one).size(), kGroups);
  EXPECT_LT(two.size(), kGroups);
  EXPECT_EQ(one.key_column(0, groups)->size(), kGroups);
  EXPECT_TRUE(interrupted());
  const auto checked = scope.check("stats");
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::kCancelled);
}

TEST(GroupTable, AgreesWithAModelOnAnyMixOfTypes) {
  std::mt19937 random(99);
  for (int round = 0; round < 40; ++round) {
    const std::size_t keys = 1 + random() % 3;
    std::vector<GroupTable> parts;
    for (int i = 0; i < 3; ++i) parts.emplace_back(keys);
    std::map<std::vector<std::string>, std::vector<Value>> model;
    for (int batch = 0; batch < 6; ++batch) {
      std::vector<event::ColumnPtr> columns;
      for (std::size_t k = 0; k < keys; ++k)
        columns.push_back(Column::mixed(random_values(random, 30)));
      std::vector<std::uint32_t> groups(30);
      parts[random() % parts.size()].assign(columns, 0, groups);
      for (std::size_t row = 0; row < 30; ++row) {
        std::vector<std::string> id;
        for (const auto& column : columns) id.push_back(identity(column->value(row)));
        std::vector<Value>& group = model[id];
        group.resize(keys, Value::string("highest"));
        for (std::size_t k = 0; k < keys; ++k)
          if (Value value = columns[k]->value(row);
              value.type() < group[k].type() || group[k] == Value::string("highest"))
            group[k] = value;
      }
    }
    parts[0].merge(parts[1]);
    GroupTable& table = parts[0];
    for (std::uint32_t group = 0; group < parts[2].size(); ++group) {
      std::string bytes;
      parts[2].encode_key(group, bytes);
      std::string_view view = bytes;
      ASSERT_TRUE(table.decode_key(view));
    }
    ASSERT_EQ(table.size(), model.size());

    const std::vector<std::uint32_t> order = table.sorted();
    std::vector<event::ColumnPtr> printed;
    for (std::size_t k = 0; k < keys; ++k) printed.push_back(table.key_column(k, order));
    for (std::size_t row = 0; row < order.size(); ++row) {
      std::vector<std::string> id;
      for (const auto& column : printed) id.push_back(identity(column->value(row)));
      ASSERT_TRUE(model.contains(id));
      for (std::size_t k = 0; k < keys; ++k) EXPECT_EQ(printed[k]->value(row), model[id][k]);
      if (row == 0) continue;
      int order_of_keys = 0;  // Key by key: by value, then by text.
      bool equal_values = true;
      for (std::size_t k = 0; k < keys && order_of_keys == 0; ++k) {
        const event::ValueView before = printed[k]->view(row - 1);
        const event::ValueView here = printed[k]->view(row);
        order_of_keys = sort_compare(before, here);
        if (order_of_keys == 0) order_of_keys = event::text(before).compare(event::text(here));
      }
      EXPECT_LE(order_of_keys, 0);
      for (std::size_t k = 0; k < keys; ++k)
        equal_values =
            equal_values && sort_compare(printed[k]->view(row - 1), printed[k]->view(row)) == 0;
      if (equal_values) EXPECT_EQ(table.sort_hash(order[row - 1]), table.sort_hash(order[row]));
    }
  }
}

}  // namespace
}  // namespace lynxdb::query
