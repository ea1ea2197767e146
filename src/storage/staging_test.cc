// While the object store is down events are flushed to files of this machine: they are read there,
// each once, their memory is free and their log stays. When it is back they become segments like
// all others. Whatever dies in between, the next start finds every event.
#include "storage/staging.h"

#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/testing.h"
#include "storage/testing.h"

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using testing::events;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNow;
using testing::request;
using ::testing::SizeIs;
using testing::TestNode;

class StagingTest : public ::testing::Test {
 protected:
  StagingTest() {
    node_.options.wal.file_bytes_max = 1;  // Every group in a file of its own.
    EXPECT_TRUE(node_.open());
    node_.outage.is_down = true;
  }

  void append(const std::vector<std::string>& ids, const std::string& batch_id = "",
              std::int64_t time_ns = kNow) {
    const auto done = node_.store->append_and_wait(request(events(ids, time_ns), batch_id, 1));
    ASSERT_TRUE(done) << done.error().message;
  }
  // One staged flush.
  void flush_in_vain() {
    const auto flushed = node_.store->flush_now();
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().code, ErrorCode::kUnavailable);
  }
  void end_outage_and_flush() {
    node_.outage.is_down = false;
    const auto flushed = node_.store->flush_now();
    ASSERT_TRUE(flushed) << flushed.error().message;
  }
  void crash_and_open() {
    node_.disk.crash();
    node_.close();
    const auto opened = node_.open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  static bool comes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  StoreStats stats() { return node_.store->stats(); }
  std::vector<std::string> files() { return *node_.disk.list("data/staging"); }
  std::size_t committed_segments() { return node_.metadata->state()->segments.size(); }

  TestNode node_;
};

TEST_F(StagingTest, FreesMemoryAndKeepsEventsReadableOnce) {
  append({"a", "b"});
  flush_in_vain();
  EXPECT_EQ(stats().memtable_events, 0U);
  EXPECT_EQ(stats().memtable_bytes, 0U);
  EXPECT_EQ(stats().staged_events, 2U);
  EXPECT_EQ(stats().staged_segments, 1U);
  EXPECT_GT(stats().staged_bytes, 0U);
  EXPECT_THAT(stats().upload_problem, HasSubstr("503 SlowDown"));
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b"));
  append({"c"});
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c"));
  flush_in_vain();
  append({"d"});
  EXPECT_EQ(stats().staged_segments, 2U);
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(committed_segments(), 0U);
}

TEST_F(StagingTest, EndsWhenTheStoreIsBack) {
  append({"a"});
  flush_in_vain();
  append({"b"});
  flush_in_vain();
  end_outage_and_flush();
  EXPECT_EQ(committed_segments(), 2U);
  EXPECT_EQ(stats().flushes, 2U);
  EXPECT_EQ(stats().staged_segments, 0U);
  EXPECT_EQ(stats().upload_problem, "");
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b"));
  ASSERT_NO_FATAL_FAILURE(crash_and_open());
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b"));
}

TEST_F(StagingTest, EndsByItselfInTheBackground) {
  node_.close();
  node_.options.background = true;
  node_.options.flush.idle_timeout = std::chrono::milliseconds(50);
  ASSERT_TRUE(node_.open());
  append({"a"});
  ASSERT_TRUE(comes_true([&] { return stats().upload_failures > 0; }));
  EXPECT_THAT(node_.ids(), ElementsAre("a"));
  append({"b"});
  ASSERT_TRUE(comes_true([&] { return stats().memtable_events == 0; }));
  node_.outage.is_down = false;
  ASSERT_TRUE(comes_true([&] { return stats().staged_segments == 0; }));
  EXPECT_EQ(committed_segments(), 2U);
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b"));
}

TEST_F(StagingTest, KeepsTheLogUntilTheCommit) {
  append({"a"});
  append({"b"});
  const std::uint64_t files_before = stats().wal_files;
  flush_in_vain();
  EXPECT_EQ(stats().wal_files, files_before);
  EXPECT_EQ(node_.store->partitions()[0].flushed_offset, 0U);
  end_outage_and_flush();
  EXPECT_LT(stats().wal_files, files_before);
  EXPECT_EQ(node_.store->partitions()[0].flushed_offset, 2U);
}

TEST_F(StagingTest, KeepsTheLogOfEventsThatCameDuringTheUpload) {
  node_.outage.is_down = false;
  append({"a"});
  bool is_first = true;
  node_.outage.before_put = [&] {
    if (!std::exchange(is_first, false)) return;
    append({"b"});
    append({"c"});  // The file of b is closed now.
  };
  ASSERT_TRUE(node_.store->flush_now());
  ASSERT_NO_FATAL_FAILURE(crash_and_open());
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c"));
}

