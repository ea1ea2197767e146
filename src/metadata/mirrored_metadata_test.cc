// Damage to the metadata, and the loss of its files, costs nothing as long as one of the two copies
// is whole; and no crash makes an old copy win.
#include "metadata/mirrored_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/fault_file.h"
#include "metadata/testing.h"

namespace lynxdb::metadata {
namespace {

using ::testing::HasSubstr;

Result<std::unique_ptr<MirroredMetadata>> open(io::FaultFileSystem& disk,
                                               std::uint64_t log_bytes_max = 1 << 20) {
  return MirroredMetadata::open(disk, {"meta", log_bytes_max});
}

Command step(Offset begin) {
  return flush_of(begin, begin + 1, {segment_of("s" + std::to_string(begin), begin, begin + 1)});
}

Offset flushed_offset(const MirroredMetadata& metadata) {
  const StatePtr state = metadata.state();
  const auto partition = state->partitions.find(PartitionId(0));
  return partition == state->partitions.end() ? 0 : partition->second.flushed_offset;
}

// A cluster with `steps` flushes.
void fill(io::FaultFileSystem& disk, Offset steps, std::uint64_t log_bytes_max = 1 << 20) {
  const auto metadata = *open(disk, log_bytes_max);
  EXPECT_EQ(metadata->mended(), "");
  ASSERT_TRUE(metadata->propose(CreateCluster{"id", 1}));
  for (Offset i = 0; i < steps; ++i) ASSERT_TRUE(metadata->propose(step(i)));
}

std::vector<std::string> files_in(io::FaultFileSystem& disk, const std::string& directory) {
  std::vector<std::string> files;
  const std::vector<std::string> names = *disk.list(directory);
  for (const std::string& name : names)
    if (name != "copy") files.push_back(directory + "/" + name);
  return files;
}

TEST(MirroredMetadata, SurvivesEveryFlippedByteOfEitherCopy) {
  io::FaultFileSystem disk;
  fill(disk, 3);
  for (const std::string directory : {"meta", "meta/copy"}) {
    const std::string path = files_in(disk, directory).front();
    const std::uint64_t size = disk.status(path)->size_bytes;
    for (std::uint64_t at = 0; at < size; at += 7) {
      SCOPED_TRACE(path + " " + std::to_string(at));
      io::FaultFileSystem fresh;
      fill(fresh, 3);
      fresh.flip_bit(path, 8 * at);
      for (const bool is_damaged : {true, false}) {
        const auto metadata = open(fresh);
        ASSERT_TRUE(metadata) << metadata.error().message;
        EXPECT_EQ(flushed_offset(**metadata), 3U);
        if (!is_damaged) {
          EXPECT_EQ((*metadata)->mended(), "");
          ASSERT_TRUE((*metadata)->propose(step(3)));
        }
      }
      EXPECT_EQ(flushed_offset(**open(fresh)), 4U);
    }
  }
}

TEST(MirroredMetadata, SurvivesTheLossOfEitherCopy) {
  for (const std::string directory : {"meta", "meta/copy"}) {
    io::FaultFileSystem disk;
    fill(disk, 20, 200);
    for (const std::string& path : files_in(disk, directory)) ASSERT_TRUE(disk.remove(path));
    const auto metadata = open(disk);
    ASSERT_TRUE(metadata) << metadata.error().message;
    EXPECT_EQ(flushed_offset(**metadata), 20U);
  }
}

TEST(MirroredMetadata, SaysWhatIsWrongWhenBothAreDamaged) {
  io::FaultFileSystem disk;
  fill(disk, 3);
  for (const std::string directory : {"meta", "meta/copy"})
    disk.flip_bit(files_in(disk, directory).front(), 8 * 60);
  const auto metadata = open(disk);
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(metadata.error().message, HasSubstr("meta/log-00000000000000000001: byte "));
  EXPECT_THAT(metadata.error().suggestion, HasSubstr("restore meta from a backup"));
}

TEST(MirroredMetadata, GoesOnWithoutACopyThatCannotBeWritten) {
  io::FaultFileSystem disk;
  fill(disk, 1);
  {
    const auto metadata = *open(disk);
    disk.fail_sync(1);  // The first is of the log itself.
    ASSERT_TRUE(metadata->propose(step(1)));
    EXPECT_TRUE(metadata->health());
    ASSERT_TRUE(metadata->propose(step(2)));
  }
  for (const std::string& path : files_in(disk, "meta")) ASSERT_TRUE(disk.remove(path));
  EXPECT_EQ(flushed_offset(**open(disk)), 3U) << "the copy was made again";
}

// Crashes at every change of the disk; then either copy may be lost.
TEST(MirroredMetadata, LosesNothingAcceptedWhereverItCrashes) {
  constexpr Offset kSteps = 6;
  bool finished = false;
  for (std::uint64_t change = 0; !finished; ++change) {
    for (const std::string lost : {"", "meta", "meta/copy"}) {
      SCOPED_TRACE(std::to_string(change) + " " + lost);
      io::FaultFileSystem disk;
      disk.stop_after(change);
      Offset accepted = 0;
      bool failed = true;
      if (const auto metadata = open(disk, 150)) {
        failed = !(*metadata)->propose(CreateCluster{"id", 1});
        while (!failed && accepted < kSteps && (*metadata)->health()) {
          failed = !(*metadata)->propose(step(accepted));
          if (!failed) ++accepted;
        }
      }
      finished = accepted == kSteps;
      disk.crash_torn(change);
      {
        const auto metadata = open(disk, 150);
        ASSERT_TRUE(metadata) << metadata.error().message;
        EXPECT_GE(flushed_offset(**metadata), accepted);
        EXPECT_LE(flushed_offset(**metadata), accepted + 1);
        accepted = flushed_offset(**metadata);
      }
      if (lost.empty() || accepted == 0) continue;
      for (const std::string& path : files_in(disk, lost)) ASSERT_TRUE(disk.remove(path));
      const auto metadata = open(disk, 150);
      ASSERT_TRUE(metadata) << metadata.error().message;
      EXPECT_EQ(flushed_offset(**metadata), accepted);
    }
  }
}

}  // namespace
}  // namespace lynxdb::metadata
