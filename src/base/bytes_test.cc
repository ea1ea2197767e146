// Numbers come back as they were written; a reader at the end of its bytes fails and stays failed.
#include "base/bytes.h"

#include <limits>

#include <gtest/gtest.h>

namespace lynxdb::base {
namespace {

TEST(Bytes, GiveBackWhatWasPut) {
  std::string bytes;
  put_fixed<std::uint32_t>(0x04030201, bytes);
  EXPECT_EQ(bytes, "\x01\x02\x03\x04");
  put_fixed<std::int64_t>(-2, bytes);
  put_varint(300, bytes);
  put_string("text", bytes);
  ByteReader in(bytes);
  EXPECT_EQ(in.fixed<std::uint32_t>(), 0x04030201U);
  EXPECT_EQ(in.fixed<std::int64_t>(), -2);
  EXPECT_EQ(in.varint(), 300U);
  EXPECT_EQ(in.string(), "text");
  EXPECT_EQ(in.remaining(), 0U);
  EXPECT_FALSE(in.failed());
}

TEST(Bytes, HoldVarintsOfAllLengths) {
  for (unsigned bits = 0; bits <= 64; ++bits) {
    const std::uint64_t value =
        bits == 0 ? 0 : std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
    std::string bytes;
    put_varint(value, bytes);
    EXPECT_EQ(bytes.size(), bits == 0 ? 1 : (bits + 6) / 7);
    ByteReader in(bytes);
    EXPECT_EQ(in.varint(), value);
    EXPECT_FALSE(in.failed());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ByteReader torn(std::string_view(bytes).substr(0, cut));
      EXPECT_EQ(torn.varint(), 0U);
      EXPECT_TRUE(torn.failed());
    }
  }
}

TEST(Bytes, RefuseVarintsOfMoreThan64Bits) {
  ByteReader too_large(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
  EXPECT_EQ(too_large.varint(), 0U);
  EXPECT_TRUE(too_large.failed());
  ByteReader too_long(std::string_view("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11));
  EXPECT_EQ(too_long.varint(), 0U);
  EXPECT_TRUE(too_long.failed());
}

TEST(Bytes, StayFailedAfterAReadPastTheEnd) {
  ByteReader in("abc");
  EXPECT_EQ(in.fixed<std::uint64_t>(), 0U);
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.take(1), "");
  EXPECT_EQ(in.remaining(), 0U);
  ByteReader text(
      "\x05"
      "abc");
  EXPECT_EQ(text.string(), "");
  EXPECT_TRUE(text.failed());
}

}  // namespace
}  // namespace lynxdb::base
