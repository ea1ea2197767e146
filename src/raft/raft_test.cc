// What one node does for itself: elections, limits, reads, hand-overs, members, compaction, and
// what it accepts from its disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raft/testing.h"

namespace lynxdb::raft {
namespace {

using namespace lynxdb::raft::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Lone leader_of_three(const Options& options = small_options()) {
  Lone node(with_log({}, 0), options);
  node.lead({2});
  node.acknowledge(2, 1);
  return node;
}

// Answers all appends of these messages for node `from`.
void answer(Lone& node, std::uint64_t from, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    const auto* append = std::get_if<AppendRequest>(&message.body);
    if (append == nullptr || message.to != NodeId(from)) continue;
    const Index index =
        append->entries.empty() ? append->previous.index : append->entries.back().index;
    node.receive(from, node->term().value(), AppendReply{true, index, {}, append->stamp});
  }
}

// --- Elections -----------------------------------------------------------------------------------

TEST(RaftElection, ALoneVoterLeadsAndCommitsByItself) {
  Lone node(with_log({}, 0, members({1})));
  node.lead({});
  const EntryId placed = node->propose(payload("x")).value();
  node.drain();
  EXPECT_EQ(placed.index, 2U);
  EXPECT_EQ(node->status().applied, 2U);
}

TEST(RaftElection, APreVoteThatNobodyGrantsLeavesTheTermAlone) {
  Lone node(with_log({}, 3));
  node.tick(200);
  EXPECT_EQ(node->term(), Term(3));
}

TEST(RaftElection, AVoteLeavesOnlyWhenItIsDurable) {
  Raft raft = Raft::create(small_options(), Random(1), with_log({}, 0)).value();
  raft.receive({NodeId(2), NodeId(1), Term(1), VoteRequest{false, false, {}}});
  const auto ready = raft.take_ready();
  ASSERT_TRUE(ready.has_value());
  EXPECT_THAT(ready->messages, IsEmpty());
  EXPECT_TRUE(ready->must_sync);
  EXPECT_EQ(ready->hard_state->vote, NodeId(2));
  EXPECT_THAT(ready->messages_after_sync, SizeIs(1));
}

TEST(RaftElection, OneVoteATerm) {
  Lone node(with_log({}, 0));
  EXPECT_TRUE(bodies<VoteReply>(node.receive(2, 1, VoteRequest{}))[0].granted);
  EXPECT_FALSE(bodies<VoteReply>(node.receive(3, 1, VoteRequest{}))[0].granted);
  EXPECT_TRUE(bodies<VoteReply>(node.receive(2, 1, VoteRequest{}))[0].granted);
}

TEST(RaftElection, ALogThatLacksEntriesGetsNoVote) {
  Lone node(with_log(log_of({1, 2}), 0 + 2));
  node.tick(10);
  EXPECT_FALSE(
      bodies<VoteReply>(node.receive(2, 9, VoteRequest{false, false, {9, Term(1)}}))[0].granted);
  EXPECT_TRUE(
      bodies<VoteReply>(node.receive(3, 9, VoteRequest{false, false, {2, Term(2)}}))[0].granted);
}

TEST(RaftElection, OneThatHearsALeaderVotesForNobodyElse) {
  Lone node(with_log({}, 0));
  node.receive(2, 1, AppendRequest{});
  EXPECT_THAT(node.receive(3, 5, VoteRequest{}), IsEmpty());
  EXPECT_EQ(node->term(), Term(1));
  // But when the leader itself wants it.
  EXPECT_TRUE(bodies<VoteReply>(node.receive(3, 5, VoteRequest{false, true, {}}))[0].granted);
}

TEST(RaftElection, ALeaderWithoutAMajorityStepsDown) {
  Lone node = leader_of_three();
  node.tick(10);
  EXPECT_EQ(node->role(), Role::kLeader);
  node.tick(1);
  EXPECT_EQ(node->role(), Role::kFollower);
}

TEST(RaftElection, ALearnerNeverStands) {
  Lone node(with_log({}, 0, members({2, 3}, {1})));
  node.tick(100);
  EXPECT_EQ(node->role(), Role::kFollower);
}

// --- Proposals and their limits
// -------------------------------------------------------------------

TEST(RaftReplication, AProposalIsCommittedByAMajorityAndNotByLearners) {
  Lone node(with_log({}, 0, members({1, 2, 3}, {4, 5})));
  node.lead({2});
  node.acknowledge(4, 1);
  node.acknowledge(5, 1);
  EXPECT_EQ(node->log().commit(), 0U);
  node.acknowledge(3, 1);
  EXPECT_EQ(node->log().commit(), 1U);
}

TEST(RaftReplication, TheLeadersOwnCopyCountsOnceItIsDurable) {
  Raft raft = Raft::create(small_options(), Random(1), with_log({}, 0, members({1}))).value();
  std::optional<Ready> ready;
  while (raft.role() != Role::kLeader) {
    raft.tick();
    while ((ready = raft.take_ready())) raft.persisted(ready->sequence);
  }
  EXPECT_EQ(raft.log().commit(), 1U);
  raft.propose(payload("x")).value();
  ready = raft.take_ready();
  EXPECT_EQ(raft.log().commit(), 1U);
  raft.persisted(ready->sequence);
  EXPECT_EQ(raft.log().commit(), 2U);
}

TEST(RaftReplication, TooMuchUncommittedIsRefused) {
  Options options = small_options();
  options.uncommitted_bytes_max = 1000;
  options.entry_bytes_max = 500;
  Lone node = leader_of_three(options);
  EXPECT_EQ(node->propose(payload(std::string(600, 'x'))).error().code,
            ErrorCode::kInvalidArgument);
  ASSERT_TRUE(node->propose(payload(std::string(400, 'x'))).has_value());
  ASSERT_TRUE(node->propose(payload(std::string(400, 'x'))).has_value());
  EXPECT_EQ(node->propose(payload(std::string(400, 'x'))).error().code, ErrorCode::kOverloaded);
  node.drain();
  node.acknowledge(2, 3);
  EXPECT_TRUE(node->propose(payload(std::string(400, 'x'))).has_value());
}

TEST(RaftReplication, NoMoreThanTheWindowIsOnItsWayToAFollower) {
  Options options = small_options();
  options.append_bytes_max = 1;
  options.inflight_appends_max = 3;
  Lone node = leader_of_three(options);
  for (int i = 0; i < 10; ++i) node->propose(payload("x")).value();
  const auto count = [&](const std::vector<Message>& sent) {
    std::size_t entries = 0;
    for (const Message& message : sent) {
      const auto* append = std::get_if<AppendRequest>(&message.body);
      if (append != nullptr && message.to == NodeId(2)) entries += append->entries.size();
    }
    return entries;
  };
  EXPECT_EQ(count(node.drain()), 3U);
  EXPECT_EQ(count(node.receive(2, 1, AppendReply{true, 3, {}, {}})), 2U);
}

TEST(RaftReplication, ADivergentTailIsFoundInOneStepATermAndReplaced) {
  Lone node(with_log(log_of({1, 1, 2, 2, 2}), 3));
  const auto refused =
      bodies<AppendReply>(node.receive(2, 5, AppendRequest{{6, Term(4)}, 0, {}, {}}));
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(refused[0].hint, (EntryId{5, Term(2)}));
  const auto accepted = bodies<AppendReply>(
      node.receive(2, 5, AppendRequest{{2, Term(1)}, 0, {}, {command(3, 4), command(4, 4)}}));
  ASSERT_THAT(accepted, SizeIs(1));
  EXPECT_EQ(accepted[0].index, 4U);
  EXPECT_EQ(node->log().last(), (EntryId{4, Term(4)}));
}

TEST(RaftReplication, AppendsThatMakeNoSenseAreDropped) {
  Lone node(with_log({}, 1));
  node.receive(2, 1, AppendRequest{{}, 0, {}, {command(2, 1)}});  // A gap.
  node.receive(2, 1, AppendRequest{{}, 0, {}, {command(1, 9)}});  // Of a term to come.
  Entry unreadable{1, Term(1), EntryKind::kConfiguration, payload("?")};
  node.receive(2, 1, AppendRequest{{}, 0, {}, {unreadable}});
  EXPECT_EQ(node->malformed_messages(), 3U);
  EXPECT_EQ(node->log().last_index(), 0U);
}

// --- Reads ---------------------------------------------------------------------------------------

TEST(RaftReads, AReadWaitsForAMajorityThatWasAskedAfterIt) {
  Lone node = leader_of_three();
  node.drain();
  const auto before = node.tick(2);
  ASSERT_TRUE(node->read(7, ReadMode::kReadIndex).has_value());
  const auto after = node.drain();
  answer(node, 2, before);
  EXPECT_THAT(node.reads, IsEmpty());
  answer(node, 2, after);
  ASSERT_THAT(node.reads, SizeIs(1));
  EXPECT_EQ(node.reads[0].id, 7U);
  EXPECT_EQ(node.reads[0].index, node->log().commit());
}

TEST(RaftReads, AReadWaitsForTheFirstCommitOfTheTerm) {
  Lone node(with_log(log_of({1}), 1));
  node.lead({2});
  ASSERT_TRUE(node->read(7, ReadMode::kReadIndex).has_value());
  EXPECT_THAT(node.reads, IsEmpty());
  const auto sent = node.receive(2, 2, AppendReply{true, 2, {}, {}});
  answer(node, 2, sent);
  ASSERT_THAT(node.reads, SizeIs(1));
  EXPECT_EQ(node.reads[0].index, 2U);
}

TEST(RaftReads, ALeaseAnswersAtOnceUntilItEnds) {
  Lone node = leader_of_three();
  answer(node, 2, node.tick(2));
  ASSERT_TRUE(node->read(7, ReadMode::kLease).has_value());
  node.drain();
  EXPECT_THAT(node.reads, SizeIs(1));
  node.tick(8);  // (10 - 1) * 90 / 110 = 7 ticks.
  EXPECT_FALSE(node->status().has_lease);
  ASSERT_TRUE(node->read(8, ReadMode::kLease).has_value());
  node.drain();
  EXPECT_THAT(node.reads, SizeIs(1));
}

TEST(RaftReads, ALeaseBeginsWithTheQuestionAndNotWithItsAnswer) {
  Lone node = leader_of_three();
  const auto asked = node.tick(2);
  node.tick(5);
  answer(node, 2, asked);
  EXPECT_TRUE(node->status().has_lease);
  node.tick(2);
  EXPECT_FALSE(node->status().has_lease);
}

TEST(RaftReads, ThoseThatWaitAreDroppedWithTheLeadership) {
  Lone node = leader_of_three();
  ASSERT_TRUE(node->read(7, ReadMode::kReadIndex).has_value());
  node.receive(3, 9, AppendRequest{});
  EXPECT_THAT(node.dropped, ElementsAre(7));
}

TEST(RaftReads, AFollowerAsksTheLeader) {
  Lone node(with_log({}, 0));
  EXPECT_EQ(node->read(7, ReadMode::kLease).error().code, ErrorCode::kUnavailable);
  node.receive(2, 1, AppendRequest{});
  ASSERT_TRUE(node->read(8, ReadMode::kLease).has_value());
  EXPECT_THAT(bodies<ReadRequest>(node.drain()), SizeIs(1));
  node.receive(2, 1, ReadReply{8, 0});
  EXPECT_THAT(node.reads, SizeIs(1));
}

// --- Handing over, members
// -------------------------------------------------------------------------

TEST(RaftTransfer, TheTargetIsToldWhenItHasAllAndNothingIsTakenMeanwhile) {
  Lone node = leader_of_three();
  node->propose(payload("x")).value();
  node.drain();
  ASSERT_TRUE(node->transfer_leadership(NodeId(2)).has_value());
  EXPECT_THAT(bodies<TimeoutNow>(node.drain()), IsEmpty());
  EXPECT_EQ(node->propose(payload("y")).error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(bodies<TimeoutNow>(node.receive(2, 1, AppendReply{true, 2, {}, {}})), SizeIs(1));
}

TEST(RaftTransfer, TheTargetStandsAtOnce) {
  Lone node(with_log({}, 0));
  node.receive(2, 1, AppendRequest{});
  const auto requests = bodies<VoteRequest>(node.receive(2, 1, TimeoutNow{}));
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_TRUE(requests[0].transfer);
  EXPECT_FALSE(requests[0].pre_vote);
  EXPECT_EQ(node->term(), Term(2));
}

TEST(RaftMembers, ALearnerFarBehindIsNotPromoted) {
  Options options = small_options();
  options.promotion_lag_max = 2;
  Lone node = leader_of_three(options);
  using Kind = MembershipChange::Kind;
  ASSERT_TRUE(node->change_membership({Kind::kAddLearner, NodeId(4)}).has_value());
  for (int i = 0; i < 5; ++i) node->propose(payload("x")).value();
  node.drain();
  node.acknowledge(2, 7);
  EXPECT_EQ(node->change_membership({Kind::kPromote, NodeId(4)}).error().code,
            ErrorCode::kConflict);
  node.acknowledge(4, 5);
  EXPECT_TRUE(node->change_membership({Kind::kPromote, NodeId(4)}).has_value());
  EXPECT_EQ(node->configuration(), members({1, 2, 3, 4}));
}

TEST(RaftMembers, ALeaderThatIsRemovedLeadsUntilThatIsCommittedByTheOthers) {
  Lone node = leader_of_three();
  ASSERT_TRUE(node->change_membership({MembershipChange::Kind::kRemove, NodeId(1)}).has_value());
  node.drain();
  node.acknowledge(2, 2);
  EXPECT_EQ(node->role(), Role::kLeader);  // One of {2, 3} is no majority.
  node.acknowledge(3, 2);
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_EQ(node->log().commit(), 2U);
}

TEST(RaftMembers, ChangesThatDoNotFitAreRefused) {
  using Kind = MembershipChange::Kind;
  const Configuration one = members({1}, {2});
  EXPECT_FALSE(changed(one, {Kind::kRemove, NodeId(1)}).has_value());
  EXPECT_FALSE(changed(one, {Kind::kDemote, NodeId(1)}).has_value());
  EXPECT_FALSE(changed(one, {Kind::kDemote, NodeId(2)}).has_value());
  EXPECT_FALSE(changed(one, {Kind::kPromote, NodeId(3)}).has_value());
  EXPECT_FALSE(changed(one, {Kind::kAddLearner, NodeId(2)}).has_value());
  EXPECT_FALSE(changed(one, {Kind::kRemove, NodeId(3)}).has_value());
  EXPECT_EQ(changed(one, {Kind::kRemove, NodeId(2)}).value(), members({1}));
  EXPECT_EQ(changed(one, {Kind::kPromote, NodeId(2)}).value(), members({1, 2}));
}

// --- Compaction, snapshots, restarts
// --------------------------------------------------------------

TEST(RaftSnapshots, TrailingEntriesStay) {
  Options options = small_options();
  options.trailing_entries = 3;
  Lone node(with_log(log_of({1, 1, 1, 1, 1, 1}), 1, members({1, 2, 3}), 6), options);
  ASSERT_TRUE(node->snapshot_taken(node->snapshot_meta(5, 10)));
  EXPECT_EQ(node->log().first_index(), 3U);
  EXPECT_EQ(node->log().last_index(), 6U);
}

TEST(RaftSnapshots, AFollowerBehindTheLogGetsChunksAndThenTheRestOfTheLog) {
  Lone node(with_log(log_of({1, 1, 1, 1}), 1, members({1, 2, 3}), 4));
  ASSERT_TRUE(node->snapshot_taken(node->snapshot_meta(4, 25)));
  node.lead({2});
  node.acknowledge(2, 5);
  const auto chunks =
      bodies<SnapshotChunk>(node.receive(3, 2, AppendReply{false, 4, {0, Term()}, {}}));
  ASSERT_THAT(chunks, SizeIs(3));
  EXPECT_EQ(chunks[2].offset, 20U);
  EXPECT_EQ(chunks[2].data.size(), 5U);
  const auto appends = bodies<AppendRequest>(node.receive(3, 2, AppendReply{true, 4, {}, {}}));
  ASSERT_THAT(appends, SizeIs(1));
  EXPECT_EQ(appends[0].previous.index, 4U);
  EXPECT_THAT(appends[0].entries, SizeIs(1));
}

TEST(RaftSnapshots, AnInstalledOneReplacesTheLog) {
  Lone node(with_log(log_of({1, 1, 2}), 2));
  node.receive(2, 3, SnapshotChunk{{{9, Term(3)}, members({2, 3}, {1}), 4}, 0, "1234"});
  node->snapshot_installed({9, Term(3)}, true);
  const auto ready = node->take_ready();
  ASSERT_TRUE(ready.has_value());
  EXPECT_EQ(ready->log_reset, (EntryId{9, Term(3)}));
  EXPECT_EQ(node->log().first_index(), 10U);
  EXPECT_EQ(node->configuration(), members({2, 3}, {1}));
}

TEST(RaftSnapshots, OneWhoseBytesAreBadIsAskedForAgain) {
  Lone node(with_log({}, 2));
  node.receive(2, 3, SnapshotChunk{{{9, Term(3)}, members({1, 2}), 4}, 0, "1234"});
  node->snapshot_installed({9, Term(3)}, false);
  const auto replies = bodies<SnapshotReply>(node.drain());
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].received_bytes, 0U);
  EXPECT_EQ(node->log().commit(), 0U);
}