TEST_F(StagingTest, KeepsTheLogOfLaterFlushesWhenAnEarlierOneIsCommitted) {
  for (const char* id : {"a", "b", "c"}) {
    append({id});
    flush_in_vain();
  }
  int puts = 0;
  node_.outage.is_down = false;
  node_.outage.before_put = [&] { node_.outage.is_down = ++puts > 1; };
  flush_in_vain();
  EXPECT_EQ(committed_segments(), 1U);
  for (const std::string& name : files()) node_.disk.flip_bit("data/staging/" + name, 100);
  node_.outage.before_put = nullptr;
  node_.outage.is_down = false;
  ASSERT_NO_FATAL_FAILURE(crash_and_open());
  EXPECT_EQ(stats().memtable_events, 2U);
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c"));
}

TEST_F(StagingTest, KeepsItsFilesForViewsThatReadThem) {
  append({"a"});
  const ReadView in_memory = node_.store->read_view();
  flush_in_vain();
  std::optional<ReadView> staged = node_.store->read_view();
  end_outage_and_flush();
  EXPECT_THAT(files(), SizeIs(1));  // The segment; its manifest is gone.
  EXPECT_THAT(*testing::ids_in(*node_.objects, in_memory), ElementsAre("a"));
  EXPECT_THAT(*testing::ids_in(*node_.objects, *staged), ElementsAre("a"));
  staged.reset();
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(StagingTest, RefusesAppendsOnceItsFilesAndTheLogAreTooLarge) {
  node_.close();
  node_.options.flush.staging_bytes_max = 1000;
  ASSERT_TRUE(node_.open());
  append({"a"}, "id a");
  flush_in_vain();
  append({"b"});
  flush_in_vain();
  const auto refused = node_.store->append_and_wait(request(events({"c"})));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  EXPECT_THAT(refused.error().message, HasSubstr("storage.staging_max_bytes"));
  EXPECT_THAT(refused.error().message, HasSubstr("503 SlowDown"));
  append({"a"}, "id a");  // A retry.
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b"));
  end_outage_and_flush();
  append({"c"});
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c"));
}

TEST_F(StagingTest, LeavesQueriesThatNeedTheStoreWithAnError) {
  node_.outage.is_down = false;
  append({"a"});
  end_outage_and_flush();
  node_.outage.is_down = true;
  append({"b"});
  flush_in_vain();
  const auto read = testing::ids_in(*node_.objects, node_.store->read_view());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnavailable);
}

// --- Crashes -------------------------------------------------------------------------------------

