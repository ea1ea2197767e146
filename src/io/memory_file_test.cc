// Files in memory behave as the operating system's do; file_test.cc has the long version.
#include "io/memory_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::io {
namespace {

using ::testing::ElementsAre;

std::string contents(FileSystem& files, const std::string& path) {
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return "no file";
  std::string bytes(static_cast<std::size_t>(*(*file)->size()), '\0');
  bytes.resize(*(*file)->read_at(0, std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

class MemoryFileTest : public ::testing::Test {
 protected:
  void make(const std::string& path, std::string_view bytes) {
    const auto file = files_.open(path, OpenMode::kCreate);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append(bytes));
  }

  base::ManualClock clock_{77};
  MemoryFileSystem files_{clock_};
};

TEST_F(MemoryFileTest, KeepsWhatIsAppendedAndCut) {
  make("f", "hello world");
  const auto file = *files_.open("f", OpenMode::kReadWrite);
  ASSERT_TRUE(file->truncate(5));
  ASSERT_TRUE(file->append("!"));
  EXPECT_EQ(contents(files_, "f"), "hello!");
  EXPECT_EQ(files_.status("f")->size_bytes, 6U);
  EXPECT_EQ(files_.status("f")->modified_ns, 77);
}

TEST_F(MemoryFileTest, NamesWhatIsMissingOrThereAlready) {
  make("f", "");
  EXPECT_EQ(files_.open("f", OpenMode::kCreate).error().code, ErrorCode::kConflict);
  EXPECT_EQ(files_.open("g", OpenMode::kRead).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files_.open("no/dir", OpenMode::kCreate).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files_.remove("g").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files_.rename("g", "h").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files_.list("g").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE((*files_.open("f", OpenMode::kRead))->append("x"));
}

TEST_F(MemoryFileTest, ListsADirectoryAndNothingBelowOrBeside) {
  ASSERT_TRUE(files_.create_directories("a/b"));
  ASSERT_TRUE(files_.create_directories("a.c"));
  make("a/2", "");
  make("a/1", "");
  make("a/b/3", "");
  make("a.c/4", "");
  make("top", "");
  EXPECT_THAT(*files_.list("a"), ElementsAre("1", "2", "b"));
  EXPECT_THAT(*files_.list(""), ElementsAre("a", "a.c", "top"));
  EXPECT_TRUE(files_.status("a/b")->is_directory);
}

TEST_F(MemoryFileTest, ReplacesByRenamingAndKeepsOpenFilesAlive) {
  make("old", "1");
  make("new", "2");
  const auto open = *files_.open("old", OpenMode::kRead);
  ASSERT_TRUE(files_.rename("new", "old"));
  EXPECT_EQ(contents(files_, "old"), "2");
  ASSERT_TRUE(files_.remove("old"));
  EXPECT_EQ(*open->size(), 1U);
}

}  // namespace
}  // namespace lynxdb::io
