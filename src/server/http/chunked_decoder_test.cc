// Chunked bodies come out whole however they are cut; what is not strictly chunked is bad.
#include "server/http/chunked_decoder.h"

#include <gtest/gtest.h>

namespace lynxdb::server {
namespace {

using State = ChunkedDecoder::State;

TEST(ChunkedDecoder, JoinsChunksCutAnywhere) {
  const std::string text =
      "4\r\nWiki\r\n6;a=\"b\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    ChunkedDecoder decoder;
    std::string body;
    std::string_view first = std::string_view(text).substr(0, cut);
    std::string_view second = std::string_view(text).substr(cut);
    const State state = decoder.feed(first, body, 1000);
    ASSERT_EQ(state, cut == text.size() ? State::kDone : State::kMore) << cut;
    if (cut < text.size()) {
      ASSERT_EQ(decoder.feed(second, body, 1000), State::kDone) << cut;
    }
    ASSERT_EQ(body, "Wikipedia in \r\n\r\nchunks.");
  }
}

TEST(ChunkedDecoder, LeavesTheNextRequestAlone) {
  ChunkedDecoder decoder;
  std::string body;
  std::string_view in = "1\r\nx\r\n0\r\n\r\nGET /";
  EXPECT_EQ(decoder.feed(in, body, 10), State::kDone);
  EXPECT_EQ(in, "GET /");
}

TEST(ChunkedDecoder, GivesNoMoreThanThereIsRoomFor) {
  ChunkedDecoder decoder;
  std::string body;
  std::string_view in = "5\r\nabcde\r\n0\r\n\r\n";
  EXPECT_EQ(decoder.feed(in, body, 3), State::kMore);
  EXPECT_EQ(body, "abc");
  EXPECT_EQ(decoder.feed(in, body, 3), State::kDone);
  EXPECT_EQ(body, "abcde");
}

TEST(ChunkedDecoder, RefusesEverythingElse) {
  for (const std::string_view text :
       {"g\r\n", "\r\n", " 1\r\n", "1 \r\n", "+1\r\n", "1\n", "1\r\nxx", "1\r\nx\n", "1\r\nx\rx",
        "1;a\n", "1;\x01\r\n", "0\r\nA\n", "0\r\n\rx", "1000000000000000\r\n", "0\r\n\n"}) {
    ChunkedDecoder decoder;
    std::string body;
    std::string_view in = text;
    EXPECT_EQ(decoder.feed(in, body, 100), State::kBad) << text;
    in = "0\r\n\r\n";
    EXPECT_EQ(decoder.feed(in, body, 100), State::kBad);
  }
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers) {
  for (const std::string start : {"1;", "0\r\n"}) {
    ChunkedDecoder decoder;
    std::string body;
    const std::string text = start + std::string(10'000, 'x');
    std::string_view in = text;
    EXPECT_EQ(decoder.feed(in, body, 100), State::kBad);
  }
}

}  // namespace
}  // namespace lynxdb::server
