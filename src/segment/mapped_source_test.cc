// A segment in a mapped file reads as one in memory; bytes that are gone or changed are an error of
// the read, never data and never a crash; a reader that was failed by its disk says so.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "segment/segment_test_support.h"

namespace lynxdb::segment {
namespace {

class MappedSource : public ::testing::Test {
 protected:
  MappedSource() {
    std::filesystem::create_directories(directory_);
    std::ofstream(path_, std::ios::binary) << bytes_;
  }
  ~MappedSource() override { std::filesystem::remove_all(directory_); }

  std::shared_ptr<const SegmentReader> open() {
    auto source = MappedByteSource::open(path_, spans_);
    EXPECT_TRUE(source.has_value());
    auto reader = SegmentReader::open(*source);
    EXPECT_TRUE(reader.has_value());
    return *reader;
  }

  const std::string directory_ =
      std::filesystem::temp_directory_path() / ("lynxdb-source-" + std::to_string(::getpid()));
  const std::string path_ = directory_ + "/segment";
  const event::EventBatch events_ = events_of(json_lines(20'000, 1));
  const std::string bytes_ = segment_of({events_}).bytes;
  io::ResidentSpans spans_{std::uint64_t{1} << 20U};
};

TEST_F(MappedSource, ReadsAsFromMemory) {
  const auto reader = open();
  expect_same_events(read_all(*reader), events_);
  const auto rows = reader->rows_containing(0, std::vector<std::string>{"GET"});
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(*rows, *open_bytes(bytes_)->rows_containing(0, std::vector<std::string>{"GET"}));
  EXPECT_TRUE(reader->check_source().has_value());
}

TEST_F(MappedSource, IsReadWhenItsFileWasRemoved) {
  const auto reader = open();
  std::filesystem::remove(path_);
  expect_same_events(read_all(*reader), events_);
}

TEST_F(MappedSource, RefusesBytesThatAreGone) {
  const auto reader = open();
  std::filesystem::resize_file(path_, 4096);
  const std::vector<std::string> names = reader->field_names(0);
  EXPECT_FALSE(reader->read(0, names).has_value());
  const auto again = reader->read(0, names);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::kIo);
  EXPECT_FALSE(reader->rows_containing(0, std::vector<std::string>{"GET"}).has_value());
  EXPECT_FALSE(reader->check_source().has_value());
}

// The checksum of what is read for the first time is compared, whatever was read before.
TEST_F(MappedSource, ChecksEachOfItsChunks) {
  const std::vector<std::string> names = open()->field_names(0);
  const auto first = open();
  for (const ColumnChunk& chunk : first->footer().row_groups[0].columns) {
    const auto reader = open();
    const std::uint64_t at = chunk.bytes.offset + chunk.bytes.size / 2;
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(bytes_[at] ^ 1));
    file.close();
    const auto damaged = reader->read(0, names);
    ASSERT_FALSE(damaged.has_value());
    EXPECT_EQ(damaged.error().code, ErrorCode::kCorruption);
    std::ofstream(path_, std::ios::in | std::ios::out | std::ios::binary) << bytes_;
    ASSERT_TRUE(reader->read(0, names).has_value());
  }
}

// A disk may go bad later: what was compared once is compared again.
TEST_F(MappedSource, DoesNotTrustAChecksumForLong) {
  const CheckMark::Clock::time_point now = CheckMark::Clock::now();
  CheckMark mark;
  EXPECT_FALSE(mark.is_good(now));
  mark.set(now);
  EXPECT_TRUE(mark.is_good(now));
  EXPECT_TRUE(mark.is_good(now + CheckMark::kGoodFor / 2));
  EXPECT_FALSE(mark.is_good(now + CheckMark::kGoodFor + std::chrono::seconds(1)));
  mark.set(now + CheckMark::kGoodFor * 3);
  EXPECT_TRUE(mark.is_good(now + CheckMark::kGoodFor * 3));
}

TEST_F(MappedSource, IsNotThereWhenItsFileIsNot) {
  const auto source = MappedByteSource::open(directory_ + "/none", spans_);
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace lynxdb::segment
