#include "storage/log_replay.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "event/batch_codec.h"

namespace lynxdb::storage {
namespace {

Error impossible(PartitionId partition, std::string_view what) {
  return Error{ErrorCode::kCorruption, fmt::format("partition {}: {}", partition.value(), what)};
}

Error missing(PartitionId partition, Offset found, Offset expected) {
  return Error{ErrorCode::kCorruption,
               fmt::format("partition {} goes on at offset {} where {} belongs: a file is missing",
                           partition.value(), found, expected),
               "restore the missing file of the log from a backup"};
}

// All but the events.
PlacedBatch placed_keys(const WalBatch& batch) {
  PlacedBatch placed;
  placed.leader_epoch = batch.leader_epoch;
  placed.base_offset = batch.base_offset;
  if (!batch.batch_id.empty()) placed.keys.batch = batch_key(batch.batch_id, batch.part);
  placed.keys.events = batch.event_keys;
  placed.entry = {batch.base_offset, batch.count, batch.content_crc, batch.appended_ns};
  return placed;
}

// The record's bytes are the reader's.
Result<PlacedBatch> placed_copy(const WalBatch& batch) {
  const auto owner = std::make_shared<const std::string>(batch.payload);
  WalBatch copy = batch;
  copy.payload = *owner;
  return placed_batch(copy, owner);
}

}  // namespace

Result<PlacedBatch> placed_batch(const WalBatch& batch, const replication::Payload& owner) {
  auto events = TRY(event::decode(batch.payload, owner));
  const event::ColumnPtr* time = events.find(event::kTime);
  const bool fits =
      events.rows() == batch.count && time != nullptr && (*time)->kind() == event::Kind::kTimestamp;
  if (!fits) return Error{ErrorCode::kCorruption, "events do not fit the record"};
  PlacedBatch placed = placed_keys(batch);
  placed.events = std::make_shared<const event::EventBatch>(std::move(events));
  return placed;
}

// --- Alone ---------------------------------------------------------------------------------------

Result<> AloneReplay::visit(const WalRecord& record) {
  if (const auto* batch = std::get_if<WalBatch>(&record)) return visit_batch(*batch);
  return Error{ErrorCode::kCorruption, "a record of a cluster's log, and this node is alone",
               "start it as the node of the cluster that it was"};
}

Result<> AloneReplay::visit_batch(const WalBatch& batch) {
  const auto found = partitions_.find(batch.partition);
  if (found == partitions_.end()) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("partition {} does not exist", batch.partition.value())};
  }
  PartitionLog& log = found->second;
  if (batch.end_offset() <= log.staged_offset()) {
    log.recover_alone(placed_keys(batch));
    return {};
  }
  // Events follow each other without gaps; only what is in segments may be missing from the log.
  const bool follows = batch.base_offset == log.log_end() ||
                       (batch.base_offset < log.log_end() && log.log_end() == log.staged_offset());
  if (!follows) return missing(batch.partition, batch.base_offset, log.log_end());
  log.recover_alone(TRY(placed_copy(batch)));
  events_ += batch.count;
  return {};
}

// --- In a cluster --------------------------------------------------------------------------------

ReplicatedReplay::ReplicatedReplay(const DedupOptions& dedup, DedupSnapshots snapshots,
                                   metadata::StatePtr state)
    : dedup_(dedup), snapshots_(std::move(snapshots)), state_(std::move(state)) {}

void ReplicatedReplay::begin_anew() {
  logs_.clear();
  known_.clear();
  reset_.clear();
  removed_.clear();
  events_ = 0;
}

Result<> ReplicatedReplay::visit(const WalRecord& record) {
  return std::visit([&](const auto& one) { return take(one); }, record);
}

Offset ReplicatedReplay::flushed_offset(PartitionId partition) const {
  const auto row = state_->partitions.find(partition);
  return row == state_->partitions.end() ? 0 : row->second.flushed_offset;
}

// As of the snapshot, if that speaks of this copy.
Result<PartitionLog> ReplicatedReplay::begin(PartitionId partition) const {
  PartitionLog log(partition, flushed_offset(partition), 0, dedup_);
  const DedupSnapshot* trimmed = snapshot(partition);
  if (trimmed == nullptr) return log;
  log.recover_start(trimmed->log_start.value_or(0));
  TRY(log.recover_windows().batches.decode(trimmed->batches));
  TRY(log.recover_windows().events.decode(trimmed->events));
  return log;
}

