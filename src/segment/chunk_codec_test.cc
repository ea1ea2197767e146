// A chunk promises to give back every value and null of any column, all rows or some; to refuse
// damaged bytes; and bounds that hold for every value.
#include "segment/chunk_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "base/bytes.h"
#include "base/hash.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;
using event::NullBitmap;
using event::Value;
using Random = std::mt19937_64;

// --- Columns -------------------------------------------------------------------------------------

using ValueAt = Value (*)(Random& random, std::size_t row);

Value word(Random& random, std::size_t kinds) {
  return Value::string("w" + std::to_string(random() % kinds));
}

std::string random_text(Random& random, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(random()));
  return text;
}

Value log_line(Random& random, std::size_t row) {
  std::string line = "GET /item/" + std::to_string(random() % 5000) + " in " +
                     std::to_string(random() % 100) + "." + std::to_string(random() % 10) +
                     " ms from 10." + std::to_string(random() % 256) + ".0." +
                     std::to_string(random() % 256) + " u" +
                     std::to_string(100'000 + random() % 900'000) + " trace=";
  for (int i = 0; i < 32; ++i) line += "0123456789abcdef"[random() % 16];
  if (row % 1000 == 7) line = "\xff\xfe \"odd\" line 007 " + random_text(random, 20);
  return Value::string(line);
}

Value any_scalar(Random& random, std::size_t row) {
  switch (random() % 6) {
    case 0:
      return Value::boolean(random() % 2 == 0);
    case 1:
      return Value::integer(static_cast<std::int64_t>(random()));
    case 2:
      return Value::floating(static_cast<double>(random() % 1000) / 10);
    case 3:
      return Value::timestamp(static_cast<std::int64_t>(row));
    case 4:
      return word(random, 9);
    default:
      return {};
  }
}

Value any_list(Random& random, std::size_t row) {
  std::vector<Value> values;
  for (std::size_t i = random() % 4; i > 0; --i) values.push_back(any_scalar(random, row));
  return Value::list(std::move(values));
}

