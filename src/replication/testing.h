// For tests: one core whose disk syncs at once, and metadata of three nodes and one partition. The
// test plays the other nodes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metadata/command.h"
#include "replication/replication.h"

namespace lynxdb::replication::testing {

inline constexpr PartitionId kPartition{0};

inline NodeId node(std::uint32_t id) { return NodeId(id); }

inline metadata::RegisterNode registration(std::uint32_t id, NodeEpoch epoch) {
  metadata::RegisterNode command;
  command.name = "n" + std::to_string(id);
  command.incarnation = 1;
  command.roles = metadata::kAllRoles;
  command.cluster_address = command.name + ":9400";
  command.log_is_whole = true;
  command.expected_epoch = epoch;
  return command;
}

// The metadata of nodes 1 to 4, of which 1, 2 and 3 have a copy; 1 leads.
class Cluster {
 public:
  Cluster() {
    apply(metadata::CreateCluster{"c", 1, 3, 2});
    for (std::uint32_t id = 1; id <= 4; ++id) {
      apply(registration(id, 0));
      apply(metadata::UnfenceNode{node(id), 1});
    }
    apply(metadata::AssignReplicas{kPartition, 1, {node(1), node(2), node(3)}});
  }

  void apply(const metadata::Command& command) {
    auto next = metadata::apply_command(state_, command);
    ASSERT_TRUE(next.has_value()) << next.error().message;
    state_ = std::move(*next);
  }
  void lead(std::uint32_t id) {
    apply(metadata::MoveLeader{kPartition, row().leader_epoch, node(id)});
  }
  void set_isr(std::initializer_list<std::uint32_t> ids) {
    metadata::ChangeIsr change{kPartition, row().leader_epoch, row().partition_epoch, {}};
    for (const std::uint32_t id : ids) change.isr.push_back({node(id), epoch_of(id)});
    apply(change);
  }
  void fence(std::uint32_t id) { apply(metadata::FenceNode{node(id), epoch_of(id)}); }
  void flush(Offset from, Offset to) {
    metadata::SegmentEntry segment;
    segment.object_key = "s" + std::to_string(from);
    segment.size_bytes = 1;
    segment.rows = to - from;
    segment.index = "main";
    segment.parts = {{kPartition, {from, to}, to - from}};
    apply(metadata::CommitFlush{{{kPartition, row().leader_epoch, from, to}}, {segment}});
  }

  const metadata::State& state() const { return state_; }
  const metadata::PartitionState& row() const { return state_.partitions.at(kPartition); }
  NodeEpoch epoch_of(std::uint32_t id) const { return state_.nodes.at(node(id)).epoch; }

 private:
  metadata::State state_;
};

// Node `id`, which begins with what it found on its disk.
class Lone {
 public:
  Lone(Cluster& cluster, std::uint32_t id, const Restored& restored = {})
      : cluster_(cluster), core_(Options{}) {
    core_.restore(kPartition, restored);
    core_.register_as(node(id), cluster.epoch_of(id));
    core_.tick(now);
    learn();
  }

  Replication& core() { return core_; }
  Replication* operator->() { return &core_; }
  ReplicaStatus status() const { return *core_.status(kPartition); }

  // Carries out all that is wanted; returns it.
  Ready drain() {
    Ready all;
    for (Ready ready = core_.take_ready(); !ready.empty(); ready = core_.take_ready()) {
      if (syncs)
        for (const LogChange& change : ready.log) core_.durable(kPartition, change.cuts, end());
      move_all(ready.ended, all.ended);
      move_all(ready.log, all.log);
      move_all(ready.committed, all.committed);
      move_all(ready.answers, all.answers);
      move_all(ready.fetches, all.fetches);
      move_all(ready.proposals, all.proposals);
      move_all(ready.removed, all.removed);
      move_all(ready.quarantined, all.quarantined);
      all.registered_anew |= ready.registered_anew;
    }
    return all;
  }
  Ready learn() {
    core_.apply(cluster_.state());
    return drain();
  }
  Ready pass(TimeMs ms) {
    now += ms;
    core_.tick(now);
    return drain();
  }
  void renew_lease() { core_.heartbeat_answered(now, cluster_.state().version); }
  Ready append(std::uint32_t count) {
    const Placed placed = core_.append(kPartition, count, now);
    EXPECT_EQ(placed.admission, Admission::kYes);
    if (syncs) core_.durable(kPartition, placed.cuts, end());
    return drain();
  }
  // Another node asks this leader; all that it has is durable.
  Ready fetch(std::uint32_t from, Offset log_end, LeaderEpoch last_epoch) {
    Fetch question;
    question.partition = kPartition;
    question.id = ++fetch_id_;
    question.node_epoch = cluster_.epoch_of(from);
    question.leader_epoch = cluster_.row().leader_epoch;
    question.partition_epoch = cluster_.row().partition_epoch;
    question.log_end = question.durable = log_end;
    question.last_epoch = last_epoch;
    core_.receive(node(from), question);
    return drain();
  }
  // The leader answers this follower's last question.
  Ready answer(const SendFetch& question, FetchAnswer answer) {
    answer.partition = kPartition;
    answer.id = question.fetch.id;
    answer.leader_epoch = cluster_.row().leader_epoch;
    core_.receive(question.to, std::move(answer));
    return drain();
  }
  // Its question of now.
  SendFetch question() {
    const Ready ready = pass(Options{}.fetch_retry_ms);
    EXPECT_EQ(ready.fetches.size(), 1U);
    return ready.fetches.at(0);
  }

  TimeMs now = 1'000'000;
  bool syncs = true;

 private:
  Offset end() const { return status().log_end; }
  template <typename T>
  static void move_all(std::vector<T>& from, std::vector<T>& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }

  Cluster& cluster_;
  Replication core_;
  std::uint64_t fetch_id_ = 0;
};

inline Batch batch(Offset base, std::uint32_t count, LeaderEpoch epoch) {
  return {base, count, epoch, nullptr};
}

inline FetchAnswer records(std::vector<Batch> batches, Offset high_watermark) {
  FetchAnswer answer;
  answer.high_watermark = high_watermark;
  answer.batches = std::move(batches);
  return answer;
}

inline FetchAnswer diverging(LeaderEpoch epoch, Offset end) {
  FetchAnswer answer;
  answer.outcome = FetchOutcome::kDiverging;
  answer.diverging = {epoch, end};
  return answer;
}

}  // namespace lynxdb::replication::testing
