// The memtable holds every event of its range once, in order, whatever is merged, sealed or freed
// meanwhile.
#include "storage/memtable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/testing.h"

namespace lynxdb::storage {
namespace {

using testing::add_ids;
using ::testing::ElementsAre;
using testing::events;
using ::testing::SizeIs;

TailBatchPtr batch_at(Offset offset, const std::vector<std::string>& ids) {
  return make_tail_batch(PartitionId(0), offset,
                         std::make_shared<const event::EventBatch>(events(ids)));
}

std::vector<std::string> ids_of(const Memtable& memtable, Offset from, Offset to) {
  std::vector<TailBatchPtr> batches;
  memtable.collect(from, to, batches);
  std::vector<std::string> ids;
  for (const TailBatchPtr& batch : batches) {
    EXPECT_EQ(batch->base_offset, from + ids.size());
    add_ids(*batch->batch, ids);
  }
  return ids;
}

// Appends `count` batches of one event each, merging as the store does.
void append_many(Memtable& memtable, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    memtable.append(batch_at(memtable.end(), {std::to_string(memtable.end())}));
    for (MergePlan plan = memtable.plan_merge(); !plan.batches.empty();
         plan = memtable.plan_merge()) {
      memtable.finish_merge(plan, merge(plan));
    }
  }
}

TEST(Memtable, GivesAnyRangeOfItsEvents) {
  Memtable memtable(10);
  memtable.append(batch_at(10, {"a", "b", "c"}));
  memtable.append(batch_at(13, {"d"}));
  EXPECT_THAT(ids_of(memtable, 10, 14), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(ids_of(memtable, 11, 13), ElementsAre("b", "c"));
  EXPECT_THAT(ids_of(memtable, 13, 13), ElementsAre());
}

TEST(Memtable, FreesWhatIsFlushed) {
  Memtable memtable(0);
  memtable.append(batch_at(0, {"a", "b"}));
  memtable.append(batch_at(2, {"c", "d"}));
  const std::size_t both = memtable.bytes();
  memtable.release_below(2);
  EXPECT_LT(memtable.bytes(), both);
  EXPECT_THAT(ids_of(memtable, 2, 4), ElementsAre("c", "d"));
  memtable.release_below(4);
  EXPECT_EQ(memtable.bytes(), 0U);
  EXPECT_EQ(memtable.begin(), 4U);
}

TEST(Memtable, GivesThePartOfABatchThatIsNotFlushed) {
  Memtable memtable(0);
  memtable.append(batch_at(0, {"a", "b", "c"}));
  memtable.release_below(1);
  EXPECT_THAT(ids_of(memtable, 1, 3), ElementsAre("b", "c"));
}

TEST(Memtable, JoinsSmallBatchesAndKeepsTheirOrder) {
  Memtable memtable(0);
  append_many(memtable, 3000);
  EXPECT_LT(memtable.batches(), 50U);
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 3000; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(ids_of(memtable, 0, 3000), expected);
}

TEST(Memtable, LeavesSealedBatchesAsTheyAre) {
  Memtable memtable(0);
  append_many(memtable, 15);
  memtable.seal();
  append_many(memtable, 5);
  EXPECT_EQ(memtable.batches(), 20U);
  memtable.release_below(15);
  EXPECT_THAT(ids_of(memtable, 15, 17), ElementsAre("15", "16"));
}

TEST(Memtable, DropsAMergeThatASealOvertook) {
  Memtable memtable(0);
  for (Offset i = 0; i < 16; ++i) memtable.append(batch_at(i, {std::to_string(i)}));
  const MergePlan plan = memtable.plan_merge();
  ASSERT_THAT(plan.batches, SizeIs(16));
  memtable.seal();
  memtable.finish_merge(plan, merge(plan));
  EXPECT_EQ(memtable.batches(), 16U);
}

TEST(Memtable, KeepsBatchesWithOtherFieldsApart) {
  Memtable memtable(0);
  for (Offset i = 0; i < 16; ++i) {
    event::EventBatch batch = events({std::to_string(i)});
    for (int field = 0; field < 5; ++field) {
      batch.set("f" + std::to_string(i) + "." + std::to_string(field), event::Column::ints({1}));
    }
    memtable.append(make_tail_batch(PartitionId(0), i,
                                    std::make_shared<const event::EventBatch>(std::move(batch))));
  }
  const MergePlan plan = memtable.plan_merge();
  ASSERT_THAT(plan.batches, SizeIs(16));
  memtable.finish_merge(plan, merge(plan));
  EXPECT_EQ(memtable.batches(), 16U);
  EXPECT_TRUE(memtable.plan_merge().batches.empty());
}

TEST(Memtable, LosesWhatIsCutOff) {
  Memtable memtable(5);
  memtable.append(batch_at(5, {"a", "b", "c"}));
  const std::size_t bytes = memtable.bytes();
  memtable.append(batch_at(8, {"d"}));
  memtable.truncate(8);
  EXPECT_EQ(memtable.bytes(), bytes);
  memtable.truncate(6);
  EXPECT_THAT(ids_of(memtable, 5, 8), ElementsAre("a"));
  memtable.append(batch_at(6, {"e"}));
  EXPECT_THAT(ids_of(memtable, 5, 8), ElementsAre("a", "e"));
  memtable.truncate(3);
  EXPECT_EQ(memtable.begin(), 3U);
  EXPECT_EQ(memtable.end(), 3U);
  EXPECT_EQ(memtable.bytes(), 0U);
}

TEST(Memtable, GivesNothingOfAnEmptyRangeWithinABatch) {
  Memtable memtable(5);
  memtable.append(batch_at(5, {"a", "b", "c"}));
  EXPECT_TRUE(ids_of(memtable, 6, 6).empty());
  EXPECT_TRUE(ids_of(memtable, 7, 6).empty());
}

TEST(Memtable, DropsAMergeOfWhatWasCutOffAndCameAnew) {
  Memtable memtable(0);
  for (Offset i = 0; i < 16; ++i) memtable.append(batch_at(i, {"old"}));
  const MergePlan plan = memtable.plan_merge();
  memtable.truncate(8);
  for (Offset i = 8; i < 16; ++i) memtable.append(batch_at(i, {"new"}));
  memtable.finish_merge(plan, merge(plan));
  EXPECT_EQ(memtable.batches(), 16U);
  EXPECT_THAT(ids_of(memtable, 7, 9), ElementsAre("old", "new"));
}

TEST(TailBatch, KnowsItsTimes) {
  const TailBatchPtr batch = batch_at(0, {"a", "b", "c"});
  EXPECT_EQ(batch->time_min_ns, testing::kNow);
  EXPECT_EQ(batch->time_max_ns, testing::kNow + 2 * testing::kSecond);
  EXPECT_EQ(slice(batch, 1, 2)->time_min_ns, testing::kNow + testing::kSecond);
}

}  // namespace
}  // namespace lynxdb::storage
