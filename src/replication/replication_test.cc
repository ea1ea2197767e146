// The protocol, one promise at a time: an acknowledged event is found exactly once whoever dies,
// pauses or is cut off. Whole clusters: simulation/.
#include "replication/replication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replication/testing.h"

namespace lynxdb::replication::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Node 1 leads, in the first epoch that any node leads in.
class Leading : public ::testing::Test {
 protected:
  Leading() { lone.renew_lease(); }

  Offset high_watermark() { return lone.status().high_watermark; }
  LeaderEpoch epoch() const { return cluster.row().leader_epoch; }
  // Nodes ask from where they are, as they do all the time.
  void hear(Offset second, Offset third) {
    lone.fetch(2, second, second == 0 ? 0 : epoch());
    lone.fetch(3, third, third == 0 ? 0 : epoch());
  }

  Cluster cluster;
  Lone lone{cluster, 1};
};

// --- Commits -------------------------------------------------------------------------------------

TEST_F(Leading, EventsAreCommittedOnceAllOfTheIsrHaveThemDurable) {
  lone.append(5);
  hear(5, 0);
  EXPECT_EQ(high_watermark(), 0U);
  const Ready ready = lone.fetch(3, 5, epoch());
  ASSERT_EQ(ready.committed.size(), 1U);
  EXPECT_EQ(ready.committed[0].high_watermark, 5U);
}

TEST_F(Leading, WhatTheLeaderHasNotSyncedIsNotCommitted) {
  lone.syncs = false;
  lone.append(5);
  hear(5, 5);
  EXPECT_EQ(high_watermark(), 0U);
  lone->durable(kPartition, lone.status().cuts, 5);
  lone.drain();
  EXPECT_EQ(high_watermark(), 5U);
}

TEST_F(Leading, NothingIsTakenOrCommittedBelowMinIsr) {
  lone.append(5);
  cluster.fence(2);
  cluster.fence(3);
  lone.learn();
  EXPECT_EQ(lone->append(kPartition, 1, lone.now).admission, Admission::kTooFewCopies);
  hear(5, 5);
  EXPECT_EQ(high_watermark(), 0U);
}

TEST_F(Leading, WhoeverMayComeIntoTheIsrCounts) {
  cluster.set_isr({1, 2});
  lone.learn();
  lone.append(5);
  hear(5, 5);
  // Node 3 has everything: it is proposed, and from then on nothing is committed without it.
  EXPECT_THAT(lone.status().maximal_isr, UnorderedElementsAre(node(1), node(2), node(3)));
  lone.append(2);
  lone.fetch(2, 7, epoch());
  EXPECT_EQ(high_watermark(), 5U);
  lone.fetch(3, 7, epoch());
  EXPECT_EQ(high_watermark(), 7U);
}

TEST_F(Leading, AProposalOfUnknownOutcomeCountsUntilThePartitionEpochMovesOn) {
  cluster.set_isr({1, 2});
  lone.learn();
  lone.append(5);
  lone.fetch(2, 5, epoch());
  const Ready proposed = lone.fetch(3, 5, epoch());
  ASSERT_EQ(proposed.proposals.size(), 1U);
  lone->proposal_done(kPartition, proposed.proposals[0].id, ProposalOutcome::kUnknown);
  cluster.fence(3);
  lone.learn();
  lone.append(2);
  lone.fetch(2, 7, epoch());
  EXPECT_EQ(high_watermark(), 5U);
  // The ISR of now, proposed again, makes sure that the other one never comes true.
  const Ready again = lone.pass(Options{}.proposal_retry_ms);
  ASSERT_EQ(again.proposals.size(), 1U);
  EXPECT_EQ(again.proposals[0].command.isr.size(), 2U);
  cluster.apply(again.proposals[0].command);
  lone.learn();
  EXPECT_EQ(high_watermark(), 7U);
}

TEST_F(Leading, ARefusedProposalCountsNoMore) {
  cluster.set_isr({1, 2});
  lone.learn();
  lone.append(5);
  lone.fetch(2, 5, epoch());
  const Ready proposed = lone.fetch(3, 5, epoch());
  ASSERT_EQ(proposed.proposals.size(), 1U);
  cluster.fence(3);
  lone.learn();
  lone->proposal_done(kPartition, proposed.proposals[0].id, ProposalOutcome::kRefused);
  EXPECT_THAT(lone.status().maximal_isr, UnorderedElementsAre(node(1), node(2)));
}