struct Shape {
  const char* name;
  ValueAt value_at;
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

const Shape kShapes[] = {
    {"nulls", [](Random&, std::size_t) { return Value(); }},
    {"bools", [](Random& r, std::size_t) { return Value::boolean(r() % 7 == 0); }},
    {"ints", [](Random& r, std::size_t) { return Value::integer(static_cast<int>(r() % 900)); }},
    {"any ints", [](Random& r, std::size_t) { return Value::integer(static_cast<int>(r())); }},
    {"one int", [](Random&, std::size_t) { return Value::integer(5); }},
    {"times",
     [](Random& r, std::size_t row) {
       return Value::timestamp(static_cast<std::int64_t>(row * 1000 + r() % 900) * 1'000'000);
     }},
    {"decimals",
     [](Random& r, std::size_t) {
       return Value::floating(static_cast<double>(r() % 99'999) / 1000);
     }},
    {"any floats",
     [](Random& r, std::size_t) { return Value::floating(std::bit_cast<double>(r())); }},
    {"floats of few bits",
     [](Random& r, std::size_t) {
       return Value::floating(std::sqrt(static_cast<double>(r() % 5)));
     }},
    {"levels", [](Random& r, std::size_t) { return word(r, 4); }},
    {"users", [](Random& r, std::size_t) { return word(r, 40'000); }},
    {"one string", [](Random&, std::size_t) { return Value::string("same"); }},
    {"empty strings", [](Random&, std::size_t) { return Value::string(""); }},
    {"random strings",
     [](Random& r, std::size_t) { return Value::string(random_text(r, r() % 30)); }},
    {"long strings",
     [](Random& r, std::size_t row) {
       return Value::string(row % 500 == 0 ? std::string(100'000, 'x') : random_text(r, 3));
     }},
    {"log lines", log_line},
    {"lists of ints",
     [](Random& r, std::size_t) {
       return Value::list(std::vector<Value>(r() % 4, Value::integer(static_cast<int>(r() % 9))));
     }},
    {"lists", any_list},
    {"mixed", any_scalar},
    {"mixed with lists",
     [](Random& r, std::size_t row) {
       return r() % 3 == 0 ? any_list(r, row) : any_scalar(r, row);
     }},
};

// `null_share`: of 100.
ColumnPtr make(const Shape& shape, std::size_t rows, unsigned null_share) {
  Random random(rows * 31 + null_share);
  std::vector<Value> values;
  for (std::size_t row = 0; row < rows; ++row) {
    Value value = shape.value_at(random, row);
    values.push_back(random() % 100 < null_share ? Value() : std::move(value));
  }
  return Column::mixed(std::move(values));
}

std::string encoded(const Column& column, Compression compression = Compression::kZstd) {
  return encode_chunk(column, {compression, nullptr}).bytes;
}

// Values by their bits: -0.0 is not 0.0.
bool same(const Value& a, const Value& b) {
  if (a.type() == event::Type::kFloat && b.type() == event::Type::kFloat) {
    return std::bit_cast<std::uint64_t>(a.as_float()) == std::bit_cast<std::uint64_t>(b.as_float());
  }
  return a == b;
}

void expect_same(const Column& actual, const Column& expected,
                 std::span<const std::uint32_t> rows) {
  ASSERT_EQ(actual.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_TRUE(same(actual.value(i), expected.value(rows[i])))
        << "row " << rows[i] << ": " << testing::PrintToString(actual.value(i)) << " for "
        << testing::PrintToString(expected.value(rows[i]));
  }
}

std::vector<std::uint32_t> every(std::size_t step, std::size_t rows) {
  std::vector<std::uint32_t> result;
  for (std::size_t row = 0; row < rows; row += step) {
    result.push_back(static_cast<std::uint32_t>(row));
  }
  return result;
}

// --- Round trips ---------------------------------------------------------------------------------

class Chunk : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, Chunk, testing::ValuesIn(kShapes));

TEST_P(Chunk, GivesBackEveryValueAndNull) {
  for (const std::size_t rows : {0, 1, 2, 63, 1023, 1024, 3000}) {
    for (const unsigned null_share : {0U, 3U, 97U}) {
      SCOPED_TRACE(testing::Message() << rows << " rows, nulls " << null_share);
      const ColumnPtr column = make(GetParam(), rows, null_share);
      for (const Compression compression :
           {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
        const std::string bytes = encoded(*column, compression);
        const auto back = decode_chunk(bytes, nullptr);
        ASSERT_TRUE(back.has_value()) << back.error().message;
        expect_same(**back, *column, every(1, rows));
      }
    }
  }
}

TEST_P(Chunk, GivesBackAFullRowGroup) {
  const ColumnPtr column = make(GetParam(), 65'536, 1);
  const auto back = decode_chunk(encoded(*column), nullptr);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  expect_same(**back, *column, every(1, column->size()));
}

TEST_P(Chunk, GivesBackTheRowsAskedFor) {
  for (const unsigned null_share : {0U, 30U}) {
    const ColumnPtr column = make(GetParam(), 5000, null_share);
    const std::string bytes = encoded(*column);
    const auto reader = ChunkReader::open(bytes, nullptr);
    ASSERT_TRUE(reader.has_value());
    for (const auto& rows :
         {std::vector<std::uint32_t>{}, std::vector<std::uint32_t>{0},
          std::vector<std::uint32_t>{4999}, every(1, 5000), every(7, 5000), every(1000, 5000)}) {
      SCOPED_TRACE(testing::Message() << rows.size() << " rows, nulls " << null_share);
      const auto back = reader->rows_at(rows);
      ASSERT_TRUE(back.has_value()) << back.error().message;
      expect_same(**back, *column, rows);
    }
  }
}

TEST(Chunk, GivesBackDictionaryColumns) {
  ColumnBuilder entries;
  for (const char* entry : {"error", "info", "unused", "info"}) entries.append_string(entry);
  NullBitmap nulls;
  nulls.set(2);
  const ColumnPtr column = Column::dictionary({1, 0, 0, 3, 1, 1}, entries.finish(), nulls);
  const auto back = decode_chunk(encoded(*column), nullptr);
  ASSERT_TRUE(back.has_value());
  expect_same(**back, *column, every(1, 6));
  ASSERT_EQ((*back)->kind(), event::Kind::kDictionary);
  EXPECT_THAT((*back)->dictionary()->string_values(), testing::ElementsAre("error", "info"));
}

TEST(Chunk, GivesBackFloatsBitByBit) {
  const std::vector<double> odd = {-0.0, 0.0,    0.1,  -0.1,  1e308,    5e-324,
                                   1e-7, 123.45, 1e17, -1e15, 0.1 + 0.2};
  std::vector<double> values;
  for (std::size_t i = 0; i < 2000; ++i) {
    values.push_back(i % 100 == 0 ? odd[i / 100 % odd.size()] : static_cast<double>(i) / 4);
  }
  const ColumnPtr column = Column::floats(values);
  const auto back = decode_chunk(encoded(*column), nullptr);
  ASSERT_TRUE(back.has_value());
  expect_same(**back, *column, every(1, values.size()));
}

TEST(Chunk, TellsItsDistinctStringsWithoutItsRows) {
  const ColumnPtr column = make({"", [](Random& r, std::size_t) { return word(r, 3); }}, 500, 10);
  const EncodedChunk chunk = encode_chunk(*column, {});
  const auto reader = ChunkReader::open(chunk.bytes, nullptr);
  const auto dictionary = reader->dictionary();
  ASSERT_TRUE(dictionary.has_value());
  EXPECT_THAT((*dictionary)->string_values(), testing::ElementsAre("w0", "w1", "w2"));
  EXPECT_EQ(chunk.stats.distinct, 3U);
  const std::string ints = encoded(*make(kShapes[2], 500, 0));
  EXPECT_EQ(*ChunkReader::open(ints, nullptr)->dictionary(), nullptr);
}

// --- Size ----------------------------------------------------------------------------------------

TEST(Chunk, StoresLogLinesInFewMoreBytesThanTheirRandomParts) {
  const ColumnPtr column = make({"", log_line}, 20'000, 0);
  const double bytes_per_row = static_cast<double>(encoded(*column).size()) / 20'000;
  // 16 of the trace, 13 bits of the item, 10 of the time, 16 of the address, 20 of the user.
  EXPECT_LT(bytes_per_row, 16 + 59.0 / 8 + 1.5);
}

// --- Damage --------------------------------------------------------------------------------------

// Every read of a damaged chunk, with the checksum set right: chance never does that.
void read_with_right_checksum(std::string bytes) {
  bytes.resize(bytes.size() - 4);
  base::put_fixed(base::crc32c(bytes), bytes);
  const auto reader = ChunkReader::open(bytes, nullptr);
  if (!reader) return;
  const auto column = reader->column();
  if (column) {
    std::string text;
    for (std::size_t row = 0; row < (*column)->size() && row < 100; ++row) {
      event::append_json((*column)->view(row), text);
    }
  }
  if (reader->rows() > 3) {
    (void)reader->rows_at(std::vector<std::uint32_t>{0, 3}).has_value();
  }
  (void)reader->dictionary().has_value();
}

TEST_P(Chunk, IsRefusedWithAnyByteChanged) {
  const std::string intact = encoded(*make(GetParam(), 300, 10));
  for (std::size_t at = 0; at < intact.size(); at += intact.size() / 2000 + 1) {
    std::string damaged = intact;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    EXPECT_FALSE(decode_chunk(damaged, nullptr).has_value()) << at;
  }
  for (std::size_t cut = 0; cut < intact.size(); cut += intact.size() / 500 + 1) {
    EXPECT_FALSE(decode_chunk(intact.substr(0, cut), nullptr).has_value()) << cut;
  }
}

TEST_P(Chunk, IsNeverReadOutsideItsBytes) {
  for (const std::size_t rows : {5, 300}) {
    const std::string intact = encoded(*make(GetParam(), rows, 10));
    for (std::size_t at = 0; at + 4 < intact.size(); at += intact.size() / 400 + 1) {
      for (const int flip : {0x01, 0x80, 0xff}) {
        std::string damaged = intact;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        read_with_right_checksum(damaged);
      }
    }
  }
}

TEST(Chunk, NamesAnUnknownVersion) {
  std::string bytes = encoded(*Column::ints({1}));
  bytes[0] = 2;
  bytes.resize(bytes.size() - 4);
  base::put_fixed(base::crc32c(bytes), bytes);
  const auto back = decode_chunk(bytes, nullptr);
  ASSERT_FALSE(back.has_value());
  EXPECT_THAT(back.error().message, testing::HasSubstr("unknown version 2"));
}

// --- Statistics ----------------------------------------------------------------------------------

TEST_P(Chunk, HasBoundsThatHoldForEveryValue) {
  const ColumnPtr column = make(GetParam(), 2000, 20);
  const ChunkStats stats = encode_chunk(*column, {}).stats;
  EXPECT_EQ(stats.rows, column->size());
  EXPECT_EQ(stats.null_count, column->null_count());
  if (stats.min.is_null()) return;
  for (std::size_t row = 0; row < column->size(); ++row) {
    const Value value = column->value(row);
    if (value.is_null()) continue;
    ASSERT_EQ(value.type(), stats.type);
    if (value.type() == event::Type::kString) {
      ASSERT_LE(stats.min.as_string(), value.as_string());
      if (!stats.max.is_null()) ASSERT_GE(stats.max.as_string(), value.as_string());
    } else {
      ASSERT_LE(event::sort_compare(stats.min, value), 0);
      ASSERT_GE(event::sort_compare(stats.max, value), 0);
    }
  }
}

TEST(ChunkStats, CutsLongStringsToBoundsThatStillHold) {
  const std::string a(100, 'a');
  const std::string b = std::string(31, 'b') + std::string(10, '\xff');
  ColumnBuilder builder;
  builder.append_string(a);
  builder.append_string(b);
  const ChunkStats stats = encode_chunk(*builder.finish(), {}).stats;
  EXPECT_EQ(stats.min, Value::string(std::string(32, 'a')));
  EXPECT_EQ(stats.max, Value::string(std::string(30, 'b') + "c"));
}

TEST(ChunkStats, HasNoUpperBoundWhereNoneIsShortEnough) {
  ColumnBuilder builder;
  builder.append_string(std::string(40, '\xff'));
  const ChunkStats stats = encode_chunk(*builder.finish(), {}).stats;
  EXPECT_EQ(stats.min, Value::string(std::string(32, '\xff')));
  EXPECT_TRUE(stats.max.is_null());
}

TEST(ChunkStats, SaysThatTypesAreMixed) {
  const ChunkStats stats =
      encode_chunk(*Column::mixed({Value::integer(1), Value::string("x")}), {}).stats;
  EXPECT_TRUE(stats.mixed);
  EXPECT_EQ(stats.type, event::Type::kNull);
  EXPECT_TRUE(stats.min.is_null());
}

}  // namespace
}  // namespace lynxdb::segment
