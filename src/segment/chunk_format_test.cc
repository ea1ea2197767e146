// The page of the chunk format shows the bytes that the code writes.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "segment/chunk_codec.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;

// The bytes of the ```hex blocks of the page, in order; what follows `|` on a line is explanation.
std::vector<std::string> worked_bytes() {
  std::ifstream page(LYNXDB_SOURCE_DIR "/docs/formats/segment-chunks.md");
  std::vector<std::string> blocks;
  for (std::string line; std::getline(page, line);) {
    if (line != "```hex") continue;
    blocks.emplace_back();
    while (std::getline(page, line) && line != "```") {
      std::istringstream digits(line.substr(0, line.find('|')));
      for (std::string byte; digits >> byte;) {
        blocks.back().push_back(static_cast<char>(std::stoi(byte, nullptr, 16)));
      }
    }
  }
  return blocks;
}

ColumnPtr levels() {
  ColumnBuilder builder;
  for (const char* level : {"info", "info", "", "error", "info"}) {
    if (*level == '\0') {
      builder.append_null();
    } else {
      builder.append_string(level);
    }
  }
  return builder.finish();
}

ColumnPtr lines() {
  ColumnBuilder builder;
  for (int i = 0; i < 16; ++i) {
    builder.append_string("took " + std::to_string(10 + i * i % 7) + " ms id=00ff00ff00ff00" +
                          (i < 10 ? "0" : "1") + std::to_string(i % 10));
  }
  return builder.finish();
}

void expect_worked(const std::string& shown, const Column& column) {
  const std::string written = encode_chunk(column, {Compression::kNone, nullptr}).bytes;
  EXPECT_EQ(testing::PrintToString(written), testing::PrintToString(shown));
  const auto back = decode_chunk(shown, nullptr);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  ASSERT_EQ((*back)->size(), column.size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    EXPECT_EQ((*back)->value(row), column.value(row));
  }
}

TEST(ChunkFormat, IsWrittenAsItsPageShows) {
  const std::vector<std::string> shown = worked_bytes();
  ASSERT_EQ(shown.size(), 3U);
  expect_worked(shown[0], *Column::ints({200, 404, 200, 503}));
  expect_worked(shown[1], *levels());
  expect_worked(shown[2], *lines());
}

}  // namespace
}  // namespace lynxdb::segment
