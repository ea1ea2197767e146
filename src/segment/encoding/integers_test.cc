// Integers promise to come back exactly, all or some, in every form; regular ones in few bytes; and
// damaged bytes to be refused or to give numbers, never to reach outside.
#include "segment/encoding/integers.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "segment/encoding/integers_format.h"

namespace lynxdb::segment {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::string encoded(const std::vector<std::int64_t>& values) {
  std::string out;
  put_integers(values, out);
  return out;
}

std::vector<std::int64_t> decoded(const std::string& bytes, std::size_t count) {
  base::ByteReader in(bytes);
  const auto integers = Integers::parse(in, count);
  EXPECT_TRUE(integers.has_value());
  EXPECT_EQ(in.remaining(), 0U);
  std::vector<std::int64_t> values(count);
  EXPECT_TRUE(integers->decode(values).has_value());
  return values;
}

// Every third value, then all values of one block, by position.
void expect_single_values(const std::string& bytes, const std::vector<std::int64_t>& values) {
  base::ByteReader in(bytes);
  const auto integers = Integers::parse(in, values.size());
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < values.size(); row += row < 1024 ? 1 : 97) rows.push_back(row);
  const auto some = integers->at(rows);
  ASSERT_TRUE(some.has_value());
  for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_EQ((*some)[i], values[rows[i]]) << rows[i];
}

using ValueAt = std::int64_t (*)(std::size_t, std::mt19937_64&);

std::vector<std::int64_t> make(std::size_t count, ValueAt value_at) {
  std::mt19937_64 random(count);
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(value_at(i, random));
  return values;
}

struct Shape {
  std::string name;
  ValueAt value_at;
  std::uint8_t form;      // Of 10,000 values.
  double bits_per_value;  // At most.
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

const Shape kShapes[] = {
    {"one value", [](std::size_t, std::mt19937_64&) -> std::int64_t { return -7; }, kConstantForm,
     0.01},
    {"small numbers",
     [](std::size_t, std::mt19937_64& r) -> std::int64_t {
       return -50 + static_cast<int>(r() % 100);
     },
     kFramesForm, 7.2},
    {"few large numbers",
     [](std::size_t i, std::mt19937_64& r) -> std::int64_t {
       return static_cast<std::int64_t>(i % 100 == 0 ? r() % 1'000'000'000 : r() % 5000);
     },
     kFramesForm, 14},
    {"times in milliseconds",
     [](std::size_t i, std::mt19937_64& r) -> std::int64_t {
       return 1'700'000'000'000'000'000 + static_cast<std::int64_t>(i * 60 + r() % 60) * 1'000'000;
     },
     kDeltasForm, 7.3},
    {"few distinct numbers",
     [](std::size_t, std::mt19937_64& r) -> std::int64_t {
       return std::array<std::int64_t, 4>{200, 404, 503, 99'999}[r() % 4];
     },
     kDictionaryForm, 2.1},
    {"long runs",
     [](std::size_t i, std::mt19937_64&) -> std::int64_t {
       return static_cast<std::int64_t>(i / 500 * 7919 % 1000);
     },
     kRunsForm, 0.3},
    {"any bits",
     [](std::size_t, std::mt19937_64& r) -> std::int64_t { return static_cast<std::int64_t>(r()); },
     kFramesForm, 64.2},
    {"extremes",
     [](std::size_t i, std::mt19937_64& r) -> std::int64_t {
       return i % 3 == 0 ? kLeast : i % 3 == 1 ? kMost : static_cast<std::int64_t>(r());
     },
     kFramesForm, 64.2},
};

class IntegersOf : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, IntegersOf, testing::ValuesIn(kShapes));

TEST_P(IntegersOf, ComeBackExactly) {
  for (const std::size_t count : {0, 1, 2, 255, 256, 1023, 1024, 1025, 5000, 65'536}) {
    SCOPED_TRACE(count);
    const auto values = make(count, GetParam().value_at);
    const std::string bytes = encoded(values);
    ASSERT_EQ(decoded(bytes, count), values);
    expect_single_values(bytes, values);
  }
}

TEST_P(IntegersOf, TakeTheSmallestForm) {
  const std::string bytes = encoded(make(10'000, GetParam().value_at));
  EXPECT_EQ(bytes[0], GetParam().form);
  EXPECT_LE(static_cast<double>(bytes.size()) * 8 / 10'000, GetParam().bits_per_value);
}

TEST_P(IntegersOf, AreRefusedOrReadWhenDamaged) {
  const auto values = make(1500, GetParam().value_at);
  const std::string intact = encoded(values);
  for (std::size_t at = 0; at < intact.size(); at += at < 200 ? 1 : 61) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = intact;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      base::ByteReader in(damaged);
      const auto integers = Integers::parse(in, values.size());
      if (!integers) continue;
      std::vector<std::int64_t> back(values.size());
      (void)integers->decode(back).has_value();
      (void)integers->at(std::vector<std::uint32_t>{0, 5, 1499}).has_value();
    }
  }
  for (std::size_t cut = 0; cut < intact.size(); cut += cut < 200 ? 1 : 61) {
    base::ByteReader in(std::string_view(intact).substr(0, cut));
    EXPECT_FALSE(Integers::parse(in, values.size()).has_value()) << cut;
  }
}

TEST(Integers, DoNotGiveMillionsOfValuesForAFewBytes) {
  const std::string one = encoded({5});
  base::ByteReader in(one);
  EXPECT_FALSE(Integers::parse(in, (1U << 20U) + 1).has_value());
}

}  // namespace
}  // namespace lynxdb::segment
