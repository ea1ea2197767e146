// What a store of a cluster's node promises its Replicator: nothing is visible or acknowledged
// before it is committed; the log is what the Replicator said, byte for byte, in memory, on disk
// and after a restart; and what is taken from it takes rows and batch ids along.
#include "storage/replicated_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/replicated_testing.h"

namespace lynxdb::storage {
namespace {

using replication::AppendBatches;
using replication::Batch;
using replication::EpochBegan;
using replication::EpochStart;
using replication::ResetLog;
using replication::Restored;
using replication::TruncateLog;
using testing::ClusterNode;
using ::testing::ElementsAre;
using testing::events;
using testing::is_open;
using ::testing::IsEmpty;
using testing::kOnly;
using testing::payloads;
using testing::request;

constexpr std::size_t kNoLimit = std::size_t{1} << 30U;

AppendRequest retry_of(const std::vector<std::string>& ids, const std::string& batch_id) {
  return request(events(ids), batch_id, 1);
}

void expect_same(const Restored& one, const Restored& other) {
  EXPECT_EQ(one.log_start, other.log_start);
  EXPECT_EQ(one.log_end, other.log_end);
  EXPECT_EQ(one.epochs, other.epochs);
}

// --- Appends -------------------------------------------------------------------------------------

TEST(ReplicatedAppend, IsVisibleAndAcknowledgedOnlyOnceItIsCommitted) {
  ClusterNode node;
  node.lead(2);
  auto first = node.append({"a", "b"});
  auto second = node.append({"c"});
  EXPECT_TRUE(is_open(first));
  EXPECT_THAT(node.ids(), IsEmpty());
  node.commit(2);
  EXPECT_EQ(first.get()->offsets, (OffsetRange{0, 2}));
  EXPECT_TRUE(is_open(second));
  EXPECT_THAT(node.ids(), ElementsAre("a", "b"));
  node.commit(3);
  EXPECT_EQ(second.get()->offsets, (OffsetRange{2, 3}));
  EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c"));
}

TEST(ReplicatedAppend, HasAnUnknownOutcomeWhenLeadershipEnds) {
  ClusterNode node;
  node.lead(2);
  auto answer = node.append({"a"}, "id");
  node.stop_leading();
  EXPECT_EQ(answer.get().error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(node.ids(), IsEmpty());
}

TEST(ReplicatedAppend, HasAnUnknownOutcomeWhenTheLeaseIsOver) {
  ClusterNode node;
  node.lead(2);
  auto answer = node.append({"a"}, "id");
  node.commit(1, false);
  EXPECT_EQ(answer.get().error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(node.ids(), ElementsAre("a"));
  EXPECT_TRUE(node.send(retry_of({"a"}, "id")).get()->duplicate);
}

TEST(ReplicatedAppend, IsRefusedWhereThePartitionIsNotLed) {
  ClusterNode node;
  EXPECT_EQ(node.send(retry_of({"a"}, "id")).get().error().code, ErrorCode::kUnavailable);
  node.lead(2);
  node.stop_leading();
  EXPECT_EQ(node.send(retry_of({"a"}, "id")).get().error().code, ErrorCode::kUnavailable);
}

TEST(ReplicatedAppend, IsForgottenWhenItGetsNoPlace) {
  ClusterNode node;
  node.lead(2);
  node.replicator->copy().leads = 3;  // The store has not heard of it yet.
  EXPECT_EQ(node.send(retry_of({"a"}, "id")).get().error().code, ErrorCode::kUnavailable);
  node.lead(3);
  node.append_and_commit({"a"}, "id");
  EXPECT_THAT(node.ids(), ElementsAre("a"));
}

TEST(ReplicatedAppend, IsAnsweredWhenTheStoreStops) {
  ClusterNode node;
  node.lead(2);
  auto answer = node.append({"a"});
  auto retry = node.send(retry_of({"a"}, "id"));
  node.store->stop();
  EXPECT_EQ(answer.get().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(retry.get().error().code, ErrorCode::kUnavailable);
}

TEST(ReplicatedRetry, WaitsForTheCommitOfTheFirst) {
  ClusterNode node;
  node.lead(2);
  auto first = node.append({"a"}, "id");
  auto retry = node.send(retry_of({"a"}, "id"));
  AppendRequest event = request(events({"a"}));
  event.event_ids = {"event"};
  auto by_event = node.send(event);
  auto event_again = node.send(event);
  EXPECT_TRUE(is_open(retry));
  node.commit(1);
  EXPECT_FALSE(first.get()->duplicate);
  EXPECT_TRUE(retry.get()->duplicate);
  EXPECT_TRUE(is_open(by_event));
  EXPECT_TRUE(is_open(event_again));
  ASSERT_TRUE(node.replicator->wait_durable(0, 2));
  auto event_later = node.send(event);
  EXPECT_TRUE(is_open(event_later));
  node.commit(2);
  EXPECT_THAT(by_event.get()->duplicate_rows, IsEmpty());
  EXPECT_THAT(event_again.get()->duplicate_rows, ElementsAre(0));
  EXPECT_THAT(event_later.get()->duplicate_rows, ElementsAre(0));
}

TEST(ReplicatedRetry, IsTakenAgainWhenLeadershipEnds) {
  ClusterNode node;
  node.lead(2);
  auto first = node.append({"a"}, "id");
  auto retry = node.send(retry_of({"a"}, "id"));
  node.stop_leading();
  EXPECT_EQ(retry.get().error().code, ErrorCode::kUnavailable);
  // It is in the log: whoever leads next finds it there.
  node.lead(3);
  auto later = node.send(retry_of({"a"}, "id"));
  EXPECT_TRUE(is_open(later));
  node.commit(1);
  EXPECT_TRUE(later.get()->duplicate);
  EXPECT_THAT(node.ids(), ElementsAre("a"));
}

TEST(ReplicatedLogDisk, ThatIsFullIsTriedUntilItIsNot) {
  ClusterNode node;
  node.lead(2);
  node.append_and_commit({"a"});
  node.disk.set_free_bytes(10);
  auto answer = node.send(retry_of({"b"}, "id"));
  while (node.store->takes_events().has_value()) {
  }
  EXPECT_EQ(node.send(retry_of({"c"}, "other")).get().error().code, ErrorCode::kUnavailable);
  node.disk.set_free_bytes(1 << 20);
  ASSERT_TRUE(node.replicator->wait_durable(0, 2));
  node.commit(2);
  EXPECT_TRUE(answer.get());
  EXPECT_TRUE(node.send(retry_of({"b"}, "id")).get()->duplicate);
  node.restart();
  EXPECT_EQ(node.restored().log_end, 2U);
}

TEST(ReplicatedLogDisk, ThatFailsToSyncEndsTheLog) {
  ClusterNode node;
  node.lead(2);
  node.append_and_commit({"a"});
  node.disk.fail_sync(0);
  auto answer = node.send(retry_of({"b"}, "id"));
  EXPECT_TRUE(node.replicator->wait_failed());
  EXPECT_EQ(answer.get().error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(node.store->health());
}

// --- Copies --------------------------------------------------------------------------------------

TEST(ReplicatedCopy, HasTheSameBytesAndIsTheSameAfterARestart) {
  ClusterNode leader;
  leader.lead(2);
  leader.append_and_commit({"a", "b"}, "one");
  leader.append_and_commit({"c"}, "two");
  ClusterNode follower;
  follower.change_and_wait({kOnly, 0, AppendBatches{leader.read({0, 3})}});
  EXPECT_THAT(follower.ids(), IsEmpty());
  EXPECT_EQ(payloads(follower.read({0, 3})), payloads(leader.read({0, 3})));
  follower.restart();
  leader.restart();
  expect_same(follower.restored(), {.log_end = 3, .epochs = {{2, 0}}});
  expect_same(leader.restored(), follower.restored());
  EXPECT_EQ(payloads(follower.read({0, 3})), payloads(leader.read({0, 3})));
  follower.lead(3);
  EXPECT_THAT(follower.ids(), IsEmpty());
  auto retry = follower.send(retry_of({"a", "b"}, "one"));
  EXPECT_TRUE(is_open(retry));
  follower.commit(3);
  EXPECT_TRUE(retry.get()->duplicate);
  EXPECT_THAT(follower.ids(), ElementsAre("a", "b", "c"));
}

TEST(ReplicatedCopy, MakesKnownWhatWasCommittedBeforeItIsWritten) {
  ClusterNode leader;
  leader.lead(2);
  leader.append_and_commit({"a"}, "one");
  ClusterNode follower;
  follower.change({kOnly, 0, AppendBatches{leader.read({0, 1})}});
  follower.lead(3, 1);
  ASSERT_TRUE(follower.replicator->wait_durable(0, 1));
  EXPECT_TRUE(follower.send(retry_of({"a"}, "one")).get()->duplicate);
  EXPECT_THAT(follower.ids(), ElementsAre("a"));
}

TEST(ReplicatedCopy, RefusesRecordsThatDoNotFit) {
  ClusterNode leader;
  leader.lead(2);
  leader.append_and_commit({"a"});
  const Batch good = leader.read({0, 1}).at(0);
  const auto refuses = [&](const Batch& batch) {
    ClusterNode node;
    const auto done = node.log().change_log({kOnly, 0, AppendBatches{{batch}}});
    return !done && done.error().code == ErrorCode::kCorruption;
  };
  EXPECT_FALSE(refuses(good));
  Batch other = good;
  other.base = 7;
  EXPECT_TRUE(refuses(other));
  other = good;
  other.epoch = 1;
  EXPECT_TRUE(refuses(other));
  other = good;
  other.payload = nullptr;
  EXPECT_TRUE(refuses(other));
  for (std::size_t size = 0; size < good.payload->size(); ++size) {
    other.payload = std::make_shared<const std::string>(good.payload->substr(0, size));
    EXPECT_TRUE(refuses(other));
  }
}

TEST(ReplicatedCopy, GoesWhenItIsRemovedAndMayComeAgain) {
  ClusterNode node;
  node.lead(2);
  node.append_and_commit({"a"}, "id");
  node.stop_leading();
  node.log().remove(kOnly);
  node.replicator->copy() = {};
  node.replicator->copy().removals = 1;
  node.lead(4);
  // A retry is compared with the new copy, however long the old one takes to go.
  auto retry = node.send(retry_of({"b"}, "id"));
  ASSERT_TRUE(node.replicator->wait_durable(0, 1));
  EXPECT_TRUE(is_open(retry));
  node.commit(1);
  EXPECT_FALSE(retry.get()->duplicate);
  EXPECT_THAT(node.ids(), ElementsAre("b"));
  EXPECT_EQ(node.replicator->last_durable()->removals, 1U);
  node.restart();
  expect_same(node.restored(), {.log_end = 1, .epochs = {{4, 0}}});
  node.log().remove(kOnly);
  node.restart();
  EXPECT_THAT(node.log().restored(), IsEmpty());
}

// --- Truncation and reset ------------------------------------------------------------------------

TEST(ReplicatedTruncation, UndoesRowsAndBatchIdsAlsoAfterARestart) {
  ClusterNode node;
  node.lead(2);
  node.append_and_commit({"a"}, "one");
  auto lost = node.append({"b", "c"}, "two");
  node.stop_leading();
  EXPECT_FALSE(lost.get());
  node.change_and_wait({kOnly, 1, TruncateLog{1}});
  EXPECT_EQ(node.log().read_log(kOnly, 0, {0, 1}, kNoLimit).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(node.log().read_log(kOnly, 1, {1, 3}, kNoLimit).error().code, ErrorCode::kNotFound);
  node.lead(4, 1);
  node.append_and_commit({"d"}, "three");
  node.append_and_commit({"b", "c"}, "two");
  EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c", "d"));
  const auto before = payloads(node.read({0, 4}));
  EXPECT_EQ(before.size(), 3U);
  for (int start = 0; start < 2; ++start) {
    node.restart();
    expect_same(node.restored(), {.log_end = 4, .epochs = {{2, 0}, {4, 1}}});
    EXPECT_EQ(payloads(node.read({0, 4})), before);
  }
  node.lead(5, 4);
  EXPECT_EQ(node.send(retry_of({"b", "c"}, "two")).get()->offsets, (OffsetRange{2, 4}));
  EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c", "d"));
}

TEST(ReplicatedTruncation, IsReadBackRightBeforeItIsWritten) {
  ClusterNode node;
  node.lead(2);
  node.append({"a"});
  node.append({"b"});
  node.stop_leading();
  const auto kept = payloads(node.read({0, 1}));
  node.change({kOnly, 1, TruncateLog{1}});
  EXPECT_EQ(payloads(node.read({0, 1})), kept);
  node.lead(3);
  ASSERT_TRUE(node.replicator->wait_durable(1, 1));
  auto answer = node.send(retry_of({"c"}, "id"));
  EXPECT_EQ(node.read({0, 2}).size(), 2U);
  ASSERT_TRUE(node.replicator->wait_durable(1, 2));
  EXPECT_EQ(node.read({0, 2}).at(1).epoch, 3U);
}

TEST(ReplicatedReset, StartsAnewWithTheIdsOfWhatIsBelow) {
  ClusterNode leader;
  leader.lead(2);
  leader.append_and_commit({"a"}, "one");
  leader.append_and_commit({"b", "c"}, "two");
  ClusterNode follower;
  follower.lead(3);
  follower.append({"x"}, "x");
  follower.stop_leading();
  follower.change_and_wait({kOnly, 1, ResetLog{1, {{2, 0}}, leader.log().dedup_below(kOnly, 1)}});
  follower.change_and_wait({kOnly, 1, AppendBatches{leader.read({1, 3})}});
  EXPECT_EQ(follower.log().read_log(kOnly, 1, {0, 1}, kNoLimit).error().code, ErrorCode::kNotFound);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(payloads(follower.read({1, 3})), payloads(leader.read({1, 3})));
    follower.restart();
    expect_same(follower.restored(), {.log_start = 1, .log_end = 3, .epochs = {{2, 0}}});
  }
  follower.lead(4, 3);
  EXPECT_TRUE(follower.send(retry_of({"a"}, "one")).get()->duplicate);
  EXPECT_TRUE(follower.send(retry_of({"b", "c"}, "two")).get()->duplicate);
  follower.append_and_commit({"x"}, "x");
  EXPECT_THAT(follower.ids(), ElementsAre("b", "c", "x"));
}

// --- Reading back --------------------------------------------------------------------------------

TEST(ReplicatedLogReading, GivesTheSameBytesFromMemoryAndDiskOverManyFiles) {
  ClusterNode node;
  node.options.wal.file_bytes_max = 600;
  node.restart();
  const PartitionId other{1};
  node.lead(2);
  node.lead(2, 0, other);
  for (int i = 0; i < 30; ++i) {
    node.append({"a" + std::to_string(i), "b"});
    AppendRequest foreign = request(events({"other"}));
    foreign.partition = other;
    auto answer = node.send(foreign);
  }
  EXPECT_GT(node.store->stats().wal_files, 5U);
  const auto all = node.read({0, 60});
  ASSERT_EQ(all.size(), 30U);
  const auto middle = node.read({20, 41});
  node.restart();
  EXPECT_EQ(payloads(node.read({0, 60})), payloads(all));
  EXPECT_EQ(payloads(node.read({20, 41})), payloads(middle));
  EXPECT_EQ(middle.front().base, 20U);
  EXPECT_EQ(middle.back().end(), 40U);
  // At least one, however small the limit.
  EXPECT_EQ(node.read({0, 60}, 1).size(), 1U);
  // Behind the end, and in the middle of a batch, none begins.
  for (const OffsetRange offsets : {OffsetRange{60, 70}, OffsetRange{21, 60}}) {
    EXPECT_EQ(node.log().read_log(kOnly, 0, offsets, kNoLimit).error().code, ErrorCode::kNotFound);
  }
}

TEST(ReplicatedLogReading, FindsDamage) {
  ClusterNode node;
  node.lead(2);
  node.append({"a"});
  node.restart();
  const std::string path = "data/wal/wal-00000000000000000001";
  node.disk.flip_bit(path, 8 * (node.disk.contents(path).size() - 1));
  EXPECT_EQ(node.log().read_log(kOnly, 0, {0, 1}, kNoLimit).error().code, ErrorCode::kCorruption);
}

// --- Flushing and trimming -----------------------------------------------------------------------

TEST(ReplicatedFlush, KeepsRowsInMemoryUntilItIsApplied) {
  ClusterNode node;
  node.lead(node.row().leader_epoch);
  node.append_and_commit({"a", "b"}, "id");
  auto uncommitted = node.append({"c"});
  node.replicator->flushable_[kOnly] = {node.row().leader_epoch, {0, 2}};
  ASSERT_TRUE(node.store->flush_now());
  EXPECT_EQ(node.row().flushed_offset, 2U);
  EXPECT_THAT(node.ids(), ElementsAre("a", "b"));
  EXPECT_EQ(node.store->stats().memtable_batches, 1U);
  node.commit(3);
  EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(node.log().read_tail(kOnly, 0).error().code, ErrorCode::kConflict);
  EXPECT_EQ(node.log().read_tail(kOnly, 3).error().code, ErrorCode::kConflict);
  const auto slice = node.log().read_tail(kOnly, 2);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->offsets, (OffsetRange{2, 3}));
  EXPECT_EQ(slice->batches.size(), 1U);
}

TEST(ReplicatedFlush, ThatAnotherLeaderOvertookLosesNothing) {
  ClusterNode node;
  const LeaderEpoch epoch = node.row().leader_epoch;
  node.lead(epoch);
  node.append_and_commit({"a"}, "id");
  node.replicator->flushable_[kOnly] = {epoch, {0, 1}};
  node.move_leader(2);  // The store has not heard of it yet.
  ASSERT_TRUE(node.store->flush_now());
  EXPECT_EQ(node.row().flushed_offset, 0U);
  EXPECT_EQ(node.store->stats().staged_segments, 0U);
  EXPECT_THAT(*node.disk.list("data/staging"), IsEmpty());
  EXPECT_THAT(node.ids(), ElementsAre("a"));
  node.stop_leading();
  node.move_leader(1);
  node.lead(node.row().leader_epoch, 1);
  node.replicator->flushable_[kOnly] = {node.row().leader_epoch, {0, 1}};
  ASSERT_TRUE(node.store->flush_now());
  EXPECT_EQ(node.row().flushed_offset, 1U);
  EXPECT_THAT(node.ids(), ElementsAre("a"));
}

TEST(ReplicatedTrim, KeepsWhatIsNeededAndKnowsItsStartAfterwards) {
  ClusterNode node;
  node.options.wal.file_bytes_max = 1;  // Every group in a file of its own.
  node.restart();
  const LeaderEpoch epoch = node.row().leader_epoch;
  node.lead(epoch);
  for (const char* id : {"a", "b", "c"}) node.append_and_commit({id}, id);
  node.replicator->flushable_[kOnly] = {epoch, {0, 3}};
  node.replicator->trimmable_[kOnly] = 2;
  const auto kept = payloads(node.read({2, 3}));
  ASSERT_TRUE(node.store->flush_now());
  EXPECT_EQ(node.replicator->trimmed_[kOnly], 2U);
  EXPECT_EQ(node.row().flushed_offset, 3U);
  for (int start = 0; start < 2; ++start) {
    node.restart();
    expect_same(node.restored(), {.log_start = 2, .log_end = 3, .epochs = {{epoch, 0}}});
    EXPECT_EQ(payloads(node.read({2, 3})), kept);
    EXPECT_FALSE(node.log().read_log(kOnly, 0, {0, 1}, kNoLimit));
  }
  node.lead(epoch + 1, 3);
  for (const char* id : {"a", "b", "c"})
    EXPECT_TRUE(node.send(retry_of({id}, id)).get()->duplicate);
  EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c"));
}

TEST(ReplicatedTrim, OfEverythingLeavesAnEmptyLogThatGoesOn) {
  ClusterNode node;
  node.options.wal.file_bytes_max = 1;
  node.restart();
  const LeaderEpoch epoch = node.row().leader_epoch;
  node.lead(epoch);
  node.append_and_commit({"a", "b"}, "id");
  // A record of another partition, so that the batch's file is not the one that is written.
  node.change({PartitionId(1), 0, EpochBegan{1, 0}});
  ASSERT_TRUE(node.replicator->wait_durable(0, 0, PartitionId(1)));
  node.propose(metadata::CommitFlush{{{kOnly, epoch, 0, 2}}, {[] {
                                       metadata::SegmentEntry segment;
                                       segment.object_key = "s";
                                       segment.size_bytes = 1;
                                       segment.rows = 2;
                                       segment.index = "main";
                                       segment.parts = {{kOnly, {0, 2}, 2}};
                                       return segment;
                                     }()}});
  node.log().apply(node.metadata->state());
  node.replicator->trimmable_[kOnly] = 2;
  ASSERT_TRUE(node.store->flush_now());
  EXPECT_EQ(node.replicator->trimmed_[kOnly], 2U);
  node.restart();
  expect_same(node.restored(), {.log_start = 2, .log_end = 2, .epochs = {{epoch, 0}}});
  node.lead(epoch + 1, 2);
  EXPECT_TRUE(node.send(retry_of({"a", "b"}, "id")).get()->duplicate);
}

TEST(ReplicatedTrim, IsNotUndoneByFilesThatAPowerLossBringsBack) {
  ClusterNode node;
  node.options.wal.file_bytes_max = 1;
  node.restart();
  const LeaderEpoch epoch = node.row().leader_epoch;
  node.lead(epoch);
  std::map<std::string, std::string> files;
  for (const char* id : {"a", "b", "c", "d"}) node.append_and_commit({id}, id);
  const auto names = *node.disk.list("data/wal");
  for (const std::string& name : names) files[name] = node.disk.contents("data/wal/" + name);
  node.replicator->flushable_[kOnly] = {epoch, {0, 4}};
  node.replicator->trimmable_[kOnly] = 3;
  ASSERT_TRUE(node.store->flush_now());
  const Restored expected{.log_start = 3, .log_end = 4, .epochs = {{epoch, 0}}};
  node.restart();
  expect_same(node.restored(), expected);
  for (const auto& [name, bytes] : files) {
    SCOPED_TRACE(name);
    if (node.disk.exists("data/wal/" + name)) continue;
    node.close();
    node.disk.set_contents("data/wal/" + name, bytes);
    node.open();
    EXPECT_EQ(node.restored().log_end, 4U);
    EXPECT_LE(node.restored().log_start, 3U);
    node.close();
    (void)node.disk.remove("data/wal/" + name);
    node.open();
  }
}

TEST(ReplicatedLag, BelowWhatIsFlushedIsNoDamage) {
  ClusterNode leader;
  const LeaderEpoch epoch = leader.row().leader_epoch;
  leader.lead(epoch);
  for (const char* id : {"a", "b", "c"}) leader.append_and_commit({id}, id);
  ClusterNode follower;
  follower.change_and_wait({kOnly, 0, AppendBatches{leader.read({0, 1})}});
  metadata::SegmentEntry segment;
  segment.object_key = "s";
  segment.size_bytes = 1;
  segment.rows = 2;
  segment.index = "main";
  segment.parts = {{kOnly, {0, 2}, 2}};
  follower.propose(metadata::CommitFlush{{{kOnly, epoch, 0, 2}}, {segment}});
  follower.log().apply(follower.metadata->state());
  EXPECT_EQ(follower.store->stats().memtable_bytes, 0U);
  follower.restart();
  expect_same(follower.restored(), {.log_end = 1, .epochs = {{epoch, 0}}});
  follower.change_and_wait({kOnly, 0, AppendBatches{leader.read({1, 2})}});
  EXPECT_EQ(follower.store->stats().memtable_bytes, 0U);
  follower.change_and_wait({kOnly, 0, AppendBatches{leader.read({2, 3})}});
  EXPECT_EQ(follower.store->stats().memtable_batches, 1U);
  follower.restart();
  EXPECT_EQ(follower.store->stats().memtable_batches, 1U);
  follower.lead(epoch + 1, 3);
  const auto slice = follower.log().read_tail(kOnly, 2);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->offsets, (OffsetRange{2, 3}));
}

}  // namespace
}  // namespace lynxdb::storage