Result<PartitionLog*> ReplicatedReplay::find(PartitionId partition) {
  const auto found = logs_.find(partition);
  if (found != logs_.end()) return &found->second;
  return &logs_.emplace(partition, TRY(begin(partition))).first->second;
}

Result<PartitionLog*> ReplicatedReplay::ending_at(PartitionId partition, Offset offset) {
  PartitionLog* log = TRY(find(partition));
  if (known_.insert(partition).second) log->recover_start(offset);
  return log;
}

Result<> ReplicatedReplay::check_epoch(const PartitionLog& log, LeaderEpoch epoch, Offset start) {
  replication::EpochHistory before = log.epochs();
  before.truncate(start);
  if (epoch < before.newest()) return impossible(log.id(), "an older epoch follows a newer one");
  return {};
}

Result<> ReplicatedReplay::take(const WalBatch& batch) {
  PartitionLog& log = *TRY(ending_at(batch.partition, batch.base_offset));
  if (batch.base_offset != log.log_end())
    return missing(batch.partition, batch.base_offset, log.log_end());
  TRY(check_epoch(log, batch.leader_epoch, batch.base_offset));
  if (batch.end_offset() <= log.flushed_offset()) {
    log.recover(placed_keys(batch));
    return {};
  }
  log.recover(TRY(placed_copy(batch)));
  events_ += batch.count;
  return {};
}

Result<> ReplicatedReplay::take(const WalEpochBegan& began) {
  PartitionLog& log = *TRY(ending_at(began.partition, began.start));
  if (began.start != log.log_end()) return missing(began.partition, began.start, log.log_end());
  TRY(check_epoch(log, began.leader_epoch, began.start));
  log.recover(replication::EpochBegan{began.leader_epoch, began.start});
  return {};
}

Result<> ReplicatedReplay::take(const WalTruncated& cut) {
  PartitionLog& log = *TRY(ending_at(cut.partition, cut.end));
  if (cut.end > log.log_end()) return missing(cut.partition, cut.end, log.log_end());
  log.recover(replication::TruncateLog{cut.end});
  return {};
}

Result<> ReplicatedReplay::take(const WalReset& reset) {
  PartitionLog& log = *TRY(ending_at(reset.partition, reset.start));
  auto windows = std::make_shared<DedupWindows>(dedup_);
  TRY(decode(reset.dedup, *windows));
  log.recover(LogReset{reset.start, reset.epochs, std::move(windows)});
  reset_.insert(reset.partition);  // Where it starts, this says.
  return {};
}

Result<> ReplicatedReplay::take(const WalRemoved& removed) {
  logs_.erase(removed.partition);
  known_.erase(removed.partition);
  reset_.erase(removed.partition);
  removed_.insert(removed.partition);
  return {};
}

const DedupSnapshot* ReplicatedReplay::snapshot(PartitionId partition) const {
  const auto found = snapshots_.find(partition);
  const bool is_of_it = found != snapshots_.end() && !removed_.contains(partition);
  return is_of_it ? &found->second : nullptr;
}

// The epochs before the log's start are in the snapshot only. Where files came back that are older
// than it, the log starts before, and they are of no use.
void ReplicatedReplay::join_epochs(const DedupSnapshot& snapshot, PartitionLog& log) {
  if (log.log_start() != snapshot.log_start) return;
  const std::vector<replication::EpochStart> own = log.epochs().entries();
  const bool follow =
      own.empty() || snapshot.epochs.empty() || snapshot.epochs.back().epoch <= own.front().epoch;
  if (!follow) return;
  replication::EpochHistory joined(snapshot.epochs);
  for (const replication::EpochStart& epoch : own) joined.begin(epoch.epoch, epoch.start);
  log.recover_epochs(std::move(joined));
}

Result<PartitionLogs> ReplicatedReplay::finish() {
  for (const auto& [partition, snapshot] : snapshots_) {
    if (!removed_.contains(partition)) TRY(find(partition));
  }
  for (auto& [partition, log] : logs_) {
    const DedupSnapshot* trimmed = snapshot(partition);
    const Offset start_max = trimmed == nullptr ? 0 : trimmed->log_start.value_or(0);
    const bool is_whole = log.log_start() <= start_max || reset_.contains(partition);
    if (!is_whole) return missing(partition, log.log_start(), start_max);
    if (trimmed != nullptr && !reset_.contains(partition)) join_epochs(*trimmed, log);
    // Ids of what a power loss took from the log.
    log.recover_windows().truncate(log.log_end());
  }
  return std::move(logs_);
}

}  // namespace lynxdb::storage
