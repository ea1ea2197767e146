// Published test vectors: these hashes are part of the disk format and of the sharding contract.
#include "base/hash.h"

#include <gtest/gtest.h>

namespace lynxdb::base {
namespace {

TEST(Fnv32a, MatchesThePublishedVectors) {
  EXPECT_EQ(fnv32a(""), 0x811c9dc5U);
  EXPECT_EQ(fnv32a("a"), 0xe40c292cU);
  EXPECT_EQ(fnv32a("foobar"), 0xbf9cf968U);
}

TEST(Crc32c, MatchesRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

TEST(Crc32c, ContinuesARunningChecksum) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text)) << cut;
}

// Long inputs are summed in three parts at once: every size up to several of these, in pieces and
// as a whole, must agree with the sum bit by bit.
TEST(Crc32c, IsTheSameForAllSizesAndPlacesInMemory) {
  std::string bytes(30'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(mix64(i + 1));
  const std::string_view all(bytes);
  for (const std::size_t begin : {0U, 1U, 5U}) {
    std::uint32_t plain = 0xffffffffU;
    for (std::size_t end = begin; end < all.size(); ++end) {
      if (const std::size_t size = end - begin; size < 2'000 || size % 509 == 0 || size > 29'900)
        ASSERT_EQ(crc32c(all.substr(begin, size)), ~plain) << begin << " " << size;
      plain ^= static_cast<unsigned char>(all[end]);
      for (int bit = 0; bit < 8; ++bit)
        plain = (plain >> 1U) ^ ((plain & 1U) != 0 ? 0x82f63b78U : 0U);
    }
  }
}

}  // namespace
}  // namespace lynxdb::base
