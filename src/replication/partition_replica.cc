#include "replication/partition_replica.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lynxdb::replication {

PartitionReplica::PartitionReplica(PartitionId id, const Options& options, const Restored& restored)
    : id_(id),
      options_(options),
      log_start_(restored.log_start),
      log_end_(restored.log_end),
      durable_(restored.log_end),
      history_(restored.epochs),
      hw_(std::clamp(restored.high_watermark, restored.log_start, restored.log_end)),
      losses_(restored.losses_accepted) {}

void PartitionReplica::apply(const Self& self, const metadata::State& state, Ready& out) {
  const metadata::PartitionState& row = state.partitions.at(id_);
  flushed_ = std::max(flushed_, row.flushed_offset);
  accept_losses(row.copies.losses_accepted);
  if (partition_epoch_ != row.partition_epoch) fetch_due_ = true;
  partition_epoch_ = row.partition_epoch;
  if (leader_epoch_ != row.leader_epoch) {
    stop_leading(out);
    leader_epoch_ = row.leader_epoch;
    const metadata::NodeEntry& me = state.nodes.at(self.id);
    const bool is_own = row.copies.leader == self.id;
    // What was said of an earlier life of this node is not said of this one.
    if (is_own && me.epoch == self.epoch && !me.fenced && !quarantined_) {
      lead(self, out);
    } else {
      follow(is_own ? std::nullopt : row.copies.leader);
    }
  }
  if (leading_) leading_->apply(state);
}

// A person chose a leader that may lack committed events: what this copy knows to be committed may
// have been given up.
void PartitionReplica::accept_losses(std::uint32_t losses) {
  if (losses <= losses_) return;
  losses_ = losses;
  hw_ = std::max(log_start_, std::min(hw_, flushed_));
}

void PartitionReplica::begin_life(Ready& out) {
  stop_leading(out);
  question_again();
}

void PartitionReplica::forgive(TimeMs pause_ms) {
  if (leading_) leading_->forgive(pause_ms);
}

void PartitionReplica::stop_leading(Ready& out) {
  if (!leading_) return;
  leading_.reset();
  leader_.reset();
  out.ended.push_back({id_, leader_epoch_});
}

void PartitionReplica::lead(const Self& self, Ready& out) {
  // Only after losses were accepted: what is flushed is not lost, and its offsets are taken.
  if (log_end_ < flushed_) reset(flushed_, {}, nullptr, out);
  leading_.emplace(id_, self.id, log_end_, self.now);
  leader_ = self.id;
  LYNXDB_CHECK(history_.newest() < leader_epoch_);
  history_.begin(leader_epoch_, log_end_);
  log_change(EpochBegan{leader_epoch_, log_end_}, out);
  out.committed.push_back({id_, leader_epoch_, hw_});
}

void PartitionReplica::follow(std::optional<NodeId> leader) {
  leader_ = leader;
  wants_reset_ = false;
  question_again();
}

Offset PartitionReplica::append(std::uint32_t count) {
  LYNXDB_CHECK(leading_ && count > 0);
  const Offset base = log_end_;
  log_end_ += count;
  return base;
}

void PartitionReplica::durable(Cuts cuts, Offset end) {
  if (cuts != cuts_) return;
  LYNXDB_CHECK(end <= log_end_);
  if (end <= durable_) return;
  durable_ = end;
  fetch_due_ = true;
}

void PartitionReplica::trimmed(Offset start) {
  LYNXDB_CHECK(start <= trimmable());
  if (start <= log_start_) return;
  log_start_ = start;
  history_.trim(start);
}

void PartitionReplica::reset(Offset start, std::vector<EpochStart> epochs, Payload dedup,
                             Ready& out) {
  ++cuts_;
  log_start_ = log_end_ = hw_ = start;
  durable_ = 0;  // Until the reset is synced, a crash brings the old log back.
  history_ = EpochHistory(epochs);
  log_change(ResetLog{start, std::move(epochs), std::move(dedup)}, out);
}

void PartitionReplica::log_change(
    std::variant<EpochBegan, AppendBatches, TruncateLog, ResetLog> what, Ready& out) {
  out.log.push_back({id_, cuts_, std::move(what)});
}

void PartitionReplica::proposal_done(ProposalId id, ProposalOutcome outcome) {
  if (leading_) leading_->proposal_done(id, outcome);
}

void PartitionReplica::advance_high_watermark(Ready& out) {
  const std::optional<Offset> committed = leading_->committed_by_all(durable_);
  if (!committed || *committed <= hw_) return;
  hw_ = *committed;
  out.committed.push_back({id_, leader_epoch_, hw_});
}

void PartitionReplica::collect(const Self& self, ProposalId& next_proposal, Ready& out) {
  if (!leading_) return ask(self, out);
  advance_high_watermark(out);
  answer_waiting(self, out);
  if (auto change = leading_->propose(next_proposal, hw_, options_, self.now))
    out.proposals.push_back({next_proposal++, std::move(*change)});
}

ReplicaStatus PartitionReplica::status() const {
  return {.leader = leader_,
          .leads = leads(),
          .quarantined = quarantined_,
          .leader_epoch = leader_epoch_,
          .partition_epoch = partition_epoch_,
          .log_start = log_start_,
          .log_end = log_end_,
          .durable = durable_,
          .high_watermark = hw_,
          .flushed_offset = flushed_,
          .epoch_start = leading_ ? leading_->start() : 0,
          .cuts = cuts_,
          .losses_accepted = losses_,
          .maximal_isr = leading_ ? leading_->maximal_isr() : std::vector<NodeId>{},
          .followers = leading_ ? leading_->followers() : std::map<NodeId, Offset>{}};
}

}  // namespace lynxdb::replication