// --- Who is in sync ------------------------------------------------------------------------------

TEST_F(Leading, ASlowFollowerLeavesTheIsrButNeverBelowMinIsr) {
  lone.append(5);
  const TimeMs begin = lone.now;
  std::vector<Proposal> proposals;
  for (int i = 0; i < 12; ++i) {
    lone.fetch(2, 5, epoch());
    for (Proposal& one : lone.pass(500).proposals) {
      // It may have led before, and answer reads as long as its lease lasts.
      EXPECT_GT(lone.now - begin, Options{}.lease_ms);
      proposals.push_back(std::move(one));
    }
  }
  ASSERT_EQ(proposals.size(), 1U);
  ASSERT_EQ(proposals[0].command.isr.size(), 2U);
  EXPECT_EQ(proposals[0].command.isr[1].node, node(2));
  cluster.apply(proposals[0].command);
  lone.learn();
  for (int i = 0; i < 12; ++i) EXPECT_THAT(lone.pass(900).proposals, IsEmpty());
}

TEST_F(Leading, WhoWasPausedItselfBlamesNobody) {
  lone.append(5);
  hear(5, 5);
  EXPECT_THAT(lone.pass(60'000).proposals, IsEmpty());
}

TEST_F(Leading, AFollowerJoinsOnlyInItsPresentLife) {
  cluster.set_isr({1, 2});
  lone.learn();
  lone.append(5);
  Fetch question;
  question.partition = kPartition;
  question.id = 1;
  question.node_epoch = cluster.epoch_of(3);
  question.leader_epoch = question.last_epoch = epoch();
  question.partition_epoch = cluster.row().partition_epoch;
  question.log_end = question.durable = 5;
  cluster.apply(registration(3, cluster.epoch_of(3)));
  lone.learn();
  lone->receive(node(3), question);
  const Ready ready = lone.drain();
  ASSERT_EQ(ready.answers.size(), 1U);
  EXPECT_EQ(ready.answers[0].answer.outcome, FetchOutcome::kFenced);
  EXPECT_THAT(lone.fetch(3, 5, epoch()).proposals, IsEmpty());  // It is fenced still.
  cluster.apply(metadata::UnfenceNode{node(3), cluster.epoch_of(3)});
  EXPECT_EQ(lone.learn().proposals.size(), 1U);
}

TEST_F(Leading, WhatAFollowerSaidInAFormerLifeLetsItNotIn) {
  cluster.fence(3);
  lone.learn();
  lone.append(5);
  hear(5, 5);
  cluster.apply(registration(3, cluster.epoch_of(3)));
  cluster.apply(metadata::UnfenceNode{node(3), cluster.epoch_of(3)});
  EXPECT_THAT(lone.learn().proposals, IsEmpty());
  EXPECT_EQ(lone.fetch(3, 5, epoch()).proposals.size(), 1U);
}

TEST_F(Leading, AQuestionOfAnotherEpochIsRefused) {
  Fetch question;
  question.partition = kPartition;
  question.node_epoch = 1;
  for (const auto& [epoch_seen, outcome] :
       {std::pair{epoch() - 1, FetchOutcome::kFenced}, {epoch() + 1, FetchOutcome::kNotLeader}}) {
    question.leader_epoch = epoch_seen;
    lone->receive(node(2), question);
    const Ready ready = lone.drain();
    ASSERT_EQ(ready.answers.size(), 1U);
    EXPECT_EQ(ready.answers[0].answer.outcome, outcome);
  }
}

TEST_F(Leading, ACopyThatWasRemovedAndMadeAnewJoinsOnlyByWhatItSaysAfterwards) {
  cluster.set_isr({1, 2});
  lone.learn();
  lone.append(5);
  hear(5, 5);
  const auto assign = [&](std::vector<NodeId> replicas) {
    cluster.apply(metadata::AssignReplicas{kPartition, cluster.row().partition_epoch, replicas});
  };
  assign({node(1), node(2)});
  assign({node(1), node(2), node(3)});
  // The leader learns of both at once: what node 3 said of its former copy is void.
  EXPECT_THAT(lone.learn().proposals, IsEmpty());
  EXPECT_THAT(lone.pass(600).proposals, IsEmpty());
  EXPECT_EQ(lone.fetch(3, 5, epoch()).proposals.size(), 1U);
}

TEST_F(Leading, ANewLeaderLetsNobodyInWhoLacksWhatTheFormerOneMayHaveCommitted) {
  Cluster other;
  other.set_isr({2, 1});
  Lone second(other, 2, {.log_end = 8, .epochs = {{2, 0}}, .high_watermark = 3});
  other.lead(2);
  second.learn();
  // Above the high watermark that it knows, below the end of its log when it began to lead.
  EXPECT_THAT(second.fetch(3, 5, 2).proposals, IsEmpty());
  EXPECT_EQ(second.fetch(3, 8, 2).proposals.size(), 1U);
}

// --- Leases and strict reads ---------------------------------------------------------------------

TEST_F(Leading, NothingIsTakenReadOrAcknowledgedWithoutALease) {
  const auto admissions = [&] {
    return std::vector{lone->append(kPartition, 1, lone.now).admission,
                       lone->may_acknowledge(kPartition, epoch(), lone.now),
                       lone->may_read_strictly(kPartition, epoch(), lone.now)};
  };
  EXPECT_THAT(admissions(), ::testing::Each(Admission::kYes));
  lone.now += Options{}.lease_ms;
  EXPECT_THAT(admissions(), ::testing::Each(Admission::kNoLease));
}

TEST_F(Leading, ALeaseCountsOnceTheNewsThatItCameWithIsApplied) {
  lone.pass(Options{}.lease_ms);
  cluster.lead(2);
  lone.renew_lease();
  EXPECT_EQ(lone->may_read_strictly(kPartition, epoch() - 1, lone.now), Admission::kNoLease);
  lone.learn();
  EXPECT_EQ(lone->may_read_strictly(kPartition, epoch() - 1, lone.now), Admission::kNotLeader);
}

TEST_F(Leading, ANewLeaderReadsOnceAllThatItFoundIsCommitted) {
  Cluster other;
  Lone second(other, 2, {.log_end = 8, .epochs = {{2, 0}}, .high_watermark = 3});
  other.lead(2);
  second.learn();
  second.renew_lease();
  const LeaderEpoch now = other.row().leader_epoch;
  EXPECT_EQ(second->may_read_strictly(kPartition, now, second.now), Admission::kCatchingUp);
  EXPECT_EQ(second->flushable(kPartition).size(), 0U);
  second.fetch(1, 8, 2);
  second.fetch(3, 8, 2);
  EXPECT_EQ(second->may_read_strictly(kPartition, now, second.now), Admission::kYes);
  EXPECT_EQ(second->flushable(kPartition), (OffsetRange{0, 8}));
}

TEST_F(Leading, WhoLosesLeadershipSaysSoBeforeItsLogChanges) {
  lone.append(5);
  cluster.lead(2);
  const Ready ready = lone.learn();
  ASSERT_EQ(ready.ended.size(), 1U);
  EXPECT_EQ(lone->append(kPartition, 1, lone.now).admission, Admission::kNotLeader);
  ASSERT_EQ(ready.fetches.size(), 1U);
  EXPECT_EQ(ready.fetches[0].to, node(2));
}

TEST_F(Leading, ANodeThatFindsItselfRegisteredAnewLeadsNothing) {
  cluster.apply(registration(1, cluster.epoch_of(1)));
  EXPECT_TRUE(lone.learn().registered_anew);
  EXPECT_FALSE(lone.status().leads);
}

TEST(Restart, WhatTheMetadataSaysOfAnEarlierLifeIsNotSaidOfThisOne) {
  Cluster cluster;
  Lone lone(cluster, 1);
  Replication again{Options{}};
  again.restore(kPartition, {.log_end = 3, .epochs = {{2, 0}}});
  again.register_as(node(1), cluster.epoch_of(1) + 1);
  again.apply(cluster.state());
  EXPECT_THAT(again.take_ready().log, IsEmpty());
}

// --- Comparing logs ------------------------------------------------------------------------------

TEST_F(Leading, ALogThatPartsIsToldWhereByEpoch) {
  lone.append(5);
  const LeaderEpoch first = epoch();
  cluster.lead(2);
  lone.learn();
  cluster.lead(1);
  lone.learn();
  lone.append(5);
  // Node 3 has more of the first epoch than this leader has.
  const Ready ready = lone.fetch(3, 9, first);
  ASSERT_EQ(ready.answers.size(), 1U);
  EXPECT_EQ(ready.answers[0].answer.diverging, (EpochEnd{first, 5}));
}

// As in a cluster that was rebuilt from its object store, or where losses were accepted.
TEST_F(Leading, AFollowerThatBeganWhereThisLogBeganTakesItsBatches) {
  cluster.flush(0, 6);
  cluster.lead(2);
  cluster.lead(1);
  Lone anew(cluster, 1, {.log_start = 6, .log_end = 6, .epochs = {}});
  anew.renew_lease();
  anew.append(5);
  const Ready ready = anew.fetch(3, 6, 0);
  ASSERT_EQ(ready.answers.size(), 1U);
  EXPECT_EQ(ready.answers[0].answer.outcome, FetchOutcome::kRecords);
  EXPECT_EQ(ready.answers[0].records, (OffsetRange{6, 11}));
  // One that has nothing, but begins elsewhere, lacks what is between.
  const Ready behind = anew.fetch(2, 3, 0);
  ASSERT_EQ(behind.answers.size(), 1U);
  EXPECT_EQ(behind.answers[0].answer.outcome, FetchOutcome::kReset);
}

TEST_F(Leading, AFollowerBehindTheLogStartIsSentToWhatIsFlushed) {
  lone.append(5);
  hear(5, 5);
  cluster.flush(0, 5);
  lone.learn();
  EXPECT_EQ(lone->trimmable(kPartition), 5U);
  lone->trimmed(kPartition, 5);
  const Ready ready = lone.fetch(3, 0, 0);
  ASSERT_EQ(ready.answers.size(), 1U);
  EXPECT_EQ(ready.answers[0].answer.outcome, FetchOutcome::kReset);
  EXPECT_EQ(ready.answers[0].answer.start, 5U);
  EXPECT_THAT(ready.answers[0].answer.epochs, ElementsAre(EpochStart{epoch(), 0}));
}

TEST_F(Leading, WithoutNewsAQuestionIsAnsweredAfterAWhile) {
  EXPECT_THAT(lone.fetch(2, 0, 0).answers, IsEmpty());
  EXPECT_EQ(lone.pass(Options{}.fetch_wait_ms).answers.size(), 1U);
}

// Node 2 follows node 1; its log is of epochs 1 and 2 (where they do not say otherwise).
class Following : public ::testing::Test {
 protected:
  Following() {
    cluster.lead(2);
    cluster.lead(3);
    cluster.lead(1);
  }
  Lone with(const Restored& restored) { return Lone(cluster, 2, restored); }

  Cluster cluster;
};

TEST_F(Following, BatchesGoOnWhereTheLogEnds) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  const Ready ready = lone.answer(lone.question(), records({batch(10, 3, 2), batch(13, 2, 3)}, 12));
  ASSERT_EQ(ready.log.size(), 1U);
  EXPECT_EQ(lone.status().log_end, 15U);
  EXPECT_EQ(lone.status().high_watermark, 12U);
  const SendFetch next = lone.question();
  EXPECT_EQ(next.fetch.last_epoch, 3U);
  EXPECT_EQ(next.fetch.durable, 15U);
}

TEST_F(Following, BatchesThatMakeNoSenseAreIgnored) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  for (const Batch& bad : {batch(11, 3, 2), batch(10, 0, 2), batch(10, 1, 1), batch(10, 1, 99)})
    EXPECT_THAT(lone.answer(lone.question(), records({bad}, 0)).log, IsEmpty());
}

