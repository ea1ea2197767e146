// The state machine of a cluster: nodes come and go, and whoever leads a partition has every event
// that was ever committed in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "metadata/command.h"

namespace lynxdb::metadata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr PartitionId kFirst(0);

NodeId node(std::uint32_t id) { return NodeId(id); }

RegisterNode registration(std::uint32_t id, std::uint64_t incarnation = 1,
                          bool log_is_whole = true) {
  return {.name = "n" + std::to_string(id),
          .incarnation = incarnation,
          .roles = kAllRoles,
          .cluster_address = "n" + std::to_string(id) + ":9400",
          .http_address = "n" + std::to_string(id) + ":3100",
          .log_is_whole = log_is_whole};
}

RegisterNode again(RegisterNode command, NodeEpoch epoch) {
  command.expected_epoch = epoch;
  return command;
}

class ClusterState : public ::testing::Test {
 protected:
  ClusterState() {
    apply(CreateCluster{"c", 1, 3, 2});
    for (const std::uint32_t id : {1U, 2U, 3U}) {
      apply(registration(id));
      apply(UnfenceNode{node(id), 1});
    }
    apply(AssignReplicas{kFirst, 1, {node(1), node(2), node(3)}});
  }

  void apply(const Command& command) {
    auto next = apply_command(state_, command);
    ASSERT_TRUE(next.has_value()) << next.error().message;
    state_ = std::move(*next);
    EXPECT_EQ(find_fault(state_), "");
  }
  std::string refusal(const Command& command) const {
    const auto next = apply_command(state_, command);
    return next.has_value() ? "accepted" : next.error().message;
  }
  const PartitionState& partition() const { return state_.partitions.at(kFirst); }
  const Replication& copies() const { return partition().copies; }
  void fence(std::uint32_t id) { apply(FenceNode{node(id), state_.nodes.at(node(id)).epoch}); }
  void unfence(std::uint32_t id) { apply(UnfenceNode{node(id), state_.nodes.at(node(id)).epoch}); }
  ChangeIsr isr_of(std::initializer_list<std::uint32_t> ids) const {
    ChangeIsr change{kFirst, partition().leader_epoch, partition().partition_epoch, {}};
    for (const std::uint32_t id : ids)
      change.isr.push_back({node(id), state_.nodes.at(node(id)).epoch});
    return change;
  }

  State state_;
};

TEST_F(ClusterState, AnotherClusterGoesOnFromItsSegmentsWithNodesOfItsOwn) {
  SegmentEntry segment;
  segment.object_key = "a";
  segment.size_bytes = 100;
  segment.rows = 7;
  segment.index = "main";
  segment.parts = {{kFirst, {0, 7}, 7}};
  apply(CommitFlush{{{kFirst, partition().leader_epoch, 0, 7}}, {segment}});
  std::string left;
  encode(state_, left);
  const auto restored = apply_command(State(), RestoreCluster{"d", 2, 1, left});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(find_fault(*restored), "");
  EXPECT_EQ(restored->cluster_id, "d");
  EXPECT_EQ(restored->replication_factor, 2U);
  EXPECT_THAT(restored->nodes, IsEmpty());
  ASSERT_EQ(restored->segments.size(), 1U);
  EXPECT_EQ(restored->segments.begin()->second->object_key, "a");
  const PartitionState& begun = restored->partitions.at(kFirst);
  EXPECT_EQ(begun.flushed_offset, 7U);
  EXPECT_GT(begun.leader_epoch, partition().leader_epoch);
  EXPECT_THAT(begun.copies.replicas, IsEmpty());
  // Its nodes get copies as in any cluster.
  state_ = *restored;
  for (const std::uint32_t id : {1U, 2U}) {
    apply(registration(id));
    apply(UnfenceNode{node(id), 1});
  }
  apply(AssignReplicas{kFirst, partition().partition_epoch, {node(1), node(2)}});
  EXPECT_EQ(copies().leader, node(1));
  EXPECT_THAT(copies().isr, ElementsAre(node(1), node(2)));
}

