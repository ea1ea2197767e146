// What every file system promises, on the real one and on the double that tests break: appends add
// up, reads stop at the end, names behave, errors have the right code.
#include "io/file.h"

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/fault_file.h"

namespace lynxdb::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FileSystems : public testing::TestWithParam<bool> {
 protected:
  FileSystems() {
    if (!is_real()) {
      EXPECT_TRUE(disk().create_directories(directory_));
      return;
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "lynxdb-io-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~FileSystems() override {
    if (is_real()) std::filesystem::remove_all(directory_);
  }

  bool is_real() const { return GetParam(); }
  FileSystem& disk() { return is_real() ? posix() : double_; }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  std::unique_ptr<File> open(const std::string& name, OpenMode mode) {
    return *disk().open(path(name), mode);
  }
  void write(const std::string& name, std::string_view text) {
    EXPECT_TRUE(open(name, OpenMode::kCreate)->append(text));
  }
  std::string read(const std::string& name) {
    const auto file = open(name, OpenMode::kRead);
    std::string text(static_cast<std::size_t>(*file->size()), '\0');
    EXPECT_EQ(*file->read_at(0, std::as_writable_bytes(std::span(text))), text.size());
    return text;
  }

 private:
  FaultFileSystem double_;
  std::string directory_ = "/dir/of/double";
};

INSTANTIATE_TEST_SUITE_P(Both, FileSystems, testing::Bool(),
                         [](const auto& info) { return info.param ? "Posix" : "Double"; });

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorCode::kCancelled : result.error().code;
}

TEST_P(FileSystems, GiveBackWhatWasAppended) {
  const auto file = open("a", OpenMode::kCreate);
  EXPECT_TRUE(file->append("one"));
  EXPECT_TRUE(file->append(""));
  EXPECT_TRUE(file->append("two"));
  EXPECT_EQ(*file->size(), 6U);
  EXPECT_EQ(read("a"), "onetwo");
}

TEST_P(FileSystems, ReadFewerBytesOnlyAtTheEnd) {
  write("a", "0123456789");
  const auto file = open("a", OpenMode::kRead);
  std::array<char, 4> buffer{};
  const auto out = std::as_writable_bytes(std::span(buffer));
  EXPECT_EQ(*file->read_at(3, out), 4U);
  EXPECT_EQ(std::string_view(buffer.data(), 4), "3456");
  EXPECT_EQ(*file->read_at(8, out), 2U);
  EXPECT_EQ(std::string_view(buffer.data(), 2), "89");
  EXPECT_EQ(*file->read_at(10, out), 0U);
  EXPECT_EQ(*file->read_at(1000, out), 0U);
  EXPECT_EQ(*file->read_at(0, {}), 0U);
}

TEST_P(FileSystems, GoOnAtTheEndOfAFileThatExists) {
  write("a", "one");
  EXPECT_TRUE(open("a", OpenMode::kReadWrite)->append("two"));
  EXPECT_EQ(read("a"), "onetwo");
}

TEST_P(FileSystems, AppendBehindWhatWasCutOff) {
  write("a", "one two");
  const auto file = open("a", OpenMode::kReadWrite);
  EXPECT_TRUE(file->truncate(3));
  EXPECT_TRUE(file->append("!"));
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(read("a"), "one!");
}

TEST_P(FileSystems, CreateOnlyWhatIsNotThere) {
  write("a", "x");
  EXPECT_EQ(code_of(disk().open(path("a"), OpenMode::kCreate)), ErrorCode::kConflict);
  EXPECT_EQ(read("a"), "x");
}

TEST_P(FileSystems, SayWhenAFileIsNotThereAndNameIt) {
  EXPECT_EQ(code_of(disk().open(path("a"), OpenMode::kRead)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(disk().open(path("a"), OpenMode::kReadWrite)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(disk().open(path("no/a"), OpenMode::kCreate)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(disk().rename(path("a"), path("b"))), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(disk().list(path("no"))), ErrorCode::kNotFound);
  const auto removed = disk().remove(path("a"));
  EXPECT_EQ(code_of(removed), ErrorCode::kNotFound);
  EXPECT_THAT(removed.error().message, HasSubstr(path("a") + ": No such file"));
}

TEST_P(FileSystems, RefuseToWriteWhatWasOpenedToRead) {
  write("a", "x");
  const auto file = open("a", OpenMode::kRead);
  EXPECT_EQ(code_of(file->append("y")), ErrorCode::kIo);
  EXPECT_EQ(code_of(file->truncate(0)), ErrorCode::kIo);
  EXPECT_EQ(read("a"), "x");
}

TEST_P(FileSystems, RenameOverWhatIsThere) {
  write("new", "new");
  write("old", "old");
  EXPECT_TRUE(disk().rename(path("new"), path("old")));
  EXPECT_EQ(read("old"), "new");
  EXPECT_EQ(code_of(disk().open(path("new"), OpenMode::kRead)), ErrorCode::kNotFound);
}

TEST_P(FileSystems, KeepARemovedFileForThoseWhoHaveItOpen) {
  write("a", "still here");
  const auto file = open("a", OpenMode::kRead);
  EXPECT_TRUE(disk().remove(path("a")));
  EXPECT_EQ(*file->size(), 10U);
}

TEST_P(FileSystems, ListNamesInOrder) {
  EXPECT_TRUE(disk().create_directories(path("d/e")));
  EXPECT_TRUE(disk().create_directories(path("d/e")));
  write("d/z", "");
  write("d/b", "");
  EXPECT_THAT(*disk().list(path("d")), ElementsAre("b", "e", "z"));
  EXPECT_THAT(*disk().list(path("d/e")), ElementsAre());
}

TEST_P(FileSystems, TellFilesFromDirectoriesAndFromNothing) {
  EXPECT_TRUE(disk().create_directories(path("d")));
  write("d/f", "four");
  const auto file = disk().status(path("d/f"));
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->is_directory);
  EXPECT_EQ(file->size_bytes, 4U);
  const auto directory = disk().status(path("d"));
  ASSERT_TRUE(directory);
  EXPECT_TRUE(directory->is_directory);
  EXPECT_EQ(code_of(disk().status(path("d/none"))), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(disk().status(path("d/f/below"))), ErrorCode::kNotFound);
}

TEST_P(FileSystems, RefuseADirectoryWhereAFileIs) {
  write("a", "");
  EXPECT_EQ(code_of(disk().create_directories(path("a"))), ErrorCode::kIo);
}

TEST(PosixFiles, ReportAFullDisk) {
  const auto full = posix().open("/dev/full", OpenMode::kReadWrite);
  if (!full) GTEST_SKIP() << full.error().message;
  const auto done = (*full)->append("x");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kIo);
  EXPECT_EQ(done.error().message, "write /dev/full: No space left on device");
}

}  // namespace
}  // namespace lynxdb::io
