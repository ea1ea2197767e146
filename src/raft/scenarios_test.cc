// What broke other implementations of Raft, or an earlier state of this one, each by its name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raft/testing.h"

namespace lynxdb::raft {
namespace {

using namespace lynxdb::raft::testing;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SnapshotChunk chunk_of(EntryId last, std::uint64_t offset, std::string data, std::uint64_t size) {
  return {{last, members({1, 2, 3}), size}, offset, std::move(data)};
}

// Figure 8 of the paper: an entry of an old term on a majority may still be overwritten.
TEST(RaftScenario, FigureEightAnOldEntryOnAMajorityIsNotCommittedByCounting) {
  Lone node(with_log(log_of({1, 2}), 3, members({1, 2, 3, 4, 5})));
  node.lead({2, 3});
  ASSERT_EQ(node->term(), Term(4));
  node.acknowledge(2, 2);
  node.acknowledge(3, 2);
  EXPECT_EQ(node->log().commit(), 0U);
  node.acknowledge(2, 3);
  node.acknowledge(3, 3);
  EXPECT_EQ(node->log().commit(), 3U);
}

TEST(RaftScenario, RepliesOfAStaleTermCountForNothing) {
  Lone node(with_log(log_of({1, 1}), 4));
  node.lead({2});
  ASSERT_EQ(node->term(), Term(5));
  node.receive(2, 4, AppendReply{true, 3, {}, {}});
  node.receive(3, 4, AppendReply{true, 1'000'000, {}, {}});
  EXPECT_EQ(node->log().commit(), 0U);
}

TEST(RaftScenario, AStaleTermIsAnsweredWithoutAnyIndex) {
  Lone node(with_log(log_of({1, 1}), 7));
  const auto sent = node.receive(2, 3, AppendRequest{{1, Term(1)}, 1, {}, {}});
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].term, Term(7));
  EXPECT_TRUE(std::holds_alternative<StaleTerm>(sent[0].body));
}

TEST(RaftScenario, AReplyBeyondTheLogIsDropped) {
  Lone node(with_log(log_of({1}), 1));
  node.lead({2});
  node.acknowledge(2, 1'000'000);
  EXPECT_EQ(node->log().commit(), 0U);
  EXPECT_EQ(node->malformed_messages(), 1U);
}

TEST(RaftScenario, AnAppendFromTheBeginningReachesACompactedFollower) {
  std::vector<Entry> all = log_of({1, 1, 1, 1, 1, 1});
  Lone node({{Term(1), kNobody, 4}, {{4, Term(1)}, members({1, 2, 3}), 9}, {}, 0});
  ASSERT_EQ(node->log().first_index(), 5U);
  const auto sent = node.receive(2, 1, AppendRequest{{}, 5, {}, all});
  const auto replies = bodies<AppendReply>(sent);
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_TRUE(replies[0].accepted);
  EXPECT_EQ(replies[0].index, 6U);
  EXPECT_EQ(node->log().commit(), 5U);
}

TEST(RaftScenario, AConfigurationCountsWhereverItStandsInItsBatch) {
  Lone node(with_log({}, 1));
  const std::vector<Entry> batch{command(1, 1), configuration_entry(2, 1, members({1, 2}, {4})),
                                 command(3, 1)};
  node.receive(2, 1, AppendRequest{{}, 0, {}, batch});
  EXPECT_EQ(node->configuration(), members({1, 2}, {4}));
  // Another leader's entry takes its place, and the members before it count again.
  node.receive(3, 2, AppendRequest{{1, Term(1)}, 0, {}, {command(2, 2)}});
  EXPECT_EQ(node->configuration(), members({1, 2, 3}));
  EXPECT_EQ(node->log().last_index(), 2U);
}

TEST(RaftScenario, TheCommitIndexNeverMovesBack) {
  Lone node(with_log(log_of({1, 1, 1}), 1));
  node.receive(2, 1, AppendRequest{{3, Term(1)}, 3, {}, {}});
  ASSERT_EQ(node->log().commit(), 3U);
  node.receive(2, 1, AppendRequest{{3, Term(1)}, 1, {}, {}});
  node.receive(2, 1, AppendRequest{{1, Term(1)}, 1, {}, {}});
  EXPECT_EQ(node->log().commit(), 3U);
}

TEST(RaftScenario, ACommitBeyondWhatWasComparedIsNotTaken) {
  Lone node(with_log(log_of({1, 1, 1}), 1));
  node.receive(2, 2, AppendRequest{{1, Term(1)}, 3, {}, {}});
  EXPECT_EQ(node->log().commit(), 1U);
}