TEST_F(ClusterState, WhatIsNoStateRestoresNothing) {
  std::string left;
  encode(state_, left);
  left.back() ^= 1;
  EXPECT_FALSE(apply_command(State(), RestoreCluster{"d", 2, 1, left}));
  EXPECT_FALSE(apply_command(State(), RestoreCluster{"d", 2, 1, ""}));
  left.back() ^= 1;
  EXPECT_THAT(refusal(RestoreCluster{"d", 2, 1, left}), HasSubstr("exists already"));
}

TEST_F(ClusterState, TheFirstReplicaLeadsAndAllAreInSync) {
  EXPECT_EQ(copies().leader, node(1));
  EXPECT_THAT(copies().isr, ElementsAre(node(1), node(2), node(3)));
  EXPECT_THAT(copies().elr, IsEmpty());
}

TEST_F(ClusterState, ASilentLeaderIsReplacedFromTheIsr) {
  const LeaderEpoch before = partition().leader_epoch;
  fence(1);
  EXPECT_EQ(copies().leader, node(2));
  EXPECT_GT(partition().leader_epoch, before);
  EXPECT_THAT(copies().isr, ElementsAre(node(2), node(3)));
  EXPECT_THAT(copies().elr, IsEmpty());
}

TEST_F(ClusterState, WhatADeadNodeLedIsSharedOutAmongThoseWhoStay) {
  state_ = {};
  apply(CreateCluster{"c", 6, 3, 2});
  for (const std::uint32_t id : {1U, 2U, 3U}) {
    apply(registration(id));
    apply(UnfenceNode{node(id), 1});
  }
  for (std::uint32_t p = 0; p < 6; ++p)
    apply(AssignReplicas{PartitionId(p), 1, {node(1), node(2), node(3)}});
  std::map<NodeId, int> led;
  fence(1);
  for (const auto& [id, entry] : state_.partitions) ++led[*entry.copies.leader];
  EXPECT_THAT(led, ElementsAre(Pair(node(2), 3), Pair(node(3), 3)));
}

TEST_F(ClusterState, BelowMinIsrThoseWhoLeaveStayEligible) {
  fence(1);
  fence(2);
  EXPECT_EQ(copies().leader, node(3));
  EXPECT_THAT(copies().elr, ElementsAre(node(2)));
  fence(3);
  EXPECT_EQ(copies().leader, std::nullopt);
  EXPECT_THAT(copies().elr, ElementsAre(node(2), node(3)));
  unfence(1);  // Left when others could still commit.
  EXPECT_EQ(copies().leader, std::nullopt);
  unfence(2);
  EXPECT_EQ(copies().leader, node(2));
  EXPECT_THAT(copies().isr, ElementsAre(node(2)));
  EXPECT_THAT(copies().elr, ElementsAre(node(3)));
  apply(isr_of({2, 1}));
  EXPECT_THAT(copies().elr, IsEmpty());
}

TEST_F(ClusterState, ANodeThatLostItsLogIsNoLongerEligible) {
  fence(1);
  fence(2);
  apply(again(registration(3, 1, false), 1));
  EXPECT_THAT(copies().elr, ElementsAre(node(2)));
  unfence(3);
  EXPECT_EQ(copies().leader, std::nullopt);
}

TEST_F(ClusterState, AnEmptyDiskUnderAnOldNameIsNoLongerEligible) {
  fence(1);
  fence(2);
  fence(3);
  apply(again(registration(2, 99), 1));
  unfence(2);
  EXPECT_EQ(copies().leader, std::nullopt);
  unfence(3);
  EXPECT_EQ(copies().leader, node(3));
}

TEST_F(ClusterState, ASecondNodeOfOneNameIsRefused) {
  EXPECT_THAT(refusal(registration(1, 99)), HasSubstr("a node named n1 is running at n1:9400"));
  fence(1);
  EXPECT_EQ(refusal(again(registration(1, 99), 1)), "accepted");
}