TEST_F(Following, OnlyTheAnswerToTheLastQuestionCounts) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  const SendFetch old = lone.question();
  const SendFetch last = lone.question();
  EXPECT_THAT(lone.answer(old, diverging(2, 4)).log, IsEmpty());
  EXPECT_EQ(lone.answer(last, diverging(2, 4)).log.size(), 1U);
}

TEST_F(Following, AnAnswerOfAnotherEpochSaysNothing) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  const SendFetch question = lone.question();
  FetchAnswer stale = records({batch(10, 3, 2)}, 0);
  stale.partition = kPartition;
  stale.id = question.fetch.id;
  stale.leader_epoch = cluster.row().leader_epoch - 1;
  lone->receive(node(1), stale);
  EXPECT_THAT(lone.drain().log, IsEmpty());
}

TEST_F(Following, ALogIsTruncatedToWhereBothHaveTheSameEpoch) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  const Ready ready = lone.answer(lone.question(), diverging(2, 4));
  ASSERT_EQ(ready.log.size(), 1U);
  EXPECT_EQ(std::get<TruncateLog>(ready.log[0].what).end, 4U);
  EXPECT_EQ(lone.status().durable, 4U);
}

TEST_F(Following, AnEpochThatItDoesNotKnowCutsNoBatchInTwo) {
  // The leader's epoch 3 ends at 6; here epoch 2 goes on to 8, with a batch across 6.
  Lone lone = with({.log_end = 12, .epochs = {{2, 0}, {4, 8}}});
  const Ready ready = lone.answer(lone.question(), diverging(3, 6));
  ASSERT_EQ(ready.log.size(), 1U);
  EXPECT_EQ(std::get<TruncateLog>(ready.log[0].what).end, 8U);
  EXPECT_EQ(lone.question().fetch.last_epoch, 2U);
}

