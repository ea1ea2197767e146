// Recent batches are given as they were placed, until there is no room for what is written; what
// was cut off is never given.
#include "storage/recent_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr PartitionId kFirst{0};
constexpr PartitionId kSecond{1};
constexpr std::size_t kNoLimit = 1U << 20U;

Batch batch(Offset base, std::size_t bytes = 10) {
  return {base, 1, 1, std::make_shared<const std::string>(bytes, 'x')};
}

std::vector<Offset> bases(const RecentBatches& recent, OffsetRange offsets,
                          std::size_t bytes_max = kNoLimit, Cuts cuts = 0,
                          PartitionId partition = kFirst) {
  const auto batches = recent.read(partition, cuts, offsets, bytes_max);
  std::vector<Offset> found;
  if (!batches) return {~Offset{0}};
  for (const Batch& one : *batches) found.push_back(one.base);
  return found;
}

constexpr Offset kCut = ~Offset{0};

TEST(RecentBatches, AreGivenBeforeTheyAreWritten) {
  RecentBatches recent(1);
  for (Offset base = 0; base < 4; ++base) recent.add(kFirst, batch(base));
  EXPECT_THAT(bases(recent, {1, 3}), ElementsAre(1, 2));
  EXPECT_THAT(bases(recent, {1, 4}, 11), ElementsAre(1, 2));
  EXPECT_THAT(bases(recent, {1, 4}, 1), ElementsAre(1));
  EXPECT_THAT(bases(recent, {0, 4}, kNoLimit, 0, kSecond), IsEmpty());
}

TEST(RecentBatches, MakeRoomOldestFirstOnceTheyAreWritten) {
  RecentBatches recent(25);
  std::uint64_t last = 0;
  for (Offset base = 0; base < 3; ++base) {
    recent.add(kFirst, batch(base));
    last = recent.add(kSecond, batch(base));
  }
  recent.written(last - 2);
  EXPECT_THAT(bases(recent, {2, 3}), ElementsAre(2));
  EXPECT_THAT(bases(recent, {1, 3}), IsEmpty());
  recent.written(last);
  EXPECT_THAT(bases(recent, {2, 3}), ElementsAre(2));
  EXPECT_THAT(bases(recent, {2, 3}, kNoLimit, 0, kSecond), ElementsAre(2));
  EXPECT_THAT(bases(recent, {1, 3}, kNoLimit, 0, kSecond), IsEmpty());
}

TEST(RecentBatches, ThatAreCutOffAreNeverGiven) {
  RecentBatches recent(25);
  for (Offset base = 0; base < 4; ++base) recent.add(kFirst, batch(base));
  recent.truncate(kFirst, 1, 2);
  EXPECT_THAT(bases(recent, {0, 4}), ElementsAre(kCut));
  EXPECT_THAT(bases(recent, {0, 4}, kNoLimit, 1), ElementsAre(0, 1));
  const std::uint64_t last = recent.add(kFirst, batch(2));
  EXPECT_THAT(bases(recent, {2, 4}, kNoLimit, 1), ElementsAre(2));
  recent.written(last);
  EXPECT_THAT(bases(recent, {1, 4}, kNoLimit, 1), ElementsAre(1, 2));
  recent.reset(kFirst, 2, 9);
  EXPECT_THAT(bases(recent, {8, 10}, kNoLimit, 2), ElementsAre(kCut));
  EXPECT_THAT(bases(recent, {9, 10}, kNoLimit, 2), IsEmpty());
  recent.add(kFirst, batch(9));
  EXPECT_THAT(bases(recent, {9, 10}, kNoLimit, 2), ElementsAre(9));
  recent.remove(kFirst);
  EXPECT_THAT(bases(recent, {9, 10}, kNoLimit, 2), ElementsAre(kCut));
  EXPECT_THAT(bases(recent, {9, 10}), IsEmpty());
}

}  // namespace
}  // namespace lynxdb::storage
