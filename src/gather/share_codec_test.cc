// Parts of queries come back as they were sent; whatever else comes is refused.
#include "gather/share_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::gather {
namespace {

ShareRequest full_request() {
  ShareRequest request;
  request.now_ns = 123;
  request.scan.all_fields = false;
  request.scan.fields = {"a", "b.c"};
  request.scan.raw_contains = {"needle"};
  request.scan.from_ns = -5;
  request.scan.to_ns = 77;
  request.scan.rows_wanted = 10;
  request.scan.any_order = true;
  request.scan.filter_text = "search a=1";
  request.scan.shard_text = "search a=1 | stats count";
  request.scan.query_from_ns = -5;
  request.indexes = {"main", "web"};
  request.border = {.all_ns = 9, .by_index = {{"web", 11}}};
  auto segment = std::make_shared<metadata::SegmentEntry>();
  segment->id = metadata::SegmentId(7);
  segment->object_key = "x/7";
  segment->index = "web";
  segment->parts = {{metadata::PartitionId(3), {10, 20}, 10}};
  request.segments = {segment};
  request.memory_bytes = 1U << 20U;
  return request;
}

TEST(ShareCodec, ARequestComesBackAsItWas) {
  const ShareRequest sent = full_request();
  const auto got = decode_share_request(encode(sent));
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->now_ns, sent.now_ns);
  EXPECT_EQ(got->scan.fields, sent.scan.fields);
  EXPECT_EQ(got->scan.raw_contains, sent.scan.raw_contains);
  EXPECT_EQ(got->scan.rows_wanted, sent.scan.rows_wanted);
  EXPECT_EQ(got->scan.filter_text, sent.scan.filter_text);
  EXPECT_EQ(got->scan.shard_text, sent.scan.shard_text);
  EXPECT_EQ(got->scan.query_from_ns, sent.scan.query_from_ns);
  EXPECT_EQ(got->scan.query_to_ns, std::nullopt);
  EXPECT_EQ(got->indexes, sent.indexes);
  EXPECT_EQ(got->border.by_index, sent.border.by_index);
  ASSERT_EQ(got->segments.size(), 1U);
  EXPECT_EQ(*got->segments.front(), *sent.segments.front());
  EXPECT_EQ(encode(*got), encode(sent));
}

TEST(ShareCodec, EveryCutAndEveryFlippedBitIsRefused) {
  for (const std::string& bytes :
       {encode(full_request()), encode_frame(FrameKind::kRows, "payload")}) {
    const auto refuses = [](const std::string& damaged) {
      return !decode_share_request(damaged).has_value() && !decode_frame(damaged).has_value();
    };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_TRUE(refuses(bytes.substr(0, i))) << i;
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
      EXPECT_TRUE(refuses(flipped)) << i;
    }
  }
}

TEST(ShareCodec, AFrameOfAnotherVersionOrKindIsRefused) {
  EXPECT_EQ(decode_frame(encode_frame(static_cast<FrameKind>(9), "")).error().code,
            ErrorCode::kCorruption);
  EXPECT_EQ(decode_frame("").error().code, ErrorCode::kCorruption);
}

TEST(ShareCodec, AReportComesBackAsItWas) {
  ShareReport report;
  report.rows_read = 5;
  report.segments_skipped[2] = 300;
  report.hints = {"careful"};
  const auto got = decode_share_report(encode(report));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->rows_read, 5U);
  EXPECT_EQ(got->segments_skipped[2], 300U);
  EXPECT_EQ(got->hints, report.hints);
  EXPECT_FALSE(decode_share_report(encode(report) + "x").has_value());
}

}  // namespace
}  // namespace lynxdb::gather