TEST_F(Following, CommittedEventsAreNeverTruncated) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}, .high_watermark = 7});
  const Ready ready = lone.answer(lone.question(), diverging(2, 4));
  EXPECT_THAT(ready.log, IsEmpty());
  EXPECT_THAT(ready.quarantined, ElementsAre(kPartition));
  EXPECT_THAT(lone.pass(60'000).fetches, IsEmpty());
}

TEST_F(Following, ALogThatPartsBelowWhatIsFlushedStartsAnew) {
  cluster.flush(0, 6);
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  EXPECT_THAT(lone.answer(lone.question(), diverging(2, 4)).log, IsEmpty());
  const SendFetch question = lone.question();
  EXPECT_TRUE(question.fetch.wants_reset);
  FetchAnswer anew;
  anew.outcome = FetchOutcome::kReset;
  anew.start = 6;
  anew.epochs = {{3, 2}};
  lone.syncs = false;
  ASSERT_EQ(lone.answer(question, anew).log.size(), 1U);
  EXPECT_EQ(lone.status().log_start, 6U);
  EXPECT_EQ(lone.status().durable, 0U);  // Not synced: a crash brings the old log back.
}

TEST_F(Following, AReportOfBeforeACutSaysNothing) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  lone.syncs = false;
  lone.answer(lone.question(), diverging(2, 4));
  lone.answer(lone.question(), records({batch(4, 6, 3)}, 0));
  lone->durable(kPartition, 0, 10);
  EXPECT_EQ(lone.status().durable, 4U);
  lone->durable(kPartition, 1, 10);
  EXPECT_EQ(lone.status().durable, 10U);
}

