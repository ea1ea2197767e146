// A follower's side of a copy: questions, and what their answers make of the log.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "replication/partition_replica.h"

namespace lynxdb::replication {

void PartitionReplica::question_again() {
  ++fetch_id_;
  fetch_due_ = true;
  refused_ = false;
}

void PartitionReplica::ask(const Self& self, Ready& out) {
  if (!leader_ || quarantined_) return;
  const TimeMs patience = refused_ ? options_.refused_retry_ms : options_.fetch_retry_ms;
  if (self.now - fetch_sent_at_ >= patience) question_again();
  if (!fetch_due_ || refused_) return;
  fetch_due_ = false;
  fetch_sent_at_ = self.now;
  Fetch fetch;
  fetch.partition = id_;
  fetch.id = fetch_id_;
  fetch.node_epoch = self.epoch;
  fetch.leader_epoch = leader_epoch_;
  fetch.partition_epoch = partition_epoch_;
  fetch.log_end = log_end_;
  fetch.durable = durable_;
  fetch.last_epoch = history_.epoch_before(log_end_);
  fetch.wants_reset = wants_reset_;
  out.fetches.push_back({*leader_, fetch});
}

// Anything may come in: only what answers the last question is looked at.
void PartitionReplica::receive(NodeId from, FetchAnswer& answer, Ready& out) {
  if (leading_ || quarantined_ || leader_ != from || answer.id != fetch_id_) return;
  if (answer.outcome == FetchOutcome::kFenced || answer.outcome == FetchOutcome::kNotLeader) {
    refused_ = true;
    return;
  }
  if (answer.leader_epoch != leader_epoch_) return;
  switch (answer.outcome) {
    case FetchOutcome::kRecords:
      return take_batches(answer, out);
    case FetchOutcome::kDiverging:
      return part_from(answer.diverging, out);
    case FetchOutcome::kReset:
      return start_anew(answer, out);
    case FetchOutcome::kFenced:
    case FetchOutcome::kNotLeader:
      break;
  }
}

bool PartitionReplica::go_on_with(const std::vector<Batch>& batches) const {
  Offset end = log_end_;
  LeaderEpoch epoch = history_.epoch_before(log_end_);
  for (const Batch& batch : batches) {
    if (batch.base != end || batch.count == 0) return false;
    if (batch.epoch < epoch || batch.epoch > leader_epoch_) return false;
    end = batch.end();
    epoch = batch.epoch;
  }
  return true;
}

void PartitionReplica::take_batches(FetchAnswer& answer, Ready& out) {
  if (!go_on_with(answer.batches)) return;
  for (const Batch& batch : answer.batches) {
    history_.begin(batch.epoch, batch.base);
    log_end_ = batch.end();
  }
  hw_ = std::max(hw_, std::min(answer.high_watermark, log_end_));
  if (!answer.batches.empty()) log_change(AppendBatches{std::move(answer.batches)}, out);
  question_again();
}

void PartitionReplica::part_from(EpochEnd diverging, Ready& out) {
  const LeaderEpoch newest = history_.epoch_before(log_end_);
  const bool is_sense =
      diverging.epoch < newest || (diverging.epoch == newest && diverging.end < log_end_);
  if (!is_sense) {
    refused_ = true;
    return;
  }
  const EpochEnd own = history_.end_of(diverging.epoch, log_end_);
  // Another epoch's end here says nothing of where the leader's ends: the logs may part before it,
  // even within a batch. The next question will tell.
  Offset end = own.epoch == 0 ? log_start_ : own.end;
  if (own.epoch == diverging.epoch) end = std::min(end, diverging.end);
  if (hw_ > std::max(end, flushed_)) return quarantine(out);
  // The logs part below what is flushed: nothing above it is of worth.
  if (end < flushed_ || (end <= log_start_ && log_start_ > 0)) {
    wants_reset_ = true;
    return question_again();
  }
  LYNXDB_CHECK(end >= hw_ && end >= log_start_ && end <= log_end_);
  ++cuts_;
  log_end_ = end;
  durable_ = std::min(durable_, end);
  history_.truncate(end);
  log_change(TruncateLog{end}, out);
  question_again();
}

void PartitionReplica::start_anew(FetchAnswer& answer, Ready& out) {
  // The leader does not know yet how far events are flushed.
  if (answer.start < flushed_) {
    refused_ = true;
    return;
  }
  if (hw_ > answer.start) return quarantine(out);
  wants_reset_ = false;
  reset(answer.start, std::move(answer.epochs), std::move(answer.dedup), out);
  question_again();
}

void PartitionReplica::quarantine(Ready& out) {
  quarantined_ = true;
  out.quarantined.push_back(id_);
}

}  // namespace lynxdb::replication
