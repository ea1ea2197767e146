// Copies and leaders end up even, few of them move, and no step leaves a partition with less.
#include "cluster/placement/placement.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace lynxdb::cluster {
namespace {

using metadata::NodeId;

class Placement : public ::testing::Test {
 protected:
  void create(std::uint32_t partitions, std::uint32_t nodes) {
    apply(metadata::CreateCluster{"c", partitions, 3, 2});
    for (std::uint32_t i = 0; i < nodes; ++i) add_node();
  }

  NodeId add_node() {
    metadata::RegisterNode command;
    command.name = "node-" + std::to_string(state_.next_node_id.value());
    command.roles = metadata::kAllRoles;
    command.cluster_address = "a:1";
    command.log_is_whole = true;
    const NodeId id = state_.next_node_id;
    apply(command);
    apply(metadata::UnfenceNode{id, 1});
    return id;
  }

  void fence(NodeId node) { apply(metadata::FenceNode{node, state_.nodes.at(node).epoch}); }

  void apply(const metadata::Command& command) {
    auto next = metadata::apply_command(state_, command);
    ASSERT_TRUE(next) << next.error().message;
    state_ = *std::move(next);
  }

  // Followers catch up: every live replica joins the ISR.
  void catch_up() {
    for (const auto& [id, partition] : std::map(state_.partitions)) {
      if (!partition.copies.leader) continue;
      std::vector<metadata::ChangeIsr::Member> isr;
      for (const NodeId node : partition.copies.replicas)
        if (!state_.nodes.at(node).fenced) isr.push_back({node, state_.nodes.at(node).epoch});
      if (isr.size() == partition.copies.isr.size()) continue;
      apply(metadata::ChangeIsr{id, partition.leader_epoch, partition.partition_epoch, isr});
    }
  }

  // Until there is nothing left to do; every step is checked.
  void settle() {
    for (int round = 0; round < 1000; ++round) {
      const auto commands = plan_placement(state_, gone_, options_);
      if (commands.empty()) return;
      for (const auto& command : commands) {
        const auto before = state_.partitions;
        apply(command);
        ASSERT_EQ(metadata::find_fault(state_), "");
        expect_no_loss(before);
      }
      EXPECT_LE(on_the_move(), allowed_moves_);
      catch_up();
    }
    FAIL() << "it never comes to rest";
  }

  void expect_no_loss(const std::map<metadata::PartitionId, metadata::PartitionState>& before) {
    for (const auto& [id, partition] : state_.partitions) {
      const auto& old = before.at(id).copies;
      const auto complete = partition.copies.isr.size();
      EXPECT_TRUE(complete >= old.isr.size() || complete >= 3) << id.value();
      for (const NodeId node : partition.copies.replicas) {
        const bool is_new =
            std::find(old.replicas.begin(), old.replicas.end(), node) == old.replicas.end();
        copied_ += is_new ? 1 : 0;
      }
    }
  }

  std::size_t on_the_move() const {
    return static_cast<std::size_t>(
        std::count_if(state_.partitions.begin(), state_.partitions.end(),
                      [&](const auto& entry) { return entry.second.copies.replicas.size() > 3; }));
  }

  std::vector<int> copies() const {
    std::map<NodeId, int> counts;
    for (const auto& [id, node] : state_.nodes)
      if (!gone_.contains(id)) counts[id] = 0;
    for (const auto& [id, partition] : state_.partitions)
      for (const NodeId node : partition.copies.replicas) ++counts[node];
    return values(counts);
  }

  std::vector<int> leads() const {
    std::map<NodeId, int> counts;
    for (const auto& [id, node] : state_.nodes)
      if (!node.fenced) counts[id] = 0;
    for (const auto& [id, partition] : state_.partitions)
      if (partition.copies.leader) ++counts[*partition.copies.leader];
    return values(counts);
  }

  static std::vector<int> values(const std::map<NodeId, int>& counts) {
    std::vector<int> values;
    for (const auto& [id, count] : counts) values.push_back(count);
    return values;
  }

  static void expect_even(const std::vector<int>& counts) {
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    EXPECT_LE(*most - *least, 1) << ::testing::PrintToString(counts);
  }