TEST_F(ClusterState, AnEarlierLifeOfANodeChangesNothing) {
  apply(again(registration(2), 1));
  EXPECT_THAT(refusal(UnfenceNode{node(2), 1}), HasSubstr("has epoch 2, not 1"));
  EXPECT_THAT(refusal(FenceNode{node(2), 1}), HasSubstr("has epoch 2, not 1"));
  ChangeIsr change = isr_of({1, 3, 2});
  EXPECT_THAT(refusal(change), HasSubstr("is fenced"));
  unfence(2);
  change = isr_of({1, 3, 2});
  change.isr.back().epoch = 1;
  EXPECT_THAT(refusal(change), HasSubstr("was registered anew"));
}

TEST_F(ClusterState, ARegistrationThatComesTwiceOrLateTakesNothingFromANodeThatLives) {
  const RegisterNode once = again(registration(1), 1);
  apply(once);
  unfence(1);
  apply(isr_of({2, 1}));
  apply(MoveLeader{kFirst, partition().leader_epoch, node(1)});
  EXPECT_THAT(refusal(once), HasSubstr("has epoch 2, not 1"));
  EXPECT_THAT(refusal(registration(1)), HasSubstr("has epoch 2, not 0"));
  EXPECT_EQ(copies().leader, node(1));
}

TEST_F(ClusterState, OnlyTheLeaderOfThisEpochChangesTheIsr) {
  const ChangeIsr old = isr_of({1, 2});
  apply(MoveLeader{kFirst, partition().leader_epoch, node(2)});
  EXPECT_THAT(refusal(old), HasSubstr("has leader epoch"));
  ChangeIsr late = isr_of({2, 3});
  apply(isr_of({2, 1}));
  EXPECT_THAT(refusal(late), HasSubstr("has partition epoch"));
  EXPECT_THAT(refusal(isr_of({1, 3})), HasSubstr("in sync with itself"));
  EXPECT_THAT(refusal(isr_of({2, 2})), HasSubstr("named twice"));
}

TEST_F(ClusterState, LeadershipMovesWithinTheIsr) {
  apply(isr_of({1, 2}));
  EXPECT_THAT(refusal(MoveLeader{kFirst, partition().leader_epoch, node(3)}), HasSubstr("ISR"));
  apply(MoveLeader{kFirst, partition().leader_epoch, node(2)});
  EXPECT_EQ(copies().leader, node(2));
}

TEST_F(ClusterState, ReplicasMoveOnlyWhileEnoughCopiesAreComplete) {
  apply(registration(4));
  unfence(4);
  const auto assign = [&](std::vector<NodeId> replicas) {
    return AssignReplicas{kFirst, partition().partition_epoch, std::move(replicas)};
  };
  EXPECT_THAT(refusal(assign({node(1), node(4)})), HasSubstr("too few complete copies"));
  apply(assign({node(1), node(2), node(3), node(4)}));
  apply(isr_of({1, 2, 3, 4}));
  EXPECT_THAT(refusal(assign({node(4), node(2), node(3)})), HasSubstr("is led by a node"));
  apply(MoveLeader{kFirst, partition().leader_epoch, node(4)});
  apply(assign({node(4), node(2), node(3)}));
  EXPECT_EQ(copies().leader, node(4));
  EXPECT_THAT(copies().isr, ElementsAre(node(2), node(3), node(4)));
}

TEST_F(ClusterState, CopiesOutsideOfTheIsrThatAreCompleteCountAsWell) {
  apply(registration(4));
  unfence(4);
  fence(3);
  fence(2);
  EXPECT_THAT(copies().elr, ElementsAre(node(2)));
  const auto assign = [&](std::vector<NodeId> replicas) {
    return AssignReplicas{kFirst, partition().partition_epoch, std::move(replicas)};
  };
  EXPECT_THAT(refusal(assign({node(1), node(4)})), HasSubstr("too few complete copies"));
  apply(assign({node(1), node(2), node(4)}));
}

