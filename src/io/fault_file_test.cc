// The double breaks as ordered, and a crash leaves what a real one may leave: all that was synced,
// and no more than was written.
#include "io/fault_file.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::io {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::unique_ptr<File> create(FaultFileSystem& disk, const std::string& path) {
  return *disk.open(path, OpenMode::kCreate);
}

// A file with "synced" on disk and "tail" in memory.
std::unique_ptr<File> file_with_tail(FaultFileSystem& disk, const std::string& path) {
  auto file = create(disk, path);
  EXPECT_TRUE(file->append("synced"));
  EXPECT_TRUE(file->sync());
  EXPECT_TRUE(file->append("tail"));
  return file;
}

TEST(Crash, ForgetsWhatWasNotSynced) {
  FaultFileSystem disk;
  const auto file = file_with_tail(disk, "a");
  EXPECT_EQ(disk.contents("a"), "syncedtail");
  disk.crash();
  EXPECT_EQ(disk.contents("a"), "synced");
}

TEST(Crash, ForgetsFilesThatWereNeverSynced) {
  FaultFileSystem disk;
  EXPECT_TRUE(create(disk, "a")->append("x"));
  disk.crash();
  EXPECT_FALSE(disk.exists("a"));
}

TEST(Crash, ForgetsACutThatWasNotSynced) {
  FaultFileSystem disk;
  const auto file = file_with_tail(disk, "a");
  EXPECT_TRUE(file->truncate(2));
  disk.crash();
  EXPECT_EQ(disk.contents("a"), "synced");
}

TEST(Crash, KeepsARenameButNotTheContentThatWasNotSynced) {
  FaultFileSystem disk;
  EXPECT_TRUE(create(disk, "new")->append("x"));
  EXPECT_TRUE(disk.rename("new", "a"));
  disk.crash();
  EXPECT_FALSE(disk.exists("new"));
  EXPECT_EQ(disk.contents("a"), "");
}

TEST(Crash, KillsOpenFiles) {
  FaultFileSystem disk;
  const auto file = file_with_tail(disk, "a");
  disk.crash();
  EXPECT_FALSE(file->append("late"));
  EXPECT_FALSE(file->sync());
  EXPECT_FALSE(file->truncate(0));
  EXPECT_FALSE(file->size());
  std::array<std::byte, 1> byte{};
  EXPECT_FALSE(file->read_at(0, byte));
  EXPECT_EQ(disk.contents("a"), "synced");
}

TEST(TornCrash, KeepsEverythingSyncedAndAtMostWhatWasWritten) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    FaultFileSystem disk;
    const auto file = file_with_tail(disk, "a");
    disk.crash_torn(seed);
    const std::string left = disk.contents("a");
    EXPECT_THAT(left, StartsWith("synced"));
    EXPECT_LE(left.size(), std::string_view("syncedtail").size());
    outcomes.insert(left);
  }
  // Among them: nothing of the tail, all of it, each part, zeros where the tail should be.
  for (const std::string_view text : {"synced", "syncedt", "syncedta", "syncedtai", "syncedtail"}) {
    EXPECT_TRUE(outcomes.contains(std::string(text))) << text;
  }
  EXPECT_TRUE(outcomes.contains("synced" + std::string(4, '\0')));
  EXPECT_GT(outcomes.size(), 20U) << "garbage, too";
}

TEST(TornCrash, BringsSomeRemovedFilesBackAndLosesSomeNewOnes) {
  int back = 0;
  int kept = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    FaultFileSystem disk;
    file_with_tail(disk, "removed");
    EXPECT_TRUE(disk.remove("removed"));
    create(disk, "new");
    disk.crash_torn(seed);
    if (disk.exists("removed")) {
      ++back;
      EXPECT_EQ(disk.contents("removed"), "synced");
    }
    if (disk.exists("new")) ++kept;
  }
  EXPECT_GT(back, 20);
  EXPECT_LT(back, 80);
  EXPECT_GT(kept, 20);
  EXPECT_LT(kept, 80);
}

TEST(TornCrash, IsTheSameForTheSameSeed) {
  const auto left = [](std::uint64_t seed) {
    FaultFileSystem disk;
    file_with_tail(disk, "a");
    disk.crash_torn(seed);
    return disk.contents("a");
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) EXPECT_EQ(left(seed), left(seed));
}

