// Bodies come out of gzip and deflate as they went in, within a limit that bombs cannot pass.
#include "server/http/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace lynxdb::server {
namespace {

std::string zlib_packed(std::string_view text, int window) {
  z_stream stream{};
  ::deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string in(text);
  std::string out(::deflateBound(&stream, in.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919);
  return text;
}

TEST(Compression, UnpacksWhatWasPacked) {
  for (const std::size_t size : {0U, 1U, 1000U, 70'000U, 300'000U}) {
    const std::string text = text_of(size);
    EXPECT_EQ(unpack(gzip(text), ContentCoding::kGzip, 1U << 20U, 0).value(), text);
    EXPECT_EQ(unpack(zlib_packed(text, 15), ContentCoding::kDeflate, 1U << 20U, 0).value(), text);
    EXPECT_EQ(unpack(zlib_packed(text, -15), ContentCoding::kDeflate, 1U << 20U, 0).value(), text);
    EXPECT_EQ(unpack(text, ContentCoding::kIdentity, 1U << 20U, 3).value(),
              text + std::string(3, '\0'));
  }
}

TEST(Compression, ReadsSeveralMembers) {
  EXPECT_EQ(unpack(gzip("one ") + gzip("two"), ContentCoding::kGzip, 100, 0).value(), "one two");
}

TEST(Compression, StopsAtTheLimit) {
  const std::string bomb = gzip(std::string(50U << 20U, '\0'));
  EXPECT_LT(bomb.size(), 1U << 20U);
  const auto unpacked = unpack(bomb, ContentCoding::kGzip, 1U << 20U, 0);
  ASSERT_FALSE(unpacked.has_value());
  EXPECT_EQ(unpacked.error().code, ErrorCode::kOverloaded);
  std::string many;
  for (int i = 0; i < 100; ++i) many += gzip(std::string(20'000, 'x'));
  EXPECT_FALSE(unpack(many, ContentCoding::kGzip, 1U << 20U, 0).has_value());
}

TEST(Compression, TakesExactlyTheLimit) {
  const std::string text(100'000, 'x');
  EXPECT_TRUE(unpack(gzip(text), ContentCoding::kGzip, text.size(), 0).has_value());
  EXPECT_FALSE(unpack(gzip(text), ContentCoding::kGzip, text.size() - 1, 0).has_value());
}

TEST(Compression, RefusesCutAndBrokenBodies) {
  const std::string packed = gzip(text_of(5000));
  for (std::size_t cut = 0; cut < packed.size(); ++cut)
    EXPECT_FALSE(unpack(packed.substr(0, cut), ContentCoding::kGzip, 1U << 20U, 0).has_value());
  EXPECT_FALSE(unpack("plain text", ContentCoding::kGzip, 100, 0).has_value());
  EXPECT_FALSE(unpack(packed + "garbage", ContentCoding::kGzip, 1U << 20U, 0).has_value());
}

TEST(Compression, KnowsItsCodings) {
  EXPECT_EQ(content_coding("GZip").value(), ContentCoding::kGzip);
  EXPECT_EQ(content_coding("").value(), ContentCoding::kIdentity);
  EXPECT_FALSE(content_coding("br").has_value());
  EXPECT_FALSE(content_coding("gzip, gzip").has_value());
}

TEST(Compression, ReadsAcceptEncoding) {
  EXPECT_TRUE(accepts_gzip("gzip"));
  EXPECT_TRUE(accepts_gzip("br;q=1.0, gzip;q=0.8"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("br"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip; q=0.000"));
}

TEST(Compression, StreamsCanBeReadAsTheyCome) {
  GzipStream stream;
  const std::string first = stream.add("hello ");
  const std::string second = stream.add("world");
  EXPECT_GT(first.size(), 10U);
  EXPECT_EQ(unpack(first + second + stream.finish(), ContentCoding::kGzip, 100, 0).value(),
            "hello world");
}

}  // namespace
}  // namespace lynxdb::server