TEST_F(ClusterState, ANodeIsRemovedWhenItHasNoCopies) {
  EXPECT_THAT(refusal(RemoveNode{node(1)}), HasSubstr("is running"));
  fence(1);
  EXPECT_THAT(refusal(RemoveNode{node(1)}), HasSubstr("still has a copy of partition 0"));
  apply(AssignReplicas{kFirst, partition().partition_epoch, {node(2), node(3)}});
  apply(RemoveNode{node(1)});
  EXPECT_EQ(find_node(state_, "n1"), nullptr);
}

TEST_F(ClusterState, ANodeThatWasRemovedDoesNotComeBack) {
  RegisterNode fourth = registration(4);
  fourth.raft_id = 77;
  apply(fourth);
  apply(DrainNode{node(4), true});
  EXPECT_THAT(refusal(DrainNode{node(4), true}), HasSubstr("draining already"));
  apply(RemoveNode{node(4)});
  EXPECT_THAT(refusal(DrainNode{node(4), true}), HasSubstr("unknown"));
  fourth.expected_epoch = 0;
  EXPECT_THAT(refusal(fourth), HasSubstr("was removed"));
  fourth.raft_id = 78;
  apply(fourth);
}

TEST_F(ClusterState, APersonMayAcceptLossWhenNobodyElseIsLeft) {
  EXPECT_THAT(refusal(AcceptLoss{kFirst, partition().partition_epoch, node(2)}),
              HasSubstr("has a leader"));
  fence(1);
  fence(2);
  fence(3);
  unfence(1);
  apply(AcceptLoss{kFirst, partition().partition_epoch, node(1)});
  EXPECT_EQ(copies().leader, node(1));
  EXPECT_EQ(copies().losses_accepted, 1U);
}

TEST_F(ClusterState, AnOldLeaderCannotCommitAFlush) {
  const CommitFlush flush{{{kFirst, partition().leader_epoch, 0, 0}}, {}};
  fence(1);
  EXPECT_THAT(refusal(flush), HasSubstr("has leader epoch"));
}

// Random lives of five nodes and three partitions, with a model of which node has what.
class Model {
 public:
  explicit Model(unsigned seed) : random_(seed) {
    must(CreateCluster{"c", kPartitions, 3, 2});
    for (std::uint32_t id = 1; id <= kNodes; ++id) {
      must(registration(id));
      must(UnfenceNode{node(id), 1});
    }
    for (std::uint32_t p = 0; p < kPartitions; ++p) {
      must(AssignReplicas{PartitionId(p), 1, {node(1 + p), node(2 + p), node(3 + p)}});
    }
  }

  void step() {
    const NodeId one = node(1 + below(kNodes));
    const PartitionId id(below(kPartitions));
    const NodeEntry& entry = state_.nodes.at(one);
    const PartitionState& partition = state_.partitions.at(id);
    switch (below(14)) {
      case 0:
        attempt(FenceNode{one, entry.epoch});
        break;
      case 1:
      case 2:
      case 7:
      case 8:
        attempt(UnfenceNode{one, entry.epoch});
        break;
      case 3:
        restart(one);
        break;
      case 4:
        attempt(MoveLeader{id, partition.leader_epoch, one});
        break;
      case 5:
        reassign(id);
        break;
      case 6:
      case 9:
        change_isr(id);
        break;
      default:
        commit(id);
    }
    check();
  }
  const State& state() const { return state_; }
  std::uint64_t commits() const { return commits_; }

 private:
  static constexpr std::uint32_t kNodes = 5;
  static constexpr std::uint32_t kPartitions = 3;

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  void must(const Command& command) { ASSERT_TRUE(attempt(command)); }
  bool attempt(const Command& command) {
    std::string bytes;
    encode(command, bytes);
    auto next = apply_command(state_, *decode_command(bytes));
    if (next.has_value()) state_ = std::move(*next);
    return next.has_value();
  }

