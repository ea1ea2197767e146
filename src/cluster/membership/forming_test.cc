// Seeds found one group, and never a second one; whoever cannot belong hears why.
#include "cluster/membership/forming.h"

#include <gtest/gtest.h>

namespace lynxdb::cluster {
namespace {

using Kind = FormingDecision::Kind;

Introduction node(std::uint64_t number, std::string cluster_id = "") {
  Introduction introduction;
  introduction.node_name = "node-" + std::to_string(number);
  introduction.incarnation = number;
  introduction.cluster_id = std::move(cluster_id);
  introduction.in_group = !introduction.cluster_id.empty();
  introduction.seeds_hash = 7;
  return introduction;
}

std::vector<SeedAnswer> answers(std::vector<std::optional<Introduction>> introductions) {
  std::vector<SeedAnswer> answers;
  for (auto& introduction : introductions) {
    answers.push_back({"seed-" + std::to_string(answers.size() + 1), std::move(introduction)});
  }
  return answers;
}

TEST(Forming, AMajorityOfEmptySeedsFoundsAGroupOfAllSeeds) {
  const auto decision = *decide_forming(node(1), answers({node(1), node(2), std::nullopt}));
  EXPECT_EQ(decision.kind, Kind::kFound);
  EXPECT_EQ(decision.founder, raft::NodeId(1));
  ASSERT_EQ(decision.founders.voters.size(), 3U);
  const auto other = *decide_forming(node(2), answers({node(1), node(2), std::nullopt}));
  EXPECT_EQ(other.founders, decision.founders);
  EXPECT_EQ(other.founder, raft::NodeId(2));
}

TEST(Forming, ASeedAloneWaitsAndSaysForWhat) {
  const auto decision = *decide_forming(node(1), answers({node(1), std::nullopt, std::nullopt}));
  EXPECT_EQ(decision.kind, Kind::kWait);
  EXPECT_EQ(decision.why, "waiting for seeds: 1 of 3 can be reached, 2 are needed");
}

TEST(Forming, AnotherFounderThatHasBegunIsNoReasonToWait) {
  Introduction begun = node(2);
  begun.in_group = true;
  const auto decision = *decide_forming(node(1), answers({node(1), begun, std::nullopt}));
  EXPECT_EQ(decision.kind, Kind::kFound);
}

TEST(Forming, ASeedThatHearsOfAClusterJoinsItHoweverManyOthersAreEmpty) {
  const auto decision = *decide_forming(node(1), answers({node(1), node(2), node(3, "c")}));
  EXPECT_EQ(decision.kind, Kind::kJoin);
  EXPECT_EQ(decision.contacts, std::vector<std::string>{"seed-3"});
  EXPECT_EQ(decision.cluster_id, "c");
  EXPECT_EQ(decision.founder, raft::NodeId(1));
}

TEST(Forming, OneThatIsNoSeedNeverFounds) {
  const auto waits = *decide_forming(node(4), answers({node(1), node(2), node(3)}));
  EXPECT_EQ(waits.kind, Kind::kWait);
  const auto joins = *decide_forming(node(4), answers({node(1, "c"), node(2), node(3)}));
  EXPECT_EQ(joins.kind, Kind::kJoin);
  EXPECT_EQ(joins.founder, raft::kNobody);
}

TEST(Forming, OneThatBelongedToAClusterNeverFoundsAnother) {
  const auto decision = *decide_forming(node(1, "c"), answers({node(1, "c"), node(2), node(3)}));
  EXPECT_EQ(decision.kind, Kind::kWait);
}

TEST(Forming, TwoNodesOfOneNameAreAnError) {
  Introduction twin = node(2);
  twin.node_name = "node-1";
  const auto decision = decide_forming(node(1), answers({node(1), twin, node(3)}));
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().message, "the node at seed-2 is named 'node-1', too");
}

TEST(Forming, AnotherClusterIsAnError) {
  const auto decision =
      decide_forming(node(1, "mine"), answers({node(1, "mine"), node(2, "theirs")}));
  ASSERT_FALSE(decision);
  EXPECT_NE(decision.error().message.find("theirs"), std::string::npos);
}

TEST(Forming, OtherSeedsAreAnErrorWhileNothingIsFounded) {
  Introduction other = node(2);
  other.seeds_hash = 8;
  EXPECT_FALSE(decide_forming(node(1), answers({node(1), other})));
  other.cluster_id = "c";  // A node that joins may know of fewer.
  EXPECT_TRUE(decide_forming(node(1), answers({node(1), other})));
}

}  // namespace
}  // namespace lynxdb::cluster