TEST(RaftScenario, AStaleRejectionBelowMatchChangesNothing) {
  Lone node(with_log(log_of({1, 1, 1, 1}), 1));
  node.lead({2});
  node.acknowledge(2, 5);
  ASSERT_EQ(node->log().commit(), 5U);
  node.drain();
  EXPECT_THAT(node.receive(2, 2, AppendReply{false, 3, {2, Term(1)}, {}}), IsEmpty());
  node->propose(payload("x")).value();
  for (const auto& append : bodies<AppendRequest>(node.drain())) {
    EXPECT_GE(append.previous.index, 4U);
  }
}

TEST(RaftScenario, AVoteReplyMeansNothingToOneThatDoesNotAsk) {
  Lone node(with_log({}, 3));
  node.receive(2, 3, VoteReply{false, true});
  node.receive(3, 3, VoteReply{false, true});
  EXPECT_EQ(node->role(), Role::kFollower);
  node.receive(2, 4, VoteReply{true, true});
  node.receive(3, 4, VoteReply{true, true});
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_EQ(node->term(), Term(3));
}

TEST(RaftScenario, ASecondSnapshotWaitsWhileOneInstalls) {
  Lone node(with_log({}, 1));
  node.receive(2, 1, chunk_of({9, Term(1)}, 0, "0123456789", 10));
  ASSERT_THAT(node.installs, SizeIs(1));
  EXPECT_THAT(node.receive(2, 1, chunk_of({12, Term(1)}, 0, "0123456789", 10)), IsEmpty());
  EXPECT_THAT(node.installs, SizeIs(1));
  node->snapshot_installed({9, Term(1)}, true);
  node.drain();
  EXPECT_EQ(node->log().commit(), 9U);
  node.receive(2, 1, chunk_of({12, Term(1)}, 0, "0123456789", 10));
  EXPECT_THAT(node.installs, SizeIs(2));
}

TEST(RaftScenario, EntriesWaitWhileASnapshotInstalls) {
  Lone node(with_log(log_of({1, 1}), 1));
  node.receive(2, 1, chunk_of({9, Term(1)}, 0, "0123456789", 10));
  const auto replies =
      bodies<AppendReply>(node.receive(2, 1, AppendRequest{{2, Term(1)}, 2, {}, {command(3, 1)}}));
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].index, 0U);
  EXPECT_EQ(node->log().last_index(), 2U);
}

TEST(RaftScenario, APreVoteDenialTellsTheHigherTerm) {
  Lone node(with_log(log_of({1, 1}), 8));
  node.tick(20);
  const auto sent = node.receive(2, 6, VoteRequest{true, false, {1, Term(1)}});
  ASSERT_THAT(bodies<VoteReply>(sent), SizeIs(1));
  EXPECT_FALSE(bodies<VoteReply>(sent)[0].granted);
  EXPECT_GE(sent.back().term, Term(8));
  // The one that hears it goes to that term.
  Lone stale(with_log(log_of({1, 1}), 5));
  stale.receive(2, 8, VoteReply{true, false});
  EXPECT_EQ(stale->term(), Term(8));
}

TEST(RaftScenario, AVoterThatDoesNotKnowOfItsPromotionVotes) {
  Lone learner(with_log({}, 0, members({2, 3}, {1})));
  const auto sent = learner.receive(2, 1, VoteRequest{false, false, {}});
  ASSERT_THAT(bodies<VoteReply>(sent), SizeIs(1));
  EXPECT_TRUE(bodies<VoteReply>(sent)[0].granted);
  Lone stranger(with_log({}, 0, {}));
  EXPECT_TRUE(bodies<VoteReply>(stranger.receive(2, 1, VoteRequest{false, false, {}}))[0].granted);
}

TEST(RaftScenario, NoChangeOfMembersBeforeTheFirstCommitOfTheTerm) {
  Lone node(with_log(log_of({1}), 1));
  node.lead({2});
  const MembershipChange add{MembershipChange::Kind::kAddLearner, NodeId(4)};
  const auto early = node->change_membership(add);
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().code, ErrorCode::kConflict);
  node.acknowledge(2, 2);
  EXPECT_TRUE(node->change_membership(add).has_value());
}

TEST(RaftScenario, OneChangeOfMembersAtATime) {
  Lone node(with_log({}, 0));
  node.lead({2});
  node.acknowledge(2, 1);
  ASSERT_TRUE(node->change_membership({MembershipChange::Kind::kAddLearner, NodeId(4)}));
  const auto second = node->change_membership({MembershipChange::Kind::kRemove, NodeId(3)});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  node.drain();
  node.acknowledge(2, 2);
  EXPECT_TRUE(node->change_membership({MembershipChange::Kind::kRemove, NodeId(3)}));
}

