// A spill file gives back what was put in, in order and as often as wanted; says so when its bytes
// were damaged; leaves nothing on disk; and stays within the space that all of them share.
#include "query/spill.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "query/testing/batch_builder.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string temporary_directory() {
  const auto path =
      std::filesystem::path(::testing::TempDir()) / ("spill-test-" + std::to_string(::getpid()));
  return path.string();
}

std::vector<std::string> read_all(SpillFile& file) {
  std::vector<std::string> blocks;
  while (true) {
    auto block = file.next_bytes();
    EXPECT_TRUE(block.has_value());
    if (!block || !block->has_value()) return blocks;
    blocks.push_back(**block);
  }
}

// A second descriptor of the one spill file that this process has open; the file's own appends
// wherever it is told to write.
int open_spill_file() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();
    if (target.find("/spill-test-") != std::string::npos)
      return ::open(entry.path().c_str(), O_RDWR | O_CLOEXEC);
  }
  return -1;
}

TEST(SpillFile, GivesBackBlocksInOrderAndAgainAfterARewind) {
  SpillSpace space(temporary_directory(), 1 << 30);
  const auto file = *SpillFile::create(space);
  std::vector<std::string> blocks = {"", "a", std::string(200'000, 'x'), "tail"};
  // Sizes around the buffer's: every split of a block between buffer and file.
  for (std::size_t size = 32'700; size < 32'800; size += 7) {
    std::string block;
    for (std::size_t i = 0; i < size; ++i)
      block.push_back(static_cast<char>(i * 2654435761U >> 9U));
    blocks.push_back(std::move(block));
  }
  for (const std::string& block : blocks) ASSERT_TRUE(file->append_bytes(block));
  ASSERT_TRUE(file->finish());
  EXPECT_EQ(read_all(*file), blocks);
  ASSERT_TRUE(file->rewind());
  EXPECT_EQ(read_all(*file), blocks);
}

TEST(SpillFile, KeepsRowsNamesFlagsAndSequence) {
  SpillSpace space(temporary_directory(), 1 << 30);
  const auto file = *SpillFile::create(space);
  event::EventBatch batch =
      testing::batch_of_json({R"({"b":1,"a":"x"})", R"({"b":[1,2.5],"a":null})"}, 7);
  batch.set("empty", event::Column::nulls(2), true);
  batch.set_ordered(true);
  ASSERT_TRUE(file->append(batch));
  ASSERT_TRUE(file->finish());
  const auto back = file->next();
  ASSERT_TRUE(back.has_value() && back->has_value());
  EXPECT_EQ((*back)->sequence(), 7U);
  EXPECT_THAT(testing::rows_as_json(**back),
              ElementsAre(R"({"b":1,"a":"x","empty":null})", R"({"b":[1,2.5],"empty":null})"));
  EXPECT_FALSE(file->next()->has_value());
}

TEST(SpillFile, LeavesNothingInTheDirectory) {
  SpillSpace space(temporary_directory(), 1 << 30);
  const auto file = *SpillFile::create(space);
  ASSERT_TRUE(file->append_bytes(std::string(100'000, 'x')));
  EXPECT_TRUE(std::filesystem::is_empty(temporary_directory()));
}

TEST(SpillSpace, NamesTheLimitWhenItIsReachedAndTakesSpaceBack) {
  SpillSpace space(temporary_directory(), 1000);
  {
    const auto file = *SpillFile::create(space);
    ASSERT_TRUE(file->append_bytes("small"));
    std::string noise;
    for (unsigned i = 0; i < 2000; ++i) noise.push_back(static_cast<char>(i * 2654435761U >> 24U));
    const auto refused = file->append_bytes(noise);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kOutOfBudget);
    EXPECT_THAT(refused.error().message, HasSubstr("query.max_temp_dir_size_bytes"));
    EXPECT_GT(space.used_bytes(), 0U);
  }
  EXPECT_EQ(space.used_bytes(), 0U);
  EXPECT_GT(space.spilled_bytes(), 0U);
}

TEST(SpillFile, ReportsEveryFlippedByte) {
  SpillSpace space(temporary_directory(), 1 << 30);
  const auto file = *SpillFile::create(space);
  ASSERT_TRUE(file->append_bytes("some text that is not compressed"));
  ASSERT_TRUE(file->append_bytes(std::string(300, 'y')));
  ASSERT_TRUE(file->finish());
  const int descriptor = open_spill_file();
  ASSERT_GE(descriptor, 0);
  for (std::uint64_t place = 0; place < file->size_bytes(); ++place) {
    SCOPED_TRACE(place);
    char byte = 0;
    ASSERT_EQ(::pread(descriptor, &byte, 1, static_cast<off_t>(place)), 1);
    const char flipped = static_cast<char>(byte ^ 0x41);
    ASSERT_EQ(::pwrite(descriptor, &flipped, 1, static_cast<off_t>(place)), 1);
    ASSERT_TRUE(file->rewind());
    auto first = file->next_bytes();
    if (first) first = file->next_bytes();
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, ErrorCode::kCorruption);
    ASSERT_EQ(::pwrite(descriptor, &byte, 1, static_cast<off_t>(place)), 1);
  }
  ::close(descriptor);
}

}  // namespace
}  // namespace lynxdb::query
