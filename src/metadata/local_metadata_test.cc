// What the metadata of a single node promises: a command that was accepted is there after any
// crash, one that was refused never is, and damage is reported instead of read.
#include "metadata/local_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/fault_file.h"
#include "metadata/testing.h"

namespace lynxdb::metadata {
namespace {

using ::testing::HasSubstr;

Result<std::unique_ptr<LocalMetadata>> open(io::FaultFileSystem& disk,
                                            std::uint64_t log_bytes_max = 1 << 20) {
  return LocalMetadata::open(disk, {"meta", log_bytes_max});
}

Command flush_step(Offset begin) {
  return flush_of(begin, begin + 1, {segment_of("s" + std::to_string(begin), begin, begin + 1)});
}

Offset flushed_offset(const LocalMetadata& metadata) {
  const StatePtr state = metadata.state();
  const auto partition = state->partitions.find(PartitionId(0));
  return partition == state->partitions.end() ? 0 : partition->second.flushed_offset;
}

TEST(LocalMetadata, RemembersAcceptedCommands) {
  io::FaultFileSystem disk;
  {
    const auto metadata = *open(disk);
    ASSERT_TRUE(metadata->propose(CreateCluster{"id", 1}));
    ASSERT_TRUE(metadata->propose(flush_step(0)));
  }
  disk.crash();
  const auto metadata = *open(disk);
  EXPECT_EQ(flushed_offset(*metadata), 1U);
  EXPECT_EQ(metadata->state()->version, 2U);
}

TEST(LocalMetadata, ForgetsRefusedCommands) {
  io::FaultFileSystem disk;
  {
    const auto metadata = *open(disk);
    ASSERT_TRUE(metadata->propose(CreateCluster{"id", 1}));
    EXPECT_EQ(metadata->propose(flush_step(5)).error().code, ErrorCode::kConflict);
    EXPECT_EQ(metadata->state()->version, 1U);
  }
  EXPECT_EQ((*open(disk))->state()->version, 1U);
}

TEST(LocalMetadata, GivesWaitersTheNewState) {
  io::FaultFileSystem disk;
  const auto metadata = *open(disk);
  ASSERT_TRUE(metadata->propose(CreateCluster{"id", 1}));
  EXPECT_EQ(metadata->wait_beyond(0, std::chrono::milliseconds(0))->version, 1U);
  EXPECT_EQ(metadata->wait_beyond(1, std::chrono::milliseconds(1))->version, 1U);
}

TEST(LocalMetadata, ReplacesALongLogByASnapshot) {
  io::FaultFileSystem disk;
  {
    const auto metadata = *open(disk, 200);
    ASSERT_TRUE(metadata->propose(CreateCluster{"id", 1}));
    for (Offset i = 0; i < 50; ++i) ASSERT_TRUE(metadata->propose(flush_step(i)));
  }
  EXPECT_LE(disk.list("meta")->size(), 2U);
  disk.crash();
  const auto metadata = *open(disk, 200);
  EXPECT_EQ(flushed_offset(*metadata), 50U);
  ASSERT_TRUE(metadata->propose(flush_step(50)));
}

// Crashes at every change of the disk there is; logs so small that each few commands snapshot.
TEST(LocalMetadata, LosesNothingAcceptedAndGainsNothingWhereverItCrashes) {
  constexpr Offset kSteps = 12;
  bool finished = false;
  for (std::uint64_t step = 0; !finished; ++step) {
    SCOPED_TRACE(step);
    io::FaultFileSystem disk;
    disk.stop_after(step);
    Offset accepted = 0;
    bool failed = false;
    if (const auto metadata = open(disk, 150)) {
      failed = !(*metadata)->propose(CreateCluster{"id", 1});
      while (!failed && accepted < kSteps) {
        failed = !(*metadata)->propose(flush_step(accepted));
        if (!failed) ++accepted;
      }
      finished = !failed;
    }
    disk.crash_torn(step);
    for (int again = 0; again < 2; ++again) {
      const auto metadata = open(disk, 150);
      ASSERT_TRUE(metadata) << metadata.error().message;
      if ((*metadata)->state()->version == 0) {
        EXPECT_EQ(accepted, 0U);
        ASSERT_TRUE((*metadata)->propose(CreateCluster{"id", 1}));
      }
      const Offset found = flushed_offset(**metadata);
      // One more may have been written when the answer was lost.
      EXPECT_GE(found, accepted);
      EXPECT_LE(found, accepted + 1);
      ASSERT_TRUE((*metadata)->propose(flush_step(found)));
      accepted = found + 1;
    }
  }
}

TEST(LocalMetadata, RefusesADamagedSnapshotAndSaysWhich) {
  io::FaultFileSystem disk;
  {
    const auto metadata = *open(disk, 10);
    ASSERT_TRUE(metadata->propose(CreateCluster{"id", 1}));
  }
  const std::string path = "meta/" + disk.list("meta")->back();
  ASSERT_THAT(path, HasSubstr("snapshot"));
  disk.flip_bit(path, 100);
  const auto metadata = open(disk);
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(metadata.error().message, HasSubstr(path));
}

TEST(LocalMetadata, RefusesALogWhoseBeginningIsMissing) {
  io::FaultFileSystem disk;
  {
    const auto metadata = *open(disk, 10);
    ASSERT_TRUE(metadata->propose(CreateCluster{"id", 1}));
  }
  ASSERT_TRUE(disk.remove("meta/" + disk.list("meta")->back()));
  const auto metadata = open(disk);
  ASSERT_FALSE(metadata);
  EXPECT_THAT(metadata.error().message, HasSubstr("begins with version 2"));
}

}  // namespace
}  // namespace lynxdb::metadata
