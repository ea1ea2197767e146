// What the store promises: an acknowledged event is in every later read view once, in memory or in
// a segment, before and after a restart; retries are answered, not stored; too much is refused.
#include "storage/store.h"

#include <chrono>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/testing.h"

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using testing::events;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNow;
using testing::kSecond;
using testing::request;
using testing::TestNode;

constexpr std::int64_t kDay = 86'400 * kSecond;

std::unique_ptr<TestNode> open_node() {
  auto node = std::make_unique<TestNode>();
  const auto opened = node->open();
  EXPECT_TRUE(opened) << opened.error().message;
  return node;
}

Appended append(TestNode& node, AppendRequest what) {
  auto appended = node.store->append_and_wait(std::move(what));
  EXPECT_TRUE(appended) << appended.error().message;
  return appended ? *std::move(appended) : Appended{};
}

Error refusal(TestNode& node, AppendRequest what) {
  auto appended = node.store->append_and_wait(std::move(what));
  EXPECT_FALSE(appended);
  return appended ? Error{} : std::move(appended).error();
}

void restart(TestNode& node) {
  node.close();
  node.disk.crash();
  const auto opened = node.open();
  ASSERT_TRUE(opened) << opened.error().message;
}

TEST(Store, ShowsAnAcknowledgedEventToTheNextView) {
  const auto node = open_node();
  const Appended appended = append(*node, request(events({"a", "b"})));
  EXPECT_EQ(appended.offsets, (OffsetRange{0, 2}));
  EXPECT_THAT(node->ids(), ElementsAre("a", "b"));
}

TEST(Store, KeepsAcknowledgedEventsOverAPowerCut) {
  const auto node = open_node();
  append(*node, request(events({"a"})));
  append(*node, request(events({"b"})));
  restart(*node);
  EXPECT_THAT(node->ids(), ElementsAre("a", "b"));
  EXPECT_EQ(append(*node, request(events({"c"}))).offsets.begin, 2U);
}