TEST(KilledProcess, LeavesEverythingWrittenToTheNextOne) {
  FaultFileSystem disk;
  const auto file = file_with_tail(disk, "a");
  disk.kill_process();
  EXPECT_FALSE(file->append("late"));
  EXPECT_EQ(disk.contents("a"), "syncedtail");
  const auto next = *disk.open("a", OpenMode::kReadWrite);
  EXPECT_TRUE(next->sync());
  disk.crash();
  EXPECT_EQ(disk.contents("a"), "syncedtail");
}

TEST(FullDisk, TakesWhatFitsAndFails) {
  FaultFileSystem disk;
  const auto file = create(disk, "a");
  disk.set_free_bytes(5);
  EXPECT_TRUE(file->append("abc"));
  const auto full = file->append("def");
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("No space left on device"));
  EXPECT_EQ(disk.contents("a"), "abcde");
  disk.set_free_bytes(100);
  EXPECT_TRUE(file->append("f"));
  EXPECT_EQ(disk.contents("a"), "abcdef");
}

TEST(FailingAppend, LeavesAPart) {
  FaultFileSystem disk;
  const auto file = create(disk, "a");
  disk.fail_append(1, 2);
  EXPECT_TRUE(file->append("one"));
  EXPECT_FALSE(file->append("two"));
  EXPECT_EQ(disk.contents("a"), "onetw");
  EXPECT_TRUE(file->append("o"));
}

TEST(FailingSync, IsFinalForTheFile) {
  FaultFileSystem disk;
  const auto file = create(disk, "a");
  disk.fail_sync(0);
  EXPECT_TRUE(file->append("x"));
  EXPECT_FALSE(file->sync());
  EXPECT_FALSE(file->sync());
  EXPECT_FALSE(file->append("y"));
  EXPECT_FALSE(file->truncate(0));
  EXPECT_TRUE(create(disk, "b")->sync()) << "other files go on";
}

TEST(FailingSync, LosesItsBytesEvenIfALaterSyncSucceeds) {
  FaultFileSystem disk;
  const auto file = file_with_tail(disk, "a");
  disk.fail_sync(0);
  EXPECT_FALSE(file->sync());
  disk.kill_process();
  const auto next = *disk.open("a", OpenMode::kReadWrite);
  EXPECT_TRUE(next->append("more"));
  EXPECT_TRUE(next->sync());
  disk.crash();
  EXPECT_EQ(disk.contents("a"), "synced" + std::string(4, '\0') + "more");
}

// The use that the double is made for: a file is replaced by writing a new one, syncing it, and
// renaming it over the old; whatever step the power fails at, one of the two is there whole.
TEST(StopAfter, LetsATestCrashAtEveryStep) {
  const auto replace = [](FaultFileSystem& disk) -> Result<> {
    const auto file = TRY(disk.open("new", OpenMode::kCreate));
    TRY(file->append("ne"));
    TRY(file->append("w"));
    TRY(file->sync());
    return disk.rename("new", "a");
  };
  FaultFileSystem whole;
  whole.set_contents("a", "old");
  ASSERT_TRUE(replace(whole));
  ASSERT_EQ(whole.changes(), 5U);
  for (std::uint64_t steps = 0; steps <= whole.changes(); ++steps) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      FaultFileSystem disk;
      disk.set_contents("a", "old");
      disk.stop_after(steps);
      EXPECT_EQ(replace(disk).has_value(), steps == whole.changes());
      disk.crash_torn(seed);
      EXPECT_EQ(disk.contents("a"), steps == whole.changes() ? "new" : "old");
      EXPECT_TRUE(disk.open("b", OpenMode::kCreate)) << "the machine runs again";
    }
  }
}

TEST(FlippedBit, ShowsInWhatIsReadBeforeAndAfterACrash) {
  FaultFileSystem disk;
  disk.set_contents("a", "ab");
  disk.flip_bit("a", 8);
  EXPECT_EQ(disk.contents("a"), "ac");
  disk.crash();
  EXPECT_EQ(disk.contents("a"), "ac");
}

}  // namespace
}  // namespace lynxdb::io
