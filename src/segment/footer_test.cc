// What a footer promises: it comes back as it was written, and nothing in a damaged or hostile one
// is believed: no range outside of the file, no count that does not add up.
#include "segment/footer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "base/hash.h"

namespace lynxdb::segment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kPartsBytes = 10'000;

ColumnChunk chunk(std::uint32_t column, ByteRange bytes, event::Type type) {
  ColumnChunk chunk;
  chunk.column = column;
  chunk.bytes = bytes;
  chunk.type = type;
  return chunk;
}

Footer two_groups() {
  Footer footer;
  footer.segment_id = "01J9Z3";
  footer.index = "main";
  footer.level = 1;
  footer.rows = 300;
  footer.time_min_ns = -5;
  footer.time_max_ns = 2000;
  footer.raw_bytes = 4096;
  footer.sources = {{0, 10, 200, 190}, {7, 0, 1000, 110}};
  footer.columns = {"_time", "_raw", "status"};
  ColumnChunk time = chunk(0, {8, 100}, event::Type::kTimestamp);
  time.min = event::Value::timestamp(1000);
  time.max = event::Value::timestamp(2000);
  ColumnChunk raw = chunk(1, {108, 50}, event::Type::kString);
  raw.needs = {0};
  ColumnChunk status = chunk(2, {158, 9}, event::Type::kNull);
  status.mixed = true;
  status.null_count = 3;
  status.distinct = 5;
  footer.row_groups.push_back({.rows = 200,
                               .time_min_ns = 1000,
                               .time_max_ns = 2000,
                               .text_index = {167, 33},
                               .columns = {time, raw, status}});
  footer.row_groups.push_back(
      {.rows = 100, .time_min_ns = -5, .time_max_ns = 1000, .text_index = {}, .columns = {time}});
  return footer;
}

Result<Footer> decode_of(const Footer& footer) {
  const std::string bytes = encode_footer(footer);
  return decode_footer(bytes, kPartsBytes + bytes.size());
}

void expect_refused(const Footer& footer, const char* why) {
  const Result<Footer> decoded = decode_of(footer);
  ASSERT_FALSE(decoded) << why;
  EXPECT_EQ(decoded.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(decoded.error().message, HasSubstr(why));
}

TEST(Footer, ComesBackAsWritten) {
  const Footer footer = two_groups();
  const Result<Footer> back = decode_of(footer);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->segment_id, "01J9Z3");
  EXPECT_EQ(back->index, "main");
  EXPECT_EQ(back->level, 1U);
  EXPECT_EQ(back->rows, 300U);
  EXPECT_EQ(back->time_min_ns, -5);
  EXPECT_EQ(back->time_max_ns, 2000);
  EXPECT_EQ(back->raw_bytes, 4096U);
  EXPECT_EQ(back->sources, footer.sources);
  EXPECT_EQ(back->columns, footer.columns);
  ASSERT_EQ(back->row_groups.size(), 2U);
  const RowGroup& group = back->row_groups[0];
  EXPECT_EQ(group.rows, 200U);
  EXPECT_EQ(group.text_index, (ByteRange{167, 33}));
  ASSERT_EQ(group.columns.size(), 3U);
  EXPECT_EQ(group.columns[0].min, event::Value::timestamp(1000));
  EXPECT_EQ(group.columns[0].max, event::Value::timestamp(2000));
  EXPECT_EQ(group.columns[1].bytes, (ByteRange{108, 50}));
  EXPECT_THAT(group.columns[1].needs, ElementsAre(0));
  EXPECT_TRUE(group.columns[2].mixed);
  EXPECT_EQ(group.columns[2].null_count, 3U);
  EXPECT_EQ(group.columns[2].distinct, 5U);
  // What went through once comes out the same again: nothing was left out.
  EXPECT_EQ(encode_footer(*back), encode_footer(footer));
}