TEST(Store, MovesEventsToSegmentsWithoutLosingOrDoublingThem) {
  const auto node = open_node();
  append(*node, request(events({"a", "b"})));
  ASSERT_TRUE(node->store->flush_now());
  append(*node, request(events({"c"})));
  const ReadView view = node->store->read_view();
  EXPECT_EQ(view.state().segments.size(), 1U);
  EXPECT_EQ(view.tail().size(), 1U);
  EXPECT_THAT(node->ids(), ElementsAre("a", "b", "c"));
  restart(*node);
  EXPECT_THAT(node->ids(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(node->store->stats().memtable_events, 1U);
}

TEST(Store, KeepsAnOldViewAsItWasDuringAFlush) {
  const auto node = open_node();
  append(*node, request(events({"a"})));
  const ReadView before = node->store->read_view();
  ASSERT_TRUE(node->store->flush_now());
  append(*node, request(events({"b"})));
  EXPECT_THAT(*testing::ids_in(*node->objects, before), ElementsAre("a"));
  EXPECT_EQ(node->store->stats().memtable_events, 1U);
}

TEST(Store, SplitsSegmentsByIndexAndDay) {
  const auto node = open_node();
  append(*node, request(events({"a"}, kNow, "main")));
  append(*node, request(events({"b"}, kNow, "audit")));
  append(*node, request(events({"c"}, kNow + kDay, "main")));
  ASSERT_TRUE(node->store->flush_now());
  std::vector<std::string> keys;
  for (const auto& [id, segment] : node->store->read_view().state().segments) {
    keys.push_back(segment->object_key.substr(0, segment->object_key.rfind('/')));
  }
  const std::string prefix = "segments/" + node->metadata->state()->cluster_id;
  EXPECT_THAT(keys, ElementsAre(prefix + "/audit/2023-11-14", prefix + "/main/2023-11-14",
                                prefix + "/main/2023-11-15"));
  EXPECT_THAT(node->ids(), ElementsAre("a", "b", "c"));
}

TEST(Store, StoresRowsNewestFirstAndLaterOffsetsFirstAmongEqualTimes) {
  const auto node = open_node();
  append(*node, request(events({"a", "b"}, kNow)));
  append(*node, request(events({"c"}, kNow)));
  append(*node, request(events({"d"}, kNow - kSecond)));
  ASSERT_TRUE(node->store->flush_now());
  const ReadView view = node->store->read_view();
  EXPECT_THAT(*testing::ids_in(*node->objects, *view.state().segments.begin()->second),
              ElementsAre("b", "c", "a", "d"));
}

TEST(Store, PutsEventsWithoutIndexIntoMain) {
  const auto node = open_node();
  event::EventBatch batch = events({"a"});
  batch.remove(event::kIndex);
  append(*node, request(std::move(batch)));
  ASSERT_TRUE(node->store->flush_now());
  EXPECT_EQ(node->store->read_view().state().segments.begin()->second->index, "main");
}

// --- Retries -------------------------------------------------------------------------------------

TEST(StoreRetry, GetsTheFirstAnswerAgain) {
  const auto node = open_node();
  const Appended first = append(*node, request(events({"a"}), "id", 1));
  const Appended again = append(*node, request(events({"a"}, kNow + 1), "id", 1));
  EXPECT_FALSE(first.duplicate);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.offsets, first.offsets);
  EXPECT_THAT(node->ids(), ElementsAre("a"));
}

TEST(StoreRetry, WithOtherContentIsAConflict) {
  const auto node = open_node();
  append(*node, request(events({"a"}), "id", 1));
  EXPECT_EQ(refusal(*node, request(events({"b"}), "id", 2)).code, ErrorCode::kConflict);
  EXPECT_THAT(node->ids(), ElementsAre("a"));
}

TEST(StoreRetry, IsKnownAfterARestartAndAfterTheLogWasTrimmed) {
  const auto node = open_node();
  node->options.wal.file_bytes_max = 1;  // Every group in a file of its own.
  restart(*node);
  append(*node, request(events({"a"}), "id a", 1));
  append(*node, request(events({"b"}), "id b", 2));
  ASSERT_TRUE(node->store->flush_now());
  append(*node, request(events({"c"}), "id c", 3));
  EXPECT_EQ(node->store->stats().wal_files, 2U);
  for (int start = 0; start < 2; ++start) {
    EXPECT_TRUE(append(*node, request(events({"a"}), "id a", 1)).duplicate);
    EXPECT_TRUE(append(*node, request(events({"c"}), "id c", 3)).duplicate);
    EXPECT_EQ(refusal(*node, request(events({"x"}), "id b", 9)).code, ErrorCode::kConflict);
    restart(*node);
  }
  EXPECT_THAT(node->ids(), ElementsAre("a", "b", "c"));
}

TEST(StoreRetry, OfABatchInFlightIsStoredOnce) {
  const auto node = open_node();
  constexpr int kTries = 50;
  std::vector<std::future<Result<Appended>>> answers;
  for (int i = 0; i < kTries; ++i) {
    auto promise = std::make_shared<std::promise<Result<Appended>>>();
    answers.push_back(promise->get_future());
    node->store->append(request(events({"a"}), "id", 1), [promise](Result<Appended> result) {
      promise->set_value(std::move(result));
    });
  }
  int firsts = 0;
  for (auto& answer : answers) {
    const auto result = answer.get();
    ASSERT_TRUE(result);
    if (!result->duplicate) ++firsts;
    EXPECT_EQ(result->offsets, (OffsetRange{0, 1}));
  }
  EXPECT_EQ(firsts, 1);
  EXPECT_THAT(node->ids(), ElementsAre("a"));
}

TEST(StoreRetry, OfAnotherPartIsNotARetry) {
  const auto node = open_node();
  AppendRequest second = request(events({"b"}), "id", 1);
  second.part = 1;
  append(*node, request(events({"a"}), "id", 1));
  EXPECT_FALSE(append(*node, std::move(second)).duplicate);
  EXPECT_THAT(node->ids(), ElementsAre("a", "b"));
}

TEST(StoreRetry, LeavesOutEventsWhoseIdIsKnown) {
  const auto node = open_node();
  AppendRequest first = request(events({"a", "b", "a again"}));
  first.event_ids = {"1", "2", "1"};
  EXPECT_THAT(append(*node, std::move(first)).duplicate_rows, ElementsAre(2));
  for (int start = 0; start < 2; ++start) {
    AppendRequest second = request(events({"b", "c" + std::to_string(start), "d"}));
    second.event_ids = {"2", "3" + std::to_string(start), "2"};
    const Appended appended = append(*node, std::move(second));
    EXPECT_THAT(appended.duplicate_rows, ElementsAre(0, 2));
    EXPECT_EQ(appended.offsets.size(), 1U);
    ASSERT_TRUE(node->store->flush_now());
    restart(*node);
  }
  AppendRequest known = request(events({"a", "b"}));
  known.event_ids = {"1", "2"};
  const Appended none = append(*node, std::move(known));
  EXPECT_THAT(none.duplicate_rows, ElementsAre(0, 1));
  EXPECT_EQ(none.offsets.size(), 0U);
  EXPECT_THAT(node->ids(), ElementsAre("a", "b", "c0", "c1"));
}

TEST(StoreRetry, OfABatchIsKnownHoweverManyEventsWithIdsCame) {
  auto node = std::make_unique<TestNode>();
  node->options.dedup.batches_max = 2;
  ASSERT_TRUE(node->open());
  append(*node, request(events({"a"}), "id", 1));
  AppendRequest many = request(events({"b", "c", "d", "e"}));
  many.event_ids = {"1", "2", "3", "4"};
  append(*node, std::move(many));
  EXPECT_TRUE(append(*node, request(events({"a"}), "id", 1)).duplicate);
}

// --- Refusals ------------------------------------------------------------------------------------

TEST(StoreRefusal, OfWhatNoSegmentWouldTake) {
  const auto node = open_node();
  EXPECT_EQ(refusal(*node, request(event::EventBatch(0))).code, ErrorCode::kInvalidArgument);
  event::EventBatch timeless = events({"a"});
  timeless.remove(event::kTime);
  EXPECT_THAT(refusal(*node, request(std::move(timeless))).message, HasSubstr("_time"));
  EXPECT_THAT(refusal(*node, request(events({"a"}, kNow, "../up"))).message, HasSubstr("_index"));
  EXPECT_THAT(refusal(*node, request(events({"a"}, kNow, ".hidden"))).message, HasSubstr("_index"));
  AppendRequest elsewhere = request(events({"a"}));
  elsewhere.partition = PartitionId(7);
  EXPECT_THAT(refusal(*node, std::move(elsewhere)).message, HasSubstr("no partition 7"));
  EXPECT_THAT(node->ids(), IsEmpty());
}

TEST(StoreRefusal, WhenTheMemtableIsFullUntilItIsFlushed) {
  auto node = std::make_unique<TestNode>();
  node->options.flush.threshold_bytes = 2000;
  node->options.flush.immutable_max = 0;
  ASSERT_TRUE(node->open());
  append(*node, request(events({"a"}), "id", 1));
  EXPECT_EQ(refusal(*node, request(events({"b"}))).code, ErrorCode::kOverloaded);
  EXPECT_TRUE(append(*node, request(events({"a"}), "id", 1)).duplicate);
  ASSERT_TRUE(node->store->flush_now());
  append(*node, request(events({"b"})));
  EXPECT_THAT(node->ids(), ElementsAre("a", "b"));
}

TEST(StoreMemory, IsFlushedWhileThereIsRoomForWhatComesMeanwhile) {
  auto node = std::make_unique<TestNode>();
  node->options.background = true;
  node->options.flush.idle_timeout = std::chrono::milliseconds(0);
  node->options.flush.threshold_bytes = 300'000;
  node->options.flush.immutable_max = 2;
  ASSERT_TRUE(node->open());
  append(*node, request(events({std::string(90'000, 'a')})));
  append(*node, request(events({"b"})));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!node->store->read_view().tail().empty() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_THAT(node->store->read_view().tail(), IsEmpty());
}

TEST(StoreRetry, TellsOfABatchThatWasStoredWhichOfItsRowsWereLeftOut) {
  const auto node = open_node();
  AppendRequest known = request(events({"a"}));
  known.event_ids = {"1"};
  append(*node, std::move(known));
  const auto batch = [] {
    AppendRequest batch = request(events({"a", "b", "b again", "c"}), "batch", 7);
    batch.event_ids = {"1", "2", "2", ""};
    return batch;
  };
  EXPECT_THAT(append(*node, batch()).duplicate_rows, ElementsAre(0, 2));
  for (int start = 0; start < 3; ++start) {
    const Appended again = append(*node, batch());
    EXPECT_TRUE(again.duplicate);
    EXPECT_THAT(again.duplicate_rows, ElementsAre(0, 2));
    if (start == 1) {
      ASSERT_TRUE(node->store->flush_now());
    }
    restart(*node);
  }
}

TEST(StoreMemory, IsNotHeldByEventsThatAreStoredAlready) {
  const auto node = open_node();
  AppendRequest known = request(events({"a"}));
  known.event_ids = {"1"};
  append(*node, std::move(known));
  const auto body = std::make_shared<std::string>(100'000, 'x');
  const std::string_view text(*body);
  event::EventBatch batch = events({"a", "b"});
  batch.set(event::kRaw, event::Column::strings({text.substr(10), text.substr(0, 10)}, {body}));
  AppendRequest retry = request(std::move(batch));
  retry.event_ids = {"1", "2"};
  EXPECT_THAT(append(*node, std::move(retry)).duplicate_rows, ElementsAre(0U));
  EXPECT_EQ(body.use_count(), 1) << "ten bytes of it are stored";
}

TEST(StoreRefusal, WhenTheDiskIsFilling) {
  base::ManualClock clock(kNow);
  std::uint64_t free_bytes = 50;
  auto node = std::make_unique<TestNode>();
  node->options.clock = &clock;
  node->options.disk.measure = [&] {
    return Result<io::DiskSpace>(io::DiskSpace{100, free_bytes});
  };
  ASSERT_TRUE(node->open());
  append(*node, request(events({"a"})));
  const auto after = [&](std::uint64_t free) {
    free_bytes = free;
    clock.advance(std::chrono::seconds(1));
  };
  EXPECT_TRUE(node->store->takes_events());
  after(10);
  EXPECT_EQ(node->store->takes_events().error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(refusal(*node, request(events({"b"}))).code, ErrorCode::kOverloaded);
  after(5);
  EXPECT_EQ(node->store->takes_events().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refusal(*node, request(events({"b"}))).code, ErrorCode::kUnavailable);
  after(20);  // Not yet: 80 % are used.
  EXPECT_EQ(refusal(*node, request(events({"b"}))).code, ErrorCode::kUnavailable);
  after(30);
  EXPECT_TRUE(node->store->takes_events());
  append(*node, request(events({"b"})));
}

TEST(StoreRefusal, WhenTheLogCannotBeWrittenAndThenItGoesOn) {
  const auto node = open_node();
  node->disk.set_free_bytes(100);
  EXPECT_EQ(refusal(*node, request(events({"a"}), "id", 1)).code, ErrorCode::kUnavailable);
  EXPECT_EQ(node->store->takes_events().error().code, ErrorCode::kUnavailable);
  node->disk.set_free_bytes(1 << 20);
  EXPECT_EQ(append(*node, request(events({"a"}), "id", 1)).offsets, (OffsetRange{0, 1}));
  EXPECT_TRUE(node->store->takes_events());
  EXPECT_THAT(node->ids(), ElementsAre("a"));
  restart(*node);
  EXPECT_THAT(node->ids(), ElementsAre("a"));
}

// For probes: who finds the log broken must find it mended again without an append.
TEST(StoreRefusal, ForgetsAFailureOfTheLogThatNobodyTriesAgain) {
  auto node = std::make_unique<TestNode>();
  base::ManualClock clock(kNow);
  node->options.clock = &clock;
  ASSERT_TRUE(node->open());
  node->disk.set_free_bytes(100);
  EXPECT_EQ(refusal(*node, request(events({"a"}))).code, ErrorCode::kUnavailable);
  EXPECT_THAT(node->store->takes_events().error().message, HasSubstr("log: "));
  clock.advance(std::chrono::seconds(11));
  EXPECT_TRUE(node->store->takes_events());
}

TEST(StoreRefusal, IsToldBeforeAFlushThatFailsFillsTheMemory) {
  const auto node = open_node();
  append(*node, request(events({"a"})));
  node->disk.set_free_bytes(100);
  EXPECT_FALSE(node->store->flush_now());
  EXPECT_NE(node->store->stats().flush_problem, "");
  node->disk.set_free_bytes(1 << 20);
  EXPECT_TRUE(node->store->flush_now());
  EXPECT_EQ(node->store->stats().flush_problem, "");
}

TEST(StoreRefusal, IsNotCountedForBatchesThatAreWrongThemselves) {
  const auto node = open_node();
  append(*node, request(events({"a"}), "id", 1));
  EXPECT_EQ(refusal(*node, request(events({"b"}), "id", 2)).code, ErrorCode::kConflict);
  EXPECT_EQ(node->store->stats().refused_batches, 0U);
  node->disk.set_free_bytes(100);
  EXPECT_EQ(refusal(*node, request(events({"b"}))).code, ErrorCode::kUnavailable);
  EXPECT_EQ(node->store->stats().refused_batches, 1U);
}

TEST(StoreRefusal, ForGoodAfterAFailedSync) {
  const auto node = open_node();
  append(*node, request(events({"a"})));
  node->disk.fail_sync(0);
  EXPECT_EQ(refusal(*node, request(events({"b"}), "id", 1)).code, ErrorCode::kUnavailable);
  EXPECT_FALSE(node->store->health());
  EXPECT_EQ(refusal(*node, request(events({"c"}))).code, ErrorCode::kUnavailable);
  EXPECT_THAT(node->ids(), ElementsAre("a"));  // Reads go on.
  restart(*node);
  append(*node, request(events({"b"}), "id", 1));
  EXPECT_THAT(node->ids(), ElementsAre("a", "b"));
}

TEST(StoreRefusal, ForGoodWhenTheMetadataCannotBeWritten) {
  const auto node = open_node();
  append(*node, request(events({"a"})));
  node->disk.fail_sync(3);  // After the staged segment's, its manifest's and the object's.
  EXPECT_FALSE(node->store->flush_now());
  EXPECT_THAT(node->store->health().error().message, HasSubstr("metadata log"));
  EXPECT_EQ(refusal(*node, request(events({"b"}), "id", 1)).code, ErrorCode::kUnavailable);
  EXPECT_THAT(node->ids(), ElementsAre("a"));
  restart(*node);
  append(*node, request(events({"b"}), "id", 1));
  EXPECT_THAT(node->ids(), ElementsAre("a", "b"));
}

TEST(StoreRefusal, OnceItIsStopping) {
  const auto node = open_node();
  append(*node, request(events({"a"})));
  node->store->stop();
  node->store->stop();
  EXPECT_EQ(refusal(*node, request(events({"b"}))).code, ErrorCode::kUnavailable);
}

TEST(Store, LosesNothingInWriteModeOnceTheIntervalHasPassed) {
  auto node = std::make_unique<TestNode>();
  node->options.wal.sync_mode = SyncMode::kWrite;
  node->options.wal.sync_interval = std::chrono::milliseconds(1);
  ASSERT_TRUE(node->open());
  append(*node, request(events({"a"})));
  // Nothing else was written that could have been synced.
  while (node->store->stats().wal_syncs == 0) std::this_thread::yield();
  node->disk.crash();
  node->close();
  ASSERT_TRUE(node->open());
  EXPECT_THAT(node->ids(), ElementsAre("a"));
}

TEST(Store, LosesNothingInAnyModeWhenOnlyTheProcessDies) {
  for (const SyncMode mode : {SyncMode::kNone, SyncMode::kWrite, SyncMode::kFsync}) {
    auto node = std::make_unique<TestNode>();
    node->options.wal.sync_mode = mode;
    node->options.wal.sync_interval = std::chrono::hours(1);
    ASSERT_TRUE(node->open());
    append(*node, request(events({"a"})));
    node->disk.kill_process();
    node->close();
    ASSERT_TRUE(node->open());
    EXPECT_THAT(node->ids(), ElementsAre("a"));
  }
}

TEST(Store, RefusesAnotherNumberOfPartitions) {
  const auto node = open_node();
  node->close();
  node->options.partition_count = 4;
  const auto opened = node->open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("the data has 1 partitions, not 4"));
}

TEST(Store, RefusesToOpenWithoutAFileOfItsLog) {
  const auto node = open_node();
  node->options.wal.file_bytes_max = 1;
  restart(*node);
  for (const char* id : {"a", "b", "c"}) append(*node, request(events({id})));
  node->close();
  ASSERT_TRUE(node->disk.remove("data/wal/wal-00000000000000000002"));
  const auto opened = node->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(opened.error().message, HasSubstr("a file is missing"));
}

TEST(Store, WorksWithManyPartitions) {
  auto node = std::make_unique<TestNode>();
  node->options.partition_count = 4;
  ASSERT_TRUE(node->open());
  std::vector<std::string> expected;
  for (std::uint32_t i = 0; i < 40; ++i) {
    AppendRequest one = request(events({std::to_string(100 + i)}), "id", 1);
    one.partition = PartitionId(i % 4);
    one.part = i;
    append(*node, std::move(one));
    expected.push_back(std::to_string(100 + i));
    if (i == 20) ASSERT_TRUE(node->store->flush_now());
  }
  EXPECT_EQ(node->ids(), expected);
  restart(*node);
  EXPECT_EQ(node->ids(), expected);
  EXPECT_EQ(node->store->partitions().size(), 4U);
}

TEST(Store, FlushesByItselfWhenItIsIdleOrFull) {
  auto node = std::make_unique<TestNode>();
  node->options.background = true;
  node->options.flush.idle_timeout = std::chrono::milliseconds(200);
  ASSERT_TRUE(node->open());
  append(*node, request(events({"a"})));
  metadata::Version version = node->metadata->state()->version;
  EXPECT_GT(node->metadata->wait_beyond(version, std::chrono::seconds(20))->version, version);
  EXPECT_THAT(node->ids(), ElementsAre("a"));
}

}  // namespace
}  // namespace lynxdb::storage
