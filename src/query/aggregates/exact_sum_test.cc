// Exact sums: whatever the order, the correctly rounded sum.
#include "query/aggregates/exact_sum.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace lynxdb::query {
namespace {

double sum_of(const std::vector<double>& values) {
  ExactSum sum;
  for (const double v : values) sum.add(v);
  return sum.to_double();
}

TEST(ExactSum, RoundsOnce) {
  EXPECT_EQ(sum_of({}), 0.0);
  EXPECT_EQ(sum_of({0.1}), 0.1);
  EXPECT_EQ(sum_of(std::vector<double>(10, 0.1)), 1.0);
  EXPECT_EQ(sum_of({1e100, 1.0, -1e100}), 1.0);
  EXPECT_EQ(sum_of({0x1p53, 1.0, 0x1p-60}), 0x1p53 + 2);  // Just above the tie.
  EXPECT_EQ(sum_of({0x1p53, 1.0}), 0x1p53);               // The tie goes to even.
  EXPECT_EQ(sum_of({0x1p53, 3.0}), 0x1p53 + 4);
}

TEST(ExactSum, CoversTheWholeRange) {
  const double smallest = 0x1p-1074;
  const double largest = 0x1.fffffffffffffp1023;
  EXPECT_EQ(sum_of({smallest}), smallest);
  EXPECT_EQ(sum_of({smallest, smallest}), 2 * smallest);
  EXPECT_EQ(sum_of({largest}), largest);
  EXPECT_EQ(sum_of({-largest}), -largest);
  EXPECT_EQ(sum_of({largest, smallest, -largest}), smallest);
  EXPECT_EQ(sum_of({largest, largest, -largest}), largest);
  EXPECT_TRUE(std::isinf(sum_of({largest, largest})));
}

TEST(ExactSum, EveryPowerOfTwoComesBack) {
  for (int exponent = -1074; exponent <= 1023; ++exponent) {
    const double v = std::ldexp(1.0, exponent);
    EXPECT_EQ(sum_of({v}), v) << exponent;
    EXPECT_EQ(sum_of({-v}), -v) << exponent;
    EXPECT_EQ(sum_of({v, 1.5, -v}), 1.5) << exponent;
  }
}

TEST(ExactSum, DoesNotDependOnOrderOrGrouping) {
  std::mt19937_64 random(42);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> values;
    for (int i = 0; i < 200; ++i)
      values.push_back(std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                                  static_cast<int>(random() % 400) - 200));
    const double expected = sum_of(values);
    std::shuffle(values.begin(), values.end(), random);
    std::vector<ExactSum> parts(5);
    for (const double v : values) parts[random() % 5].add(v);
    for (std::size_t i = 1; i < parts.size(); ++i) parts[0].merge(parts[i]);
    EXPECT_EQ(parts[0].to_double(), expected);
    std::string bytes;
    parts[0].encode(bytes);
    std::string_view view = bytes;
    ExactSum decoded;
    ASSERT_TRUE(decoded.decode(view));
    EXPECT_EQ(decoded.to_double(), expected);
    EXPECT_TRUE(view.empty());
  }
}

TEST(ExactSum, KeepsIntsWhileTheyFit) {
  ExactSum sum;
  sum.add(std::numeric_limits<std::int64_t>::max());
  sum.add(std::int64_t{1});
  EXPECT_FALSE(sum.as_int());
  EXPECT_EQ(sum.to_double(), 0x1p63);
  sum.add(std::int64_t{-2});
  EXPECT_EQ(sum.as_int(), std::numeric_limits<std::int64_t>::max() - 1);
  sum.add(0.0);
  EXPECT_FALSE(sum.as_int());
}

TEST(ExactSum, SquaresAreExact) {
  ExactSum sum;
  for (int i = 0; i < 3; ++i) sum.add_square(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(sum.to_double(), 3 * 0x1p126);
  ExactSum floats;
  floats.add_square(0.1);
  const ExactSum::Pair pair = floats.to_pair();
  EXPECT_EQ(pair.hi, 0.1 * 0.1);
  EXPECT_EQ(pair.lo, std::fma(0.1, 0.1, -(0.1 * 0.1)));
  ExactSum huge;
  huge.add_square(1e200);
  EXPECT_TRUE(std::isinf(huge.to_double()));
  ExactSum tiny;
  tiny.add_square(1e-200);
  EXPECT_EQ(tiny.to_double(), 0.0);
}

TEST(ExactSum, ManyAdditionsDoNotOverflowItsLimbs) {
  ExactSum sum;
  for (int i = 0; i < 3'000'000; ++i) sum.add(0x1.fffffffffffffp200);
  EXPECT_EQ(sum.to_double(), 3e6 * 0x1.fffffffffffffp200);
}

}  // namespace
}  // namespace lynxdb::query
