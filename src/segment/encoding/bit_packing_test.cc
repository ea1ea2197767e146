// Packing promises that every value of every width comes back, all at once and one by one.
#include "segment/encoding/bit_packing.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace lynxdb::segment {
namespace {

std::vector<std::uint64_t> random_values(std::size_t count, unsigned width, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> values(count);
  for (auto& value : values) value = width == 0 ? 0 : random() >> (64 - width);
  return values;
}

TEST(BitPacking, GivesBackEveryWidthAndEdgeOfAGroup) {
  for (unsigned width = 0; width <= kPackedWidthMax; ++width) {
    for (const std::size_t count : {0, 1, 7, 8, 255, 256, 257, 511, 512, 1024, 1300}) {
      SCOPED_TRACE(testing::Message() << "width " << width << ", count " << count);
      const auto values = random_values(count, width, std::size_t{width} * 10'000 + count);
      std::string packed = "x";
      pack(values, width, packed);
      const std::string_view bytes = std::string_view(packed).substr(1);
      ASSERT_EQ(bytes.size(), packed_bytes(count, width));
      std::vector<std::uint64_t> back(count, 77);
      unpack(bytes, width, std::span(back));
      EXPECT_EQ(back, values);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(packed_at(bytes, width, count, i), values[i]) << i;
      }
      if (width > 32) continue;
      std::vector<std::uint32_t> narrow(count, 77);
      unpack(bytes, width, std::span(narrow));
      EXPECT_TRUE(std::equal(narrow.begin(), narrow.end(), values.begin()));
    }
  }
}

TEST(BitPacking, SpendsNoMoreThanTheWidth) {
  EXPECT_EQ(packed_bytes(65'536, 7), 65'536 * 7 / 8);
  EXPECT_EQ(packed_bytes(3, 7), 3);
  EXPECT_EQ(packed_bytes(1'000'000, 0), 0);
}

}  // namespace
}  // namespace lynxdb::segment