TEST_F(Following, AFormerLeaderWithoutBatchesFollowsLikeAnybody) {
  Cluster other;
  other.lead(2);
  Lone lone(other, 2);
  EXPECT_TRUE(lone.status().leads);
  other.lead(1);
  lone.learn();
  // The new leader has batches of an older epoch than the one in which this node led.
  lone.answer(lone.question(), records({batch(0, 3, 2)}, 0));
  EXPECT_EQ(lone.status().log_end, 3U);
}

TEST_F(Following, OnlyWhatItKnowsToBeCommittedIsTrimmed) {
  cluster.flush(0, 6);
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  EXPECT_EQ(lone->trimmable(kPartition), 0U);
  lone.answer(lone.question(), records({}, 8));
  EXPECT_EQ(lone->trimmable(kPartition), 6U);
}

TEST_F(Following, ACopyThatIsNotWantedIsRemoved) {
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}});
  cluster.apply(
      metadata::AssignReplicas{kPartition, cluster.row().partition_epoch, {node(1), node(3)}});
  EXPECT_THAT(lone.learn().removed, ElementsAre(kPartition));
  EXPECT_FALSE(lone->status(kPartition).has_value());
}

TEST_F(Following, AfterAcceptedLossesTheNewLeadersLogIsTheTruth) {
  for (const std::uint32_t id : {1U, 2U, 3U}) cluster.fence(id);
  cluster.apply(metadata::UnfenceNode{node(1), 1});
  Lone lone = with({.log_end = 10, .epochs = {{2, 0}}, .high_watermark = 7});
  ASSERT_FALSE(cluster.row().copies.leader.has_value());
  cluster.apply(metadata::AcceptLoss{kPartition, cluster.row().partition_epoch, node(1)});
  lone.learn();
  const Ready ready = lone.answer(lone.question(), diverging(2, 4));
  EXPECT_THAT(ready.quarantined, IsEmpty());
  EXPECT_EQ(lone.status().log_end, 4U);
}

}  // namespace
}  // namespace lynxdb::replication::testing