TEST(Footer, FindsColumnsByNameAndPlace) {
  const Footer footer = two_groups();
  EXPECT_EQ(footer.column_named("status"), 2U);
  EXPECT_EQ(footer.column_named("nothing"), std::nullopt);
  EXPECT_EQ(footer.row_groups[1].find(2), nullptr);
  EXPECT_EQ(footer.row_groups[0].find(2)->null_count, 3U);
}

TEST(Footer, OfNoRowsIsOne) {
  const Result<Footer> back = decode_of(Footer{});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->rows, 0U);
}

TEST(Footer, RefusesEveryFlippedBit) {
  const std::string intact = encode_footer(two_groups());
  for (std::size_t bit = 0; bit < intact.size() * 8; ++bit) {
    std::string broken = intact;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_FALSE(decode_footer(broken, kPartsBytes + broken.size())) << bit;
  }
}

TEST(Footer, RefusesEveryCut) {
  const std::string intact = encode_footer(two_groups());
  for (std::size_t size = 0; size < intact.size(); ++size) {
    ASSERT_FALSE(decode_footer(intact.substr(0, size), kPartsBytes + intact.size()));
    ASSERT_FALSE(decode_footer(intact.substr(intact.size() - size), kPartsBytes + intact.size()));
  }
}

// Every byte of the body set to every value, the checksum right: decoded or refused, no worse.
TEST(Footer, SurvivesHostileBytes) {
  const std::string intact = encode_footer(two_groups());
  const std::size_t body = intact.size() - kTrailerBytes;
  for (std::size_t at = 0; at < body; ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string hostile = intact;
      hostile[at] = static_cast<char>(value);
      const std::uint32_t crc = base::crc32c(std::string_view(hostile).substr(0, body));
      std::memcpy(hostile.data() + body + 4, &crc, sizeof crc);
      const Result<Footer> decoded = decode_footer(hostile, kPartsBytes + hostile.size());
      if (!decoded) EXPECT_EQ(decoded.error().code, ErrorCode::kCorruption);
    }
  }
}

TEST(Footer, RefusesPartsOutsideOfTheFile) {
  Footer footer = two_groups();
  footer.row_groups[0].columns[1].bytes = {kPartsBytes - 10, 11};
  expect_refused(footer, "outside of the file");
  footer.row_groups[0].columns[1].bytes = {~std::uint64_t{0} - 5, 11};
  expect_refused(footer, "outside of the file");
  footer.row_groups[0].columns[1].bytes = {0, 11};
  expect_refused(footer, "outside of the file");
}

TEST(Footer, RefusesWhatDoesNotAddUp) {
  Footer rows = two_groups();
  rows.rows = 301;
  expect_refused(rows, "row counts");
  Footer time = two_groups();
  time.time_max_ns = 1999;
  expect_refused(time, "time");
  Footer missing = two_groups();
  missing.row_groups[0].columns.erase(missing.row_groups[0].columns.begin());
  expect_refused(missing, "needs one");
  Footer order = two_groups();
  std::swap(order.row_groups[0].columns[0], order.row_groups[0].columns[1]);
  expect_refused(order, "out of order");
  Footer huge = two_groups();
  huge.row_groups[0].rows = kRowGroupRowsMax + 1;
  expect_refused(huge, "bad row group");
  Footer source = two_groups();
  source.sources[0].rows = 191;
  expect_refused(source, "offsets");
}

TEST(Footer, TellsItsLengthByItsTrailer) {
  const std::string bytes = encode_footer(two_groups());
  const std::string_view trailer = std::string_view(bytes).substr(bytes.size() - kTrailerBytes);
  EXPECT_EQ(*footer_bytes(trailer, bytes.size() + 8), bytes.size());
  EXPECT_FALSE(footer_bytes(trailer, bytes.size() + 7));
  EXPECT_THAT(footer_bytes("01234567LYNXSEG2", 100).error().message,
              HasSubstr("unknown version 2"));
  EXPECT_THAT(footer_bytes("0123456789abcdef", 100).error().message, HasSubstr("not a segment"));
}

}  // namespace
}  // namespace lynxdb::segment