  metadata::State state_;
  std::set<NodeId> gone_;
  PlacementOptions options_;
  std::size_t allowed_moves_ = 2;
  int copied_ = 0;
};

TEST_F(Placement, NewPartitionsAreSpreadWithTheirLeaders) {
  create(64, 3);
  settle();
  EXPECT_EQ(copies(), (std::vector<int>{64, 64, 64}));
  expect_even(leads());
}

TEST_F(Placement, WhatTwoLostNodesHadIsCopiedAnewByThoseThatAreLeft) {
  create(60, 5);
  settle();
  const NodeId first(1);
  const NodeId second(2);
  fence(first);
  fence(second);
  gone_ = {first, second};
  allowed_moves_ = 60;
  settle();
  // One that both had is led by nobody else before its copies are complete; then they are gone.
  for (const auto& [id, partition] : state_.partitions) {
    EXPECT_EQ(partition.copies.isr.size(), 3U) << id.value();
    EXPECT_EQ(partition.copies.replicas.size(), 3U) << id.value();
  }
}

TEST_F(Placement, NothingBeginsBeforeThereAreEnoughNodes) {
  create(8, 1);
  EXPECT_TRUE(plan_placement(state_, {}, options_).empty());
  add_node();
  settle();
  EXPECT_EQ(copies(), (std::vector<int>{8, 8}));
  add_node();
  settle();
  EXPECT_EQ(copies(), (std::vector<int>{8, 8, 8}));
  expect_even(leads());
}

TEST_F(Placement, AFourthNodeGetsItsShareAndNoMoreIsCopied) {
  create(64, 3);
  settle();
  copied_ = 0;
  add_node();
  settle();
  EXPECT_EQ(copies(), (std::vector<int>{48, 48, 48, 48}));
  EXPECT_EQ(copied_, 48);
  expect_even(leads());
}

TEST_F(Placement, OnlyTheCopiesOfAGoneNodeAreMadeAnew) {
  create(64, 4);
  settle();
  copied_ = 0;
  const NodeId victim{2};
  fence(victim);
  EXPECT_EQ(copied_, 0);
  gone_.insert(victim);
  settle();
  EXPECT_EQ(copied_, 48);
  EXPECT_EQ(copies(), (std::vector<int>{64, 64, 64}));
  expect_even(leads());
  apply(metadata::RemoveNode{victim});
}

TEST_F(Placement, AFencedNodeThatMayComeBackKeepsItsCopies) {
  create(64, 4);
  settle();
  copied_ = 0;
  fence(NodeId{3});
  settle();
  EXPECT_EQ(copied_, 0);
  apply(metadata::UnfenceNode{NodeId{3}, 1});
  catch_up();
  settle();
  expect_even(leads());
}

TEST_F(Placement, OfThreeNodesAGoneOneIsNotReplacedAndKeepsItsPlace) {
  create(16, 3);
  settle();
  fence(NodeId{1});
  gone_.insert(NodeId{1});
  copied_ = 0;
  settle();
  EXPECT_EQ(copied_, 0);
  for (const auto& [id, partition] : state_.partitions) EXPECT_TRUE(partition.copies.leader);
}

TEST_F(Placement, WithoutBalancingWhatIsCompleteStays) {
  create(16, 3);
  settle();
  options_.balances = false;
  add_node();
  EXPECT_TRUE(plan_placement(state_, {}, options_).empty());
}

TEST_F(Placement, WhatAPersonWantsBalancedIsBalancedOnce) {
  create(16, 3);
  settle();
  options_.balances = false;
  add_node();
  apply(metadata::WantRebalance{true});
  settle();
  EXPECT_EQ(copies(), (std::vector<int>{12, 12, 12, 12}));
  expect_even(leads());
  EXPECT_FALSE(state_.rebalance_wanted);
}

TEST_F(Placement, ADrainingNodeGivesItsCopiesAwayAndIsForgottenOnceItStops) {
  create(64, 4);
  settle();
  copied_ = 0;
  const NodeId leaving{2};
  apply(metadata::DrainNode{leaving, true});
  settle();
  EXPECT_EQ(copied_, 48);
  EXPECT_EQ(copies(), (std::vector<int>{64, 0, 64, 64}));
  EXPECT_TRUE(state_.nodes.contains(leaving));
  fence(leaving);
  settle();
  EXPECT_FALSE(state_.nodes.contains(leaving));
  expect_even(leads());
}

TEST_F(Placement, OfThreeNodesADrainingOneLeavesTwoCopies) {
  create(16, 3);
  settle();
  allowed_moves_ = 16;
  apply(metadata::DrainNode{NodeId{1}, true});
  for (int round = 0; round < 100; ++round) {
    for (const auto& command : plan_placement(state_, gone_, options_)) apply(command);
    catch_up();
  }
  EXPECT_EQ(copies(), (std::vector<int>{0, 16, 16}));
  for (const auto& [id, partition] : state_.partitions) {
    EXPECT_TRUE(partition.copies.leader);
    EXPECT_EQ(partition.copies.isr.size(), 2U);
  }
}

TEST_F(Placement, ANodeThatShallStayAfterAllGetsItsShareAgain) {
  create(16, 4);
  settle();
  apply(metadata::DrainNode{NodeId{1}, true});
  settle();
  apply(metadata::DrainNode{NodeId{1}, false});
  settle();
  EXPECT_EQ(copies(), (std::vector<int>{12, 12, 12, 12}));
}

TEST_F(Placement, RandomHistoriesComeToRestEvenly) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    std::mt19937 random(seed);
    state_ = {};
    gone_.clear();
    create(1 + random() % 40, 3 + random() % 3);
    settle();
    for (int step = 0; step < 6; ++step) {
      if (random() % 2 == 0 && state_.nodes.size() < 9) {
        add_node();
      } else {
        const auto place = static_cast<std::ptrdiff_t>(random() % state_.nodes.size());
        const metadata::NodeEntry victim = std::next(state_.nodes.begin(), place)->second;
        const auto live = std::count_if(state_.nodes.begin(), state_.nodes.end(),
                                        [](const auto& node) { return !node.second.fenced; });
        if (victim.fenced || live <= 3) continue;
        fence(victim.id);
        gone_.insert(victim.id);
      }
      settle();
      ASSERT_FALSE(HasFailure()) << "seed " << seed << ", step " << step;
    }
    expect_even(leads());
  }
}

}  // namespace
}  // namespace lynxdb::cluster
