// docs/formats/segment.md shows the bytes that the code writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "segment/footer.h"
#include "segment/text_index.h"

namespace lynxdb::segment {
namespace {

// The bytes of each ```hex block of the page; what follows `|` on a line is explanation, and
// `00*5` is 00 five times.
std::vector<std::string> worked_bytes() {
  std::ifstream page(LYNXDB_SOURCE_DIR "/docs/formats/segment.md");
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "```hex") blocks.emplace_back();
    if (line.starts_with("```")) {
      inside = line == "```hex";
      continue;
    }
    if (!inside) continue;
    std::istringstream digits(line.substr(0, line.find('|')));
    for (std::string byte; digits >> byte;) {
      const std::size_t star = byte.find('*');
      const std::size_t times = star == std::string::npos ? 1 : std::stoul(byte.substr(star + 1));
      blocks.back().append(times, static_cast<char>(std::stoi(byte.substr(0, 2), nullptr, 16)));
    }
  }
  return blocks;
}

Footer footer_of_the_page() {
  Footer footer;
  footer.segment_id = "s1";
  footer.index = "main";
  footer.rows = 2;
  footer.time_min_ns = 1'700'000'000'000'000'000;
  footer.time_max_ns = 1'700'000'001'000'000'000;
  footer.raw_bytes = 11;
  footer.sources = {{0, 40, 42, 2}};
  footer.columns = {"_time", "_raw"};
  ColumnChunk time;
  time.bytes = {8, 32};
  time.type = event::Type::kTimestamp;
  time.min = event::Value::timestamp(footer.time_min_ns);
  time.max = event::Value::timestamp(footer.time_max_ns);
  ColumnChunk raw;
  raw.column = 1;
  raw.bytes = {40, 50};
  raw.type = event::Type::kString;
  raw.distinct = 2;
  raw.min = event::Value::string("alpha");
  raw.max = event::Value::string("omega!");
  raw.needs = {0};
  footer.row_groups.push_back({2, footer.time_min_ns, footer.time_max_ns, {90, 300}, {time, raw}});
  return footer;
}

TEST(SegmentFormat, WritesTheBytesThatItsPageShows) {
  const std::vector<std::string> blocks = worked_bytes();
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(encode_footer(footer_of_the_page()), blocks[0]);
  EXPECT_TRUE(decode_footer(blocks[0], 390 + blocks[0].size()));
  TextIndexBuilder builder;
  builder.add("Abcd");
  EXPECT_EQ(builder.finish(), blocks[1]);
}

}  // namespace
}  // namespace lynxdb::segment
