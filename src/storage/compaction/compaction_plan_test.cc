// The plan merges what is many and small, neighbours only, and rewrites nothing without need.
#include "storage/compaction/compaction_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metadata/testing.h"

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;
constexpr std::int64_t kToday = 10 * kDay;

class CompactionPlanTest : public ::testing::Test {
 protected:
  void add(std::uint32_t level, std::int64_t time_ns = kToday, const std::string& index = "main",
           std::uint64_t size_bytes = 100) {
    metadata::SegmentEntry segment = metadata::segment_of("k", offset_, offset_ + 1);
    ++offset_;
    segment.id = metadata::SegmentId(offset_);
    segment.level = level;
    segment.index = index;
    segment.size_bytes = size_bytes;
    segment.time_min_ns = segment.time_max_ns = time_ns;
    state_.segments[segment.id] = std::make_shared<const metadata::SegmentEntry>(segment);
  }

  std::vector<CompactionJob> plan() const {
    return plan_compaction(state_, options_, TimeBucket::kDaily, kToday);
  }

  static std::vector<std::uint64_t> ids(const CompactionJob& job) {
    std::vector<std::uint64_t> ids;
    for (const auto& input : job.inputs) ids.push_back(input->id.value());
    return ids;
  }

  CompactionOptions options_{.l0_threshold = 3, .l1_threshold = 2, .l2_target_bytes = 1000};
  metadata::State state_;
  metadata::Offset offset_ = 0;
};

TEST_F(CompactionPlanTest, LeavesFewSegmentsAlone) {
  add(0);
  add(0);
  add(1);
  add(2);
  EXPECT_THAT(plan(), IsEmpty());
}

TEST_F(CompactionPlanTest, MergesFlushedSegmentsOfOneIndexAndDay) {
  for (int i = 0; i < 3; ++i) add(0);
  for (int i = 0; i < 2; ++i) add(0, kToday, "audit");
  for (int i = 0; i < 2; ++i) add(0, kToday - kDay);
  const auto jobs = plan();
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_THAT(ids(jobs[0]), ElementsAre(1, 2, 3));
  EXPECT_EQ(jobs[0].level, 1U);
  EXPECT_EQ(jobs[0].bucket, "1970-01-11");
}

TEST_F(CompactionPlanTest, GrowsTheLastL2SegmentUntilItIsLarge) {
  add(2, kToday, "main", 400);
  add(1, kToday, "main", 300);
  add(1, kToday, "main", 300);
  add(1, kToday, "main", 300);
  ASSERT_THAT(plan(), SizeIs(1));
  EXPECT_THAT(ids(plan()[0]), ElementsAre(1, 2, 3));  // The fourth would be too much.
  EXPECT_EQ(plan()[0].level, 2U);
}

TEST_F(CompactionPlanTest, LeavesALargeL2SegmentAsItIs) {
  add(2, kToday, "main", 900);
  add(1);
  add(1);
  ASSERT_THAT(plan(), SizeIs(1));
  EXPECT_THAT(ids(plan()[0]), ElementsAre(2, 3));
}

TEST_F(CompactionPlanTest, MergesWhatIsLeftOfADayThatIsOver) {
  add(2, 0);
  add(1, 0);
  add(0, 0);
  ASSERT_THAT(plan(), SizeIs(1));
  EXPECT_THAT(ids(plan()[0]), ElementsAre(1, 2, 3));
}

TEST_F(CompactionPlanTest, DoesNotRewriteADayThatIsDone) {
  add(2, 0);
  add(2, 0);
  add(0, -kDay);
  EXPECT_THAT(plan(), IsEmpty());
}

}  // namespace
}  // namespace lynxdb::storage
