// One copy of a partition's log: leads, follows, or waits to be told. Part of Replication, which is
// what an owner uses.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "metadata/state.h"
#include "replication/leadership.h"
#include "replication/message.h"
#include "replication/options.h"
#include "replication/ready.h"

namespace lynxdb::replication {

// What a node finds of a copy when it starts (ready.h says what it keeps). Nothing: an empty log.
struct Restored {
  Offset log_start = 0;
  Offset log_end = 0;  // All of it synced, torn ends cut off.
  std::vector<EpochStart> epochs;
  // Hints: what was written last, or 0.
  Offset high_watermark = 0;
  std::uint32_t losses_accepted = 0;
};

// This node, now.
struct Self {
  NodeId id;
  NodeEpoch epoch = 0;
  TimeMs now = 0;
};

struct ReplicaStatus {
  std::optional<NodeId> leader;
  bool leads = false;
  bool quarantined = false;
  LeaderEpoch leader_epoch = 0;
  std::uint32_t partition_epoch = 0;
  Offset log_start = 0;
  Offset log_end = 0;
  Offset durable = 0;
  Offset high_watermark = 0;
  Offset flushed_offset = 0;  // As the metadata applied here says.
  Offset epoch_start = 0;     // Leader: LESO.
  Cuts cuts = 0;
  std::uint32_t losses_accepted = 0;
  std::vector<NodeId> maximal_isr;     // Leader.
  std::map<NodeId, Offset> followers;  // Leader: what each has durably.
};

class PartitionReplica {
 public:
  PartitionReplica(PartitionId id, const Options& options, const Restored& restored);

  // --- Input: see Replication --------------------------------------------------------------------

  void apply(const Self& self, const metadata::State& state, Ready& out);
  // The node has a new epoch: what it leads is of its former life.
  void begin_life(Ready& out);
  void stop_leading(Ready& out);
  void forgive(TimeMs pause_ms);
  // A leader's: the log grows by `count` events.
  Offset append(std::uint32_t count);
  void durable(Cuts cuts, Offset end);
  void trimmed(Offset start);
  void receive(const Self& self, NodeId from, const Fetch& fetch, Ready& out);
  void receive(NodeId from, FetchAnswer& answer, Ready& out);
  void proposal_done(ProposalId id, ProposalOutcome outcome);
  // What follows from all that came in: commits, answers, questions, proposals.
  void collect(const Self& self, ProposalId& next_proposal, Ready& out);

  // --- Questions ---------------------------------------------------------------------------------

  bool leads() const { return leading_.has_value(); }
  bool has_enough_copies() const { return leading_ && leading_->has_enough_copies(); }
  bool has_caught_up_with_its_past() const { return leading_ && hw_ >= leading_->start(); }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  Offset high_watermark() const { return hw_; }
  Offset flushed_offset() const { return flushed_; }
  // What is not durable yet is not trimmed, for a reset may be among it; nor what may not be what
  // was committed: the flushed offset need not even be a batch's end there.
  Offset trimmable() const { return std::max(log_start_, std::min({flushed_, durable_, hw_})); }
  Cuts cuts() const { return cuts_; }
  ReplicaStatus status() const;

 private:
  // --- partition_replica.cc: roles and the log ---------------------------------------------------
  void accept_losses(std::uint32_t losses);
  void lead(const Self& self, Ready& out);
  void follow(std::optional<NodeId> leader);
  void reset(Offset start, std::vector<EpochStart> epochs, Payload dedup, Ready& out);
  void log_change(std::variant<EpochBegan, AppendBatches, TruncateLog, ResetLog> what, Ready& out);
  void advance_high_watermark(Ready& out);

  // --- leading.cc: a leader's answers ------------------------------------------------------------
  FetchAnswer answer_to(const Fetch& fetch, FetchOutcome outcome) const;
  std::optional<FetchAnswer> compare(const Fetch& fetch) const;
  void answer_waiting(const Self& self, Ready& out);

  // --- following.cc: what comes back -------------------------------------------------------------
  void question_again();
  void ask(const Self& self, Ready& out);
  bool go_on_with(const std::vector<Batch>& batches) const;
  void take_batches(FetchAnswer& answer, Ready& out);
  void part_from(EpochEnd diverging, Ready& out);
  void start_anew(FetchAnswer& answer, Ready& out);
  void quarantine(Ready& out);

  PartitionId id_;
  Options options_;

  Offset log_start_;
  Offset log_end_;
  Offset durable_;
  Cuts cuts_ = 0;
  EpochHistory history_;
  Offset hw_;  // A lower bound of the true one: below it, this log is what was committed.
  std::uint32_t losses_;
  bool quarantined_ = false;

  // What the metadata says.
  Offset flushed_ = 0;
  LeaderEpoch leader_epoch_ = 0;
  std::uint32_t partition_epoch_ = 0;
  std::optional<NodeId> leader_;
  std::optional<Leadership> leading_;

  // A follower's question.
  std::uint64_t fetch_id_ = 1;
  TimeMs fetch_sent_at_ = 0;
  bool fetch_due_ = false;  // A new one, or new numbers for the old one.
  bool wants_reset_ = false;
  bool refused_ = false;  // Wait for newer metadata, or for a while.
};

}  // namespace lynxdb::replication
