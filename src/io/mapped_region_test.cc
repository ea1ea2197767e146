// Mapped files show their bytes; bytes that are gone show as zeros and are told; what counts as
// memory of the process stays within its limit.
#include "io/mapped_region.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "io/resident_spans.h"

namespace lynxdb::io {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;

class MappedRegions : public ::testing::Test {
 protected:
  MappedRegions() {
    std::filesystem::create_directories(directory_);
    path_ = directory_ + "/file";
  }
  ~MappedRegions() override { std::filesystem::remove_all(directory_); }

  std::shared_ptr<const MappedRegion> mapped(std::size_t bytes) {
    std::ofstream file(path_, std::ios::binary);
    for (std::size_t i = 0; i < bytes; ++i) file.put(static_cast<char>('a' + i / 4096 % 26));
    file.close();
    return MappedRegion::map_file(path_, lost_);
  }

  static std::size_t sum(std::string_view bytes) {
    std::size_t sum = 0;
    for (const char c : bytes) sum += static_cast<unsigned char>(c);
    return sum;
  }

  // Bytes of the file's mappings that count as memory of this process.
  std::size_t resident_bytes() const {
    std::ifstream maps("/proc/self/smaps");
    std::size_t bytes = 0;
    bool ours = false;
    for (std::string line; std::getline(maps, line);) {
      const bool names_mapping = line.find(' ') < line.find(':');  // Others are "Rss: 4 kB".
      if (names_mapping) ours = line.ends_with(std::filesystem::canonical(path_).string());
      if (ours && line.starts_with("Rss:")) bytes += std::stoul(line.substr(4)) * 1024;
    }
    return bytes;
  }

  const std::string directory_ =
      std::filesystem::temp_directory_path() / ("lynxdb-mapped-" + std::to_string(::getpid()));
  std::string path_;
  std::shared_ptr<std::atomic<bool>> lost_ = std::make_shared<std::atomic<bool>>(false);
};

TEST_F(MappedRegions, ShowTheBytesOfTheFileEvenWhenItIsRemoved) {
  const auto region = mapped(3 * 4096 + 5);
  ASSERT_NE(region, nullptr);
  std::filesystem::remove(path_);
  EXPECT_EQ(region->bytes().size(), 3 * 4096 + 5);
  EXPECT_EQ(region->bytes()[4096], 'b');
  EXPECT_EQ(region->bytes().back(), 'd');
  EXPECT_FALSE(*lost_);
}

TEST_F(MappedRegions, AreNotMadeOfWhatIsNoFile) {
  EXPECT_EQ(MappedRegion::map_file(directory_ + "/none", lost_), nullptr);
  EXPECT_EQ(MappedRegion::map_file(directory_, lost_), nullptr);
  EXPECT_EQ(mapped(0), nullptr);
}

TEST_F(MappedRegions, ShowZerosAndSayThatBytesAreGone) {
  const auto region = mapped(std::size_t{64} * 4096);
  ASSERT_NE(region, nullptr);
  std::filesystem::resize_file(path_, 4096);
  EXPECT_EQ(region->bytes()[0], 'a');
  EXPECT_FALSE(*lost_);
  EXPECT_EQ(region->bytes()[std::size_t{60} * 4096], '\0');
  EXPECT_TRUE(*lost_);
}

TEST_F(MappedRegions, AreLetGoBeyondTheLimitAndComeBack) {
  const auto region = mapped(8 * kMegabyte);
  ASSERT_NE(region, nullptr);
  const std::size_t expected = sum(region->bytes());
  EXPECT_EQ(resident_bytes(), 8 * kMegabyte);

  ResidentSpans spans(3 * kMegabyte);
  for (std::size_t at = 0; at < 8 * kMegabyte; at += kMegabyte / 2)
    spans.touch(region, at, kMegabyte / 2);
  EXPECT_EQ(spans.spans(), 3U);
  EXPECT_EQ(resident_bytes(), 3 * kMegabyte);
  EXPECT_EQ(sum(region->bytes()), expected);
}

TEST_F(MappedRegions, MayEndBeforeTheirSpansDo) {
  ResidentSpans spans(2 * kMegabyte);
  spans.touch(mapped(4 * kMegabyte), 0, 4 * kMegabyte);
  const auto region = mapped(4 * kMegabyte);
  spans.touch(region, kMegabyte, 3 * kMegabyte - 7);
  spans.touch(region, 0, 1);
  EXPECT_EQ(spans.spans(), 2U);
  EXPECT_EQ(region->bytes().front(), 'a');
}

}  // namespace
}  // namespace lynxdb::io