TEST(RaftRestart, ALogBeforeItsSnapshotIsReset) {
  Restored restored = with_log(log_of({1, 1, 1}), 2);
  restored.snapshot.last = {9, Term(2)};
  Raft raft = Raft::create(small_options(), Random(1), restored).value();
  const auto ready = raft.take_ready();
  ASSERT_TRUE(ready.has_value());
  EXPECT_EQ(ready->log_reset, (EntryId{9, Term(2)}));
  EXPECT_EQ(raft.log().last_index(), 9U);
}

TEST(RaftRestart, AStateThatContradictsItselfIsRefused) {
  const auto refused = [](Restored restored) {
    const auto raft = Raft::create(small_options(), Random(1), std::move(restored));
    return !raft.has_value() && raft.error().code == ErrorCode::kCorruption;
  };
  EXPECT_TRUE(refused(with_log({command(2, 1)}, 1)));                        // Begins behind a gap.
  EXPECT_TRUE(refused(with_log({command(1, 1), command(3, 1)}, 1)));         // Has one.
  EXPECT_TRUE(refused(with_log(log_of({2, 1}), 2)));                         // Terms fall.
  EXPECT_TRUE(refused(with_log(log_of({3}), 2)));                            // Later than the vote.
  EXPECT_TRUE(refused(with_log(log_of({1, 1}), 1, members({1, 2, 3}), 3)));  // Committed, gone.
  EXPECT_FALSE(refused(with_log(log_of({1, 1}), 1, members({1, 2, 3}), 2)));
}

}  // namespace
}  // namespace lynxdb::raft
