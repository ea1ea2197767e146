// What cutting a file promises: wherever the cuts are, the ranges' lines put together are the file,
// each line whole and once. Exhaustive: every cut of every short file.
#include "query/sources/file_source.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/sources/temporary_file.h"

namespace lynxdb::query {
namespace {

constexpr std::size_t kNoLimit = 1U << 20U;

class FileRanges : public ::testing::Test {
 protected:
  std::string read(const std::string& path, FileRange range,
                   std::size_t line_bytes_max = kNoLimit) {
    const auto file = InputFile::open(path);
    EXPECT_TRUE(file);
    Result<TextChunk> chunk = read_lines(**file, range, line_bytes_max, pool_);
    EXPECT_TRUE(chunk);
    return std::string(chunk->lines);
  }

  ChunkBufferPool pool_{64, 2};
};

TEST_F(FileRanges, GiveEveryLineOnceWhereverTheFileIsCut) {
  for (const std::string text : {"a\nbb\nccc\n", "a\nbb", "\n\n\n", "x", "aaaa\n", "\n\na"}) {
    const TemporaryFile file(text);
    for (std::uint64_t first = 1; first <= text.size(); ++first) {
      for (std::uint64_t second = first; second <= text.size(); ++second) {
        std::string together;
        std::uint64_t begin = 0;
        for (const std::uint64_t end : {first, second, std::uint64_t{text.size()}}) {
          if (begin == end) continue;
          const std::string lines = read(file.path(), {.begin = begin, .end = end});
          EXPECT_TRUE(together.empty() || together.back() == '\n' || lines.empty());
          together += lines;
          begin = end;
        }
        EXPECT_EQ(together, text) << first << " " << second;
      }
    }
  }
}

TEST_F(FileRanges, ReadOnToTheEndOfALineOfTenMegabytes) {
  const std::string line(10U << 20U, 'x');
  const TemporaryFile file("a\n" + line + "\nb\n");
  EXPECT_EQ(read(file.path(), {.begin = 0, .end = 1000}, 20U << 20U), "a\n" + line + "\n");
  EXPECT_EQ(read(file.path(), {.begin = 1000, .end = 5000}), "");
  EXPECT_EQ(read(file.path(), {.begin = 5000, .end = line.size() + 5}), "b\n");
}

TEST_F(FileRanges, KeepALittleMoreThanTheLimitOfALineThatIsTooLong) {
  const TemporaryFile file(std::string(10U << 20U, 'x') + "\nb\n");
  const std::string kept = read(file.path(), {.begin = 0, .end = 1000}, 100'000);
  EXPECT_GT(kept.size(), 100'000U);
  EXPECT_LT(kept.size(), 300'000U);
  EXPECT_EQ(kept.find('\n'), std::string::npos);
}

TEST_F(FileRanges, LeaveOutAByteOrderMarkAtTheStartOnly) {
  const TemporaryFile file(
      "\xef\xbb\xbf"
      "a\n\xef\xbb\xbf"
      "b\n");
  EXPECT_EQ(read(file.path(), {.begin = 0, .end = 5}), "a\n");
  EXPECT_EQ(read(file.path(), {.begin = 5, .end = 10}),
            "\xef\xbb\xbf"
            "b\n");
}

TEST_F(FileRanges, EndWithAFileThatBecameShorter) {
  const TemporaryFile file("a\nb\nc\n");
  ASSERT_EQ(::truncate(file.path().c_str(), 3), 0);
  EXPECT_EQ(read(file.path(), {.begin = 0, .end = 6}), "a\nb");
  EXPECT_EQ(read(file.path(), {.begin = 4, .end = 6}), "");
  EXPECT_EQ(read(file.path(), {.begin = 3, .end = 6}), "");
}

TEST(ChunkBuffers, AreUsedAgainOnceNothingBorrowsFromThem) {
  ChunkBufferPool pool(1000, 2);
  ChunkBufferPtr first = pool.take();
  const char* bytes = first->data();
  EXPECT_NE(pool.take()->data(), bytes);
  first = nullptr;
  EXPECT_EQ(pool.take()->data(), bytes);
}

TEST(ChunkBuffers, OutliveTheirPool) {
  ChunkBufferPtr buffer;
  {
    ChunkBufferPool pool(1000, 1);
    buffer = pool.take(5000);
  }
  EXPECT_GE(buffer->capacity(), 5000U);
  buffer->data()[4999] = 'x';
}

// Every size around a page: lines come mapped or copied, never with less than the parser's padding.
TEST_F(FileRanges, GiveTheLastLinesOfFilesThatEndAnywhereInAPage) {
  for (std::size_t size = 4096 - 80; size < 4096 + 80; ++size) {
    const std::string text = std::string(size - 3, 'x') + "\nab";
    const TemporaryFile file(text);
    EXPECT_EQ(read(file.path(), {.begin = 0, .end = size}), text) << size;
    EXPECT_EQ(read(file.path(), {.begin = 10, .end = size}), "ab") << size;
  }
}

TEST_F(FileRanges, AFileThatIsCutWhileItIsReadIsMarkedAndNotACrash) {
  const std::string text = std::string(300'000, 'x') + "\nsecond line\n";
  const TemporaryFile temporary(text);
  const auto file = InputFile::open(temporary.path());
  ASSERT_TRUE(file);
  Result<TextChunk> chunk =
      read_lines(**file, {.begin = 0, .end = text.size() - 5}, kNoLimit, pool_);
  ASSERT_TRUE(chunk);
  EXPECT_FALSE((*file)->shrunk());
  ASSERT_EQ(::truncate(temporary.path().c_str(), 5000), 0);
  EXPECT_EQ(chunk->lines.front(), 'x');
  EXPECT_FALSE((*file)->shrunk());
  EXPECT_EQ(chunk->lines[200'000], '\0');  // Its page is gone.
  EXPECT_TRUE((*file)->shrunk());
  EXPECT_EQ(chunk->lines[100'000], '\0');
}

}  // namespace
}  // namespace lynxdb::query
