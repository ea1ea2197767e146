// --output promises: the file appears whole or not at all, and a failed query leaves the old one.
#include "output/byte_sink.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lynxdb::output {
namespace {

namespace fs = std::filesystem;

class FileSinkTest : public testing::Test {
 protected:
  FileSinkTest() {
    std::string name = (fs::temp_directory_path() / "lynxdb-sink-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~FileSinkTest() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string content(const std::string& name) const {
    std::ifstream file(path(name));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
};

TEST_F(FileSinkTest, ShowsTheFileOnlyAfterCommit) {
  put("out", "old");
  auto sink = file_sink(path("out"));
  ASSERT_TRUE(sink.has_value());
  ASSERT_TRUE((*sink)->write("new").has_value());
  EXPECT_EQ(content("out"), "old");
  ASSERT_TRUE((*sink)->commit().has_value());
  EXPECT_EQ(content("out"), "new");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileSinkTest, LeavesNothingWithoutCommit) {
  put("out", "old");
  {
    auto sink = file_sink(path("out"));
    ASSERT_TRUE((*sink)->write("new").has_value());
  }
  EXPECT_EQ(content("out"), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileSinkTest, DiscardsTheUnfinishedFileOfAProcessThatMustEnd) {
  auto sink = file_sink(path("out"));
  ASSERT_TRUE(sink.has_value());
  discard_unfinished_file();
  EXPECT_EQ(files(), 0U);
}

TEST_F(FileSinkTest, FollowsSymbolicLinks) {
  put("real", "old");
  fs::create_symlink(path("real"), path("link"));
  auto sink = file_sink(path("link"));
  ASSERT_TRUE((*sink)->write("new").has_value());
  ASSERT_TRUE((*sink)->commit().has_value());
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(content("real"), "new");
}

TEST_F(FileSinkTest, GivesNewFilesTheUsualMode) {
  const mode_t mask = ::umask(022);
  auto sink = file_sink(path("out"));
  ASSERT_TRUE((*sink)->commit().has_value());
  ::umask(mask);
  struct stat status{};
  ASSERT_EQ(::stat(path("out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST_F(FileSinkTest, WritesDirectlyToWhatIsNoRegularFile) {
  auto sink = file_sink("/dev/null");
  ASSERT_TRUE(sink.has_value());
  EXPECT_TRUE((*sink)->write("x").has_value());
  EXPECT_TRUE((*sink)->commit().has_value());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(FileSinkTest, RefusesDirectoriesAndMissingOnes) {
  EXPECT_EQ(file_sink(directory_.string()).error().code, ErrorCode::kIo);
  EXPECT_EQ(file_sink(path("no/such/out")).error().code, ErrorCode::kIo);
}

TEST(DescriptorSink, TellsAReaderThatLeftFromAFailure) {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const auto sink = descriptor_sink(ends[1], "standard output");
  EXPECT_FALSE(sink->write("x").has_value());
  EXPECT_TRUE(sink->reader_gone());
  ::close(ends[1]);

  const auto full = descriptor_sink(ends[1], "standard output");
  EXPECT_FALSE(full->write("x").has_value());
  EXPECT_FALSE(full->reader_gone());
}

}  // namespace
}  // namespace lynxdb::output