TEST(RaftScenario, ASnapshotArrivesWhileOneIsBeingTaken) {
  Lone node(with_log(log_of({1, 1, 1}), 1, members({1, 2, 3}), 3));
  ASSERT_EQ(node->status().applied, 3U);
  const SnapshotMeta taking = node->snapshot_meta(3, 5);
  node.receive(2, 1, chunk_of({9, Term(1)}, 0, "0123456789", 10));
  node->snapshot_installed({9, Term(1)}, true);
  node.drain();
  EXPECT_FALSE(node->snapshot_taken(taking));
  EXPECT_EQ(node->snapshot().last.index, 9U);
  EXPECT_EQ(node->log().commit(), 9U);
}

// Found by our simulator: {1, 2} become {1}, and only 2, which is to go, has the entry.
TEST(RaftScenario, ARemovedVoterWhoseLogAloneIsCompleteStillLeadsTheRestThere) {
  std::vector<Entry> entries = log_of({1});
  entries.push_back(configuration_entry(2, 1, members({2})));
  Lone node(with_log(entries, 1, members({1, 2}), 1));
  ASSERT_EQ(node->configuration(), members({2}));
  node.lead({2});
  node.acknowledge(2, 3);
  EXPECT_EQ(node->log().commit(), 3U);
  EXPECT_EQ(node->role(), Role::kFollower);  // Its removal is committed.
}

// Found by our simulator: late answers had told the leader of chunks that the receiver, which had
// to begin again, no longer has.
TEST(RaftScenario, AReceiverThatForgotChunksGetsThemAgain) {
  Lone node(with_log(log_of({1, 1, 1, 1}), 1, members({1, 2, 3}), 4));
  ASSERT_TRUE(node->snapshot_taken(node->snapshot_meta(4, 30)));
  node.lead({2});
  node.acknowledge(2, 5);
  node.receive(3, 2, AppendReply{false, 4, {}, {}});
  const EntryId last{4, Term(1)};
  node.receive(3, 2, SnapshotReply{last, 30});
  std::vector<SnapshotChunk> again;
  for (int i = 0; i < 40 && again.empty(); ++i) {
    node.acknowledge(2, 5);
    for (auto& chunk : bodies<SnapshotChunk>(node.tick())) again.push_back(std::move(chunk));
  }
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].offset, 20U);
  const auto rest = bodies<SnapshotChunk>(node.receive(3, 2, SnapshotReply{last, 10}));
  ASSERT_FALSE(rest.empty());
  EXPECT_EQ(rest[0].offset, 10U);
}

// The TimeoutNow may still be on its way when the transfer has long been given up.
TEST(RaftScenario, AHandoverEndsTheLeaseForTheRestOfTheTerm) {
  Lone node(with_log({}, 0));
  node.lead({2});
  const auto hear = [&] {
    for (const auto& append : bodies<AppendRequest>(node.tick(2))) {
      node.receive(2, 1, AppendReply{true, append.previous.index, {}, append.stamp});
    }
  };
  node.acknowledge(2, 1);
  hear();
  ASSERT_TRUE(node->status().has_lease);
  ASSERT_TRUE(node->transfer_leadership(NodeId(2)).has_value());
  for (int i = 0; i < 10; ++i) hear();
  EXPECT_EQ(node->role(), Role::kLeader);
  EXPECT_TRUE(node->propose(payload("it takes proposals again")).has_value());
  EXPECT_FALSE(node->status().has_lease);
}

// A node that let a leader count on its silence must be silent after a restart, too.
TEST(RaftScenario, ARestartedVoterRefusesItsVoteForAnElectionTimeout) {
  Lone node(with_log({}, 3));
  EXPECT_THAT(node.receive(2, 4, VoteRequest{false, false, {5, Term(3)}}), IsEmpty());
  EXPECT_EQ(node->term(), Term(3));
  node.tick(10);
  const auto sent = node.receive(2, 4, VoteRequest{false, false, {5, Term(3)}});
  ASSERT_FALSE(bodies<VoteReply>(sent).empty());
  EXPECT_TRUE(bodies<VoteReply>(sent).back().granted);
}

// The first write is on its way when another leader's entries replace what it holds.
TEST(RaftScenario, ALateWriteDoesNotVouchForEntriesThatReplacedIts) {
  Raft raft = Raft::create(small_options(), Random(1), with_log({}, 1)).value();
  raft.receive({NodeId(2), NodeId(1), Term(1), AppendRequest{{}, 0, {}, log_of({1, 1, 1})}});
  const auto first = raft.take_ready();
  ASSERT_TRUE(first.has_value());
  raft.receive({NodeId(3), NodeId(1), Term(2), AppendRequest{{}, 0, {}, log_of({2, 2, 2})}});
  const auto second = raft.take_ready();
  ASSERT_TRUE(second.has_value());
  raft.persisted(first->sequence);
  EXPECT_EQ(raft.log().stable(), 0U);
  raft.persisted(second->sequence);
  EXPECT_EQ(raft.log().stable(), 3U);
}

}  // namespace
}  // namespace lynxdb::raft