TEST_F(StagingTest, IsFoundAgainAfterACrash) {
  append({"a", "b"}, "id a");
  flush_in_vain();
  append({"c"}, "id c", kNow - 86'400 * testing::kSecond);
  append({"d"}, "id d");
  flush_in_vain();
  append({"e"});
  for (int start = 0; start < 2; ++start) {
    ASSERT_NO_FATAL_FAILURE(crash_and_open());
    EXPECT_EQ(stats().staged_segments, 3U);
    EXPECT_EQ(stats().staged_events, 4U);
    EXPECT_EQ(stats().memtable_events, 1U);
    EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c", "d", "e"));
    append({"a", "b"}, "id a");  // Retries.
    append({"d"}, "id d");
  }
  append({"f"});
  end_outage_and_flush();
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c", "d", "e", "f"));
  ASSERT_NO_FATAL_FAILURE(crash_and_open());
  EXPECT_EQ(stats().memtable_events, 0U);
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c", "d", "e", "f"));
}

// Both files of the first of two flushes, and of the second.
TEST_F(StagingTest, ThatWasDamagedIsMadeAgainFromTheLog) {
  int round = 0;
  for (std::size_t file = 0; file < 4; ++file) {
    for (const std::size_t part : {0U, 1U, 2U}) {
      SCOPED_TRACE(std::to_string(file) + ", " + std::to_string(part));
      append({"a" + std::to_string(round)});
      flush_in_vain();
      append({"b" + std::to_string(round)});
      flush_in_vain();
      node_.outage.is_down = false;
      const std::vector<std::string> expected = node_.ids();
      ASSERT_THAT(files(), SizeIs(4));
      const std::string path = "data/staging/" + files()[file];
      node_.disk.flip_bit(path, 8 * (part * (node_.disk.contents(path).size() - 1) / 2));
      ASSERT_NO_FATAL_FAILURE(crash_and_open());
      EXPECT_EQ(node_.ids(), expected);
      // What comes behind the damage is made again, too.
      EXPECT_EQ(stats().memtable_events + stats().staged_events, 2U);
      EXPECT_GT(stats().memtable_events, 0U);
      end_outage_and_flush();
      EXPECT_EQ(node_.ids(), expected);
      EXPECT_THAT(files(), IsEmpty());
      node_.outage.is_down = true;
      ++round;
    }
  }
}

TEST_F(StagingTest, ThatIsMissingAFileIsMadeAgainFromTheLog) {
  append({"a"});
  flush_in_vain();
  for (const std::string& name : files()) {
    if (name.ends_with(".lsg")) ASSERT_TRUE(node_.disk.remove("data/staging/" + name));
  }
  ASSERT_NO_FATAL_FAILURE(crash_and_open());
  EXPECT_EQ(stats().staged_segments, 0U);
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(node_.ids(), ElementsAre("a"));
}

TEST_F(StagingTest, ThatWasDamagedIsNotUploaded) {
  append({"a"});
  flush_in_vain();
  for (const std::string& name : files()) {
    if (name.ends_with(".lsg")) node_.disk.flip_bit("data/staging/" + name, 100);
  }
  node_.outage.is_down = false;
  const auto flushed = node_.store->flush_now();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(committed_segments(), 0U);
  ASSERT_NO_FATAL_FAILURE(crash_and_open());
  end_outage_and_flush();
  EXPECT_THAT(node_.ids(), ElementsAre("a"));
}

TEST_F(StagingTest, HoldsNothingThatTheLogCouldLose) {
  node_.close();
  node_.options.wal.sync_mode = SyncMode::kNone;
  ASSERT_TRUE(node_.open());
  append({"a"});
  flush_in_vain();
  for (const std::string& name : files()) node_.disk.flip_bit("data/staging/" + name, 100);
  ASSERT_NO_FATAL_FAILURE(crash_and_open());
  EXPECT_THAT(node_.ids(), ElementsAre("a"));
}

// The disk stops at each change in turn, then the power fails.
TEST(Staging, LosesAndDoublesNothingWhereverItIsInterrupted) {
  bool is_over = false;
  for (std::uint64_t step = 0; !is_over; ++step) {
    SCOPED_TRACE(step);
    TestNode node;
    node.options.wal.file_bytes_max = 1;
    ASSERT_TRUE(node.open());
    node.outage.is_down = true;
    ASSERT_TRUE(node.store->append_and_wait(request(events({"a"}), "id a", 1)));
    ASSERT_TRUE(node.store->append_and_wait(request(events({"b"}), "id b", 1)));
    const std::uint64_t before = node.disk.changes();
    node.disk.stop_after(step);
    (void)node.store->flush_now().has_value();
    (void)node.store->append_and_wait(request(events({"c"}), "id c", 1)).has_value();
    node.outage.is_down = false;
    is_over = node.store->flush_now().has_value() && node.disk.changes() - before < step;
    if (step % 2 == 0) {
      node.disk.crash();
    } else {
      node.disk.crash_torn(step);
    }
    node.close();
    node.outage.is_down = step % 3 == 0;
    const auto opened = node.open();
    ASSERT_TRUE(opened) << opened.error().message;
    node.outage.is_down = false;
    ASSERT_TRUE(node.store->append_and_wait(request(events({"c"}), "id c", 1)));
    EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c"));
    ASSERT_TRUE(node.store->flush_now());
    EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c"));
    EXPECT_EQ(metadata::find_fault(*node.metadata->state()), "");
    EXPECT_THAT(*node.disk.list("data/staging"), IsEmpty());
  }
}

TEST(Staging, HasTheBytesThatItsPageShows) {
  metadata::CommitFlush command;
  command.partitions.push_back({PartitionId(0), 1, 0, 2});
  SegmentEntry entry;
  entry.object_key = "d/l0-k.lsg";
  entry.size_bytes = 1000;
  entry.crc32c = 0x11223344;
  entry.rows = 2;
  entry.index = "main";
  entry.time_min_ns = 5;
  entry.time_max_ns = 9;
  entry.parts.push_back({PartitionId(0), {0, 2}, 2});
  command.segments.push_back(entry);
  io::FaultFileSystem disk;
  ASSERT_TRUE(write_staging_manifest(disk, "flush", command));
  EXPECT_EQ(disk.contents("flush"),
            io::testing::worked_bytes(LYNXDB_SOURCE_DIR "/docs/formats/staging.md"));
}

}  // namespace
}  // namespace lynxdb::storage