  void restart(NodeId one) {
    const bool is_whole = below(5) != 0;
    const bool is_empty = below(12) == 0;
    const std::uint64_t incarnation = state_.nodes.at(one).incarnation + (is_empty ? 1 : 0);
    const NodeEpoch epoch = state_.nodes.at(one).epoch;
    if (!attempt(again(registration(one.value(), incarnation, is_whole), epoch))) return;
    if (is_whole && !is_empty) return;
    for (auto& [id, has] : has_[one]) has = is_empty ? 0 : has - std::min<std::uint64_t>(has, 1);
  }

  void reassign(PartitionId id) {
    std::vector<NodeId> replicas;
    for (std::uint32_t i = 1; i <= kNodes; ++i)
      if (below(2) == 0) replicas.push_back(node(i));
    std::shuffle(replicas.begin(), replicas.end(), random_);
    attempt(AssignReplicas{id, state_.partitions.at(id).partition_epoch, std::move(replicas)});
  }

  // As a leader does: whoever has fetched everything may be in it.
  void change_isr(PartitionId id) {
    const PartitionState& partition = state_.partitions.at(id);
    if (!partition.copies.leader) return;
    ChangeIsr change{id, partition.leader_epoch, partition.partition_epoch, {}};
    for (const NodeId one : partition.copies.replicas) {
      const NodeEntry& entry = state_.nodes.at(one);
      if (one != partition.copies.leader && (entry.fenced || below(3) == 0)) continue;
      has_[one][id] = committed_[id];
      change.isr.push_back({one, entry.epoch});
    }
    attempt(change);
  }

  void commit(PartitionId id) {
    const Replication& copies = state_.partitions.at(id).copies;
    if (!copies.leader || copies.isr.size() < state_.min_isr) return;
    ++commits_;
    const std::uint64_t now = ++committed_[id];
    for (const NodeId one : copies.isr) has_[one][id] = now;
  }

  void check() {
    ASSERT_EQ(find_fault(state_), "");
    for (const auto& [id, partition] : state_.partitions) {
      for (const NodeId one : partition.copies.isr) ASSERT_EQ(has_[one][id], committed_[id]);
      for (const NodeId one : partition.copies.elr) ASSERT_EQ(has_[one][id], committed_[id]);
    }
    std::string bytes;
    encode(state_, bytes);
    const auto back = decode_state(bytes);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    ASSERT_EQ(state_hash(*back), state_hash(state_));
  }

  State state_;
  std::mt19937 random_;
  std::map<NodeId, std::map<PartitionId, std::uint64_t>> has_;
  std::map<PartitionId, std::uint64_t> committed_;
  std::uint64_t commits_ = 0;
};

TEST(ClusterHistory, WhoeverLeadsOrMayLeadHasEverythingCommitted) {
  std::uint64_t commits = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    Model model(seed);
    for (int i = 0; i < 300 && !::testing::Test::HasFatalFailure(); ++i) model.step();
    commits += model.commits();
  }
  EXPECT_GT(commits, 500U);
}

TEST(ClusterBytes, EveryCommandComesBack) {
  const std::vector<Command> commands = {
      CreateCluster{"c", 7, 3, 2},
      again(registration(3, 77, false), 300),
      FenceNode{node(1), 2},
      UnfenceNode{node(3), 4},
      RemoveNode{node(5)},
      ChangeIsr{PartitionId(1), 2, 3, {{node(4), 5}, {node(6), 7}}},
      AssignReplicas{PartitionId(1), 2, {node(3), node(4)}},
      MoveLeader{PartitionId(1), 2, node(3)},
      AcceptLoss{PartitionId(1), 2, node(3)},
      DrainNode{node(3), true},
      DrainNode{node(3), false},
      WantRebalance{true},
  };
  for (const Command& command : commands) {
    std::string bytes;
    encode(command, bytes);
    const auto back = decode_command(bytes);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->index(), command.index());
    std::string again;
    encode(*back, again);
    EXPECT_EQ(again, bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(decode_command(bytes.substr(0, size)).has_value());
  }
}

}  // namespace
}  // namespace lynxdb::metadata
