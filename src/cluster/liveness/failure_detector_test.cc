// A silent node gets its time, a dead one none, and a new leader starts counting anew.
#include "cluster/liveness/failure_detector.h"

#include <gtest/gtest.h>

namespace lynxdb::cluster {
namespace {

metadata::State state_of(std::initializer_list<metadata::NodeEpoch> epochs) {
  metadata::State state;
  for (const metadata::NodeEpoch epoch : epochs) {
    metadata::NodeEntry node;
    node.id = metadata::NodeId(static_cast<std::uint32_t>(state.nodes.size()) + 1);
    node.epoch = epoch;
    node.fenced = epoch == 0;
    state.nodes.emplace(node.id, node);
  }
  return state;
}

class Detector : public ::testing::Test {
 protected:
  std::vector<std::uint32_t> dead(std::int64_t now_ms) const {
    std::vector<std::uint32_t> ids;
    for (const auto& fence : detector_.dead(now_ms)) ids.push_back(fence.node.value());
    return ids;
  }

  FailureDetector detector_{{.fence_timeout = std::chrono::milliseconds(6000), .refusals_max = 2}};
};

const metadata::NodeId kFirst{1};
const metadata::NodeId kSecond{2};

TEST_F(Detector, WhoIsNotHeardForTheFenceTimeIsDead) {
  detector_.update(state_of({1, 1}), 1000);
  detector_.heard(kFirst, 1, 3000);
  EXPECT_EQ(dead(6999), std::vector<std::uint32_t>{});
  EXPECT_EQ(dead(7000), std::vector<std::uint32_t>{2});
  EXPECT_EQ(dead(9000), (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(Detector, AClosedPortIsDeathAtOnceUnlessItOpensAgain) {
  detector_.update(state_of({1, 1}), 0);
  detector_.refused(kFirst);
  EXPECT_EQ(dead(10), std::vector<std::uint32_t>{});
  detector_.answered(kFirst);
  detector_.refused(kFirst);
  EXPECT_EQ(dead(10), std::vector<std::uint32_t>{});
  detector_.refused(kFirst);
  EXPECT_EQ(dead(10), std::vector<std::uint32_t>{1});
}

TEST_F(Detector, AHeartbeatOfAnEarlierLifeCountsForNothing) {
  detector_.update(state_of({1, 2}), 0);
  detector_.heard(kSecond, 1, 5000);
  detector_.heard(kFirst, 1, 5000);
  EXPECT_EQ(dead(6000), std::vector<std::uint32_t>{2});
}

TEST_F(Detector, ANewLifeGetsTheFullTime) {
  detector_.update(state_of({1}), 0);
  detector_.update(state_of({2}), 5900);
  EXPECT_EQ(dead(6000), std::vector<std::uint32_t>{});
  EXPECT_EQ(dead(11900), std::vector<std::uint32_t>{1});
}

TEST_F(Detector, TheFencedAreNotFencedAgain) {
  detector_.update(state_of({1, 1}), 0);
  detector_.update(state_of({0, 1}), 6000);
  EXPECT_EQ(dead(60'000), std::vector<std::uint32_t>{2});
}

// It may be unfenced before the next update, which then never sees it fenced.
TEST_F(Detector, WhoComesBackBetweenTwoLooksGetsTheFullTime) {
  detector_.update(state_of({1}), 0);
  detector_.fenced({kFirst, 1});
  detector_.update(state_of({1}), 6100);
  EXPECT_EQ(dead(6200), std::vector<std::uint32_t>{});
  EXPECT_EQ(dead(12'100), std::vector<std::uint32_t>{1});
}

TEST_F(Detector, ANewLeaderStartsAllTimersAfresh) {
  detector_.update(state_of({1}), 0);
  detector_.lead();
  detector_.update(state_of({1}), 5000);
  EXPECT_EQ(dead(10'999), std::vector<std::uint32_t>{});
  EXPECT_EQ(dead(11'000), std::vector<std::uint32_t>{1});
}

}  // namespace
}  // namespace lynxdb::cluster
