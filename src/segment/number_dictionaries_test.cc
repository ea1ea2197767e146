// Texts that differ in one number are the same over a shared dictionary as they are one by one, and
// what is shared stays within bounds.
#include "segment/number_dictionaries.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "segment/chunk_codec.h"

namespace lynxdb::segment {
namespace {

using event::ColumnPtr;
using event::Kind;

// `rows` numbers below `limit`, in no order.
std::vector<std::int64_t> numbers_below(std::int64_t limit, std::size_t rows) {
  std::vector<std::int64_t> numbers(rows);
  for (std::size_t i = 0; i < rows; ++i)
    numbers[i] = static_cast<std::int64_t>(base::mix64(i + 1) % static_cast<std::uint64_t>(limit));
  return numbers;
}

ColumnPtr column_of(const char* form, const std::vector<std::int64_t>& numbers) {
  event::ColumnBuilder builder;
  for (const std::int64_t number : numbers) {
    char text[64];
    std::snprintf(text, sizeof text, form, static_cast<long>(number));
    builder.append_string(text);
  }
  return builder.finish();
}

// The column, encoded and decoded with `dictionaries`.
ColumnPtr decoded(const ColumnPtr& column, NumberDictionaries& dictionaries) {
  auto chunk = std::make_shared<const EncodedChunk>(encode_chunk(*column, {}));
  const auto reader = ChunkReader::open(chunk->bytes, chunk);
  EXPECT_TRUE(reader.has_value());
  const auto back = reader->column(nullptr, &dictionaries);
  EXPECT_TRUE(back.has_value());
  return *back;
}

void expect_same(const ColumnPtr& back, const ColumnPtr& column) {
  ASSERT_NE(back, nullptr);
  ASSERT_EQ(back->size(), column->size());
  for (std::size_t row = 0; row < column->size(); ++row)
    ASSERT_EQ(back->value(row), column->value(row)) << row;
}

TEST(NumberDictionaries, GiveBackEveryTextOfEveryForm) {
  for (const char* form : {"u%06ld", "user-%ld", "%ld@example.org", "10.0.7.%ld"}) {
    SCOPED_TRACE(form);
    NumberDictionaries dictionaries;
    const ColumnPtr column = column_of(form, numbers_below(250, 30'000));
    expect_same(decoded(column, dictionaries), column);
    const ColumnPtr many = column_of(form, numbers_below(30'000, 30'000));
    const ColumnPtr back = decoded(many, dictionaries);
    EXPECT_EQ(back->kind(),
              form == std::string_view("10.0.7.%ld") ? Kind::kString : Kind::kDictionary);
    expect_same(back, many);
  }
}

TEST(NumberDictionaries, AreSharedByRowGroupsWithOtherNumbersOfOneRange) {
  NumberDictionaries dictionaries;
  const ColumnPtr a = decoded(column_of("u%06ld", numbers_below(40'000, 30'000)), dictionaries);
  const ColumnPtr b = decoded(column_of("u%06ld", numbers_below(60'000, 30'000)), dictionaries);
  ASSERT_EQ(a->kind(), Kind::kDictionary);
  ASSERT_EQ(b->kind(), Kind::kDictionary);
  EXPECT_EQ(a->dictionary(), b->dictionary());
  const ColumnPtr other = decoded(column_of("v%06ld", numbers_below(60'000, 30'000)), dictionaries);
  EXPECT_NE(other->dictionary(), a->dictionary());
}

TEST(NumberDictionaries, EntriesAreDistinctAndSaySo) {
  NumberDictionaries dictionaries;
  const auto made =
      dictionaries.column({"u", {SlotKind::kPadded, 4, 0}, ""}, numbers_below(10'000, 5'000));
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(made->dictionary->is_distinct());
  EXPECT_EQ(made->dictionary->size(), 10'000U);  // There are no more of four digits.
  const auto texts = made->dictionary->string_values();
  for (std::size_t i = 1; i < texts.size(); ++i) ASSERT_LT(texts[i - 1], texts[i]);
}

TEST(NumberDictionaries, LeaveAloneWhatTheyAreNotFor) {
  NumberDictionaries dictionaries;
  const NumberedTexts plain{"u", {SlotKind::kInteger, 0, 0}, ""};
  using Numbers = std::vector<std::int64_t>;
  const auto with = [&](std::int64_t number) {
    Numbers numbers = numbers_below(1'000, 50'000);
    numbers[700] = number;
    return numbers;
  };
  EXPECT_TRUE(dictionaries.column(plain, with(0)));
  EXPECT_FALSE(dictionaries.column(plain, numbers_below(100, 1'000)));  // Few rows.
  EXPECT_FALSE(dictionaries.column(plain, with(-1)));                   // Damage.
  EXPECT_FALSE(dictionaries.column(plain, with(std::int64_t{1} << 40U)));
  EXPECT_FALSE(dictionaries.column(plain, with(std::numeric_limits<std::int64_t>::max())));
  EXPECT_FALSE(dictionaries.column({"u", {SlotKind::kPadded, 3, 0}, ""}, with(1'000)));
  EXPECT_TRUE(dictionaries.column({"u", {SlotKind::kPadded, 3, 0}, ""}, with(999)));
  EXPECT_FALSE(dictionaries.column({"", {SlotKind::kTime, 3, 0}, ""}, with(0)));
  EXPECT_FALSE(
      dictionaries.column({std::string(40, 'x'), {SlotKind::kInteger, 0, 0}, ""}, with(0)));
  // More entries than a few for each row.
  EXPECT_FALSE(dictionaries.column(plain, numbers_below(200'000, 30'000)));
}

TEST(NumberDictionaries, ReachNumbersFarFromZero) {
  NumberDictionaries dictionaries;
  std::vector<std::int64_t> numbers = numbers_below(60'000, 40'000);
  for (std::int64_t& number : numbers) number += 1'000'000'000;
  const auto made = dictionaries.column({"id=", {SlotKind::kInteger, 0, 0}, ";"}, numbers);
  ASSERT_TRUE(made.has_value());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    ASSERT_EQ(made->dictionary->string_values()[made->codes[i]],
              "id=" + std::to_string(numbers[i]) + ";");
}

}  // namespace
}  // namespace lynxdb::segment
