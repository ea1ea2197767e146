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

}  // namespace
}  // namespace lynxdb::base
