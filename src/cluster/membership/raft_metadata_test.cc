// Nodes form a cluster in any order, agree, outlive each other, and take back those that return:
// real members over real connections of this machine.
#include "cluster/membership/raft_metadata.h"

#include <gtest/gtest.h>

#include "cluster/testing.h"

namespace lynxdb::cluster {
namespace {

using testing::within;
using Cluster = testing::ClusterTest;
using std::chrono::seconds;

TEST_F(Cluster, ThreeSeedsFormOneClusterInAnyOrder) {
  start(2);
  start(0);
  start(1);
  const std::string id = formed(0)->cluster_id;
  EXPECT_NE(id, "");
  EXPECT_EQ(formed(0)->partitions.size(), 4U);
  // The one that came last may have found a cluster, and joined it.
  EXPECT_EQ(formed(1)->cluster_id, id);
  EXPECT_EQ(formed(2)->cluster_id, id);
}

TEST_F(Cluster, ACommandGivenToAnyNodeIsSeenByAll) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) {
    const auto registered = register_node(i);
    ASSERT_TRUE(registered) << registered.error().message;
    EXPECT_NE(metadata::find_node(**registered, "node-" + std::to_string(i + 1)), nullptr);
  }
  expect_agreement();
  const auto state = *nodes_[2]->read_state(within(seconds(30)));
  EXPECT_EQ(state->nodes.size(), 3U);
}

TEST_F(Cluster, ARefusedCommandIsRefusedWhereverItIsGiven) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) {
    formed(i);
    const auto refused = nodes_[i]->propose(metadata::RemoveNode{metadata::NodeId(77)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().message;
  }
}

TEST_F(Cluster, WithoutItsLeaderItGoesOnAndTheLeaderComesBack) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const std::size_t first = leader();
  stop(first);
  const std::size_t other = (first + 1) % 3;
  const auto registered = register_node(other);
  ASSERT_TRUE(registered) << registered.error().message;
  start(first);
  formed(first);
  expect_agreement();
}

TEST_F(Cluster, ARestartOfAllBringsEverythingBack) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  ASSERT_TRUE(register_node(0));
  const std::string id = formed(0)->cluster_id;
  for (const std::size_t i : {0, 1, 2}) stop(i);
  for (const std::size_t i : {1, 2, 0}) start(i);
  for (const std::size_t i : {0, 1, 2}) EXPECT_EQ(formed(i)->cluster_id, id);
  expect_agreement();
  EXPECT_NE(metadata::find_node(**nodes_[1]->read_state(within(seconds(30))), "node-1"), nullptr);
}

TEST_F(Cluster, ALateSeedJoinsUnderANewIdAndVotes) {
  start(0);
  start(1);
  formed(0);
  for (const std::size_t i : {0, 1}) ASSERT_TRUE(register_node(i));
  start(2);
  formed(2);
  ASSERT_TRUE(register_node(2));
  EXPECT_GT(nodes_[2]->raft_id().value(), kFounderIdMax);
  // Until all know that it is counted for the founder that never came.
  const auto votes_in = [&](std::size_t i) {
    const auto members = nodes_[i]->view()->members;
    return members.voters.size() == 3 && members.is_voter(nodes_[2]->raft_id());
  };
  const Deadline deadline = within(seconds(30));
  while (!(votes_in(0) && votes_in(1) && votes_in(2)) &&
         std::chrono::steady_clock::now() < deadline) {
    // Nobody who is fenced is made a voter; heartbeats do this in a server.
    const auto state = nodes_[0]->state();
    for (const auto& [id, node] : state->nodes)
      if (node.fenced) (void)nodes_[0]->propose(metadata::UnfenceNode{id, node.epoch});
    std::this_thread::yield();
  }
  ASSERT_TRUE(votes_in(0) && votes_in(1) && votes_in(2));
  stop(0);
  EXPECT_TRUE(register_node(2));
  expect_agreement();
}

TEST_F(Cluster, ASeedWithAWipedDiskIsANewMember) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const std::string id = formed(0)->cluster_id;
  const raft::NodeId before = nodes_[1]->raft_id();
  stop(1);
  wipe(1);
  start(1);
  EXPECT_EQ(formed(1)->cluster_id, id);
  EXPECT_NE(nodes_[1]->raft_id(), before);
  ASSERT_TRUE(register_node(1));
  expect_agreement();
  EXPECT_FALSE(nodes_[leader()]->view()->members.is_member(before));
}

TEST_F(Cluster, AFourthNodeJoinsAndFollows) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  start(3);
  formed(3);
  ASSERT_TRUE(register_node(3));
  expect_agreement();
  EXPECT_TRUE(nodes_[leader()]->view()->members.is_learner(nodes_[3]->raft_id()));
}

TEST_F(Cluster, ATwinOfARunningNodeIsRefusedWithItsName) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  auto twin = options(3);
  twin.node_name = "node-1";
  std::promise<Error> failed;
  twin.failed = [&](const Error& error) { failed.set_value(error); };
  const auto started = RaftMetadata::start(*disks_[3], twin);
  ASSERT_TRUE(started);
  auto error = failed.get_future();
  ASSERT_EQ(error.wait_until(within(seconds(30))), std::future_status::ready);
  EXPECT_NE(error.get().message.find("'node-1'"), std::string::npos);
}

TEST_F(Cluster, LeadershipIsHandedOverWhenItIsAskedFor) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const std::size_t first = leader();
  const auto handed = nodes_[first]->hand_over(within(seconds(30)));
  ASSERT_TRUE(handed) << handed.error().message;
  EXPECT_NE(nodes_[first]->view()->role, raft::Role::kLeader);
  EXPECT_TRUE(register_node(first));
}

TEST_F(Cluster, OneOfThreeAloneTakesNothingAndSaysWhy) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  stop(0);
  stop(1);
  const auto lone = nodes_[2]->read_state(within(seconds(3)));
  EXPECT_FALSE(lone);
  // What it knew it still knows.
  EXPECT_NE(nodes_[2]->state()->cluster_id, "");
}

}  // namespace
}  // namespace lynxdb::cluster
