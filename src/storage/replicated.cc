// The store as its Replicator sees it.
#include <utility>

#include <fmt/format.h>

#include "event/batch_codec.h"
#include "io/record_log_format.h"
#include "storage/log_replay.h"
#include "storage/store_impl.h"

namespace lynxdb::storage {
namespace {

using replication::Batch;

Error outcome_unknown() {
  return Error{ErrorCode::kUnavailable,
               "this node stopped leading the partition: the outcome is unknown",
               "retry with the same batch id"};
}

Error refused(std::string_view what) { return Error{ErrorCode::kCorruption, std::string(what)}; }

// A record with the partition's number and what `what` says.
LogEntry entry_of(const replication::LogChange& change, const WalRecord& record, LogStep step) {
  std::string bytes;
  LogEntry entry;
  entry.partition = change.partition;
  entry.cuts = change.cuts;
  entry.type = encode(record, bytes);
  entry.record = std::make_shared<const std::string>(std::move(bytes));
  entry.step = std::move(step);
  return entry;
}

Result<LogEntry> entry_of(const replication::LogChange& change, const Batch& batch) {
  if (batch.payload == nullptr || batch.payload->size() > io::kRecordPayloadBytesMax)
    return refused("a batch without, or with too large, a record");
  const WalBatch head = TRY(decode_wal_batch(*batch.payload));
  const bool fits = head.partition == change.partition && head.leader_epoch == batch.epoch &&
                    head.base_offset == batch.base && head.count == batch.count;
  if (!fits) return refused("a batch whose record says something else");
  LogEntry entry;
  entry.partition = change.partition;
  entry.cuts = change.cuts;
  entry.record = batch.payload;
  entry.step = TRY(placed_batch(head, batch.payload));
  return entry;
}

Result<std::vector<LogEntry>> entries_of(const replication::LogChange& change,
                                         const replication::AppendBatches& append,
                                         const DedupOptions&) {
  std::vector<LogEntry> entries;
  for (const Batch& batch : append.batches) entries.push_back(TRY(entry_of(change, batch)));
  return entries;
}

std::vector<LogEntry> one(LogEntry entry) {
  std::vector<LogEntry> entries;
  entries.push_back(std::move(entry));
  return entries;
}

Result<std::vector<LogEntry>> entries_of(const replication::LogChange& change,
                                         const replication::EpochBegan& began,
                                         const DedupOptions&) {
  return one(entry_of(change, WalEpochBegan{change.partition, began.epoch, began.start}, began));
}

Result<std::vector<LogEntry>> entries_of(const replication::LogChange& change,
                                         const replication::TruncateLog& cut, const DedupOptions&) {
  return one(entry_of(change, WalTruncated{change.partition, cut.end}, cut));
}

Result<std::vector<LogEntry>> entries_of(const replication::LogChange& change,
                                         const replication::ResetLog& reset,
                                         const DedupOptions& dedup) {
  const std::string_view ids = reset.dedup ? std::string_view(*reset.dedup) : std::string_view();
  auto windows = std::make_shared<DedupWindows>(dedup);
  TRY(decode(ids, *windows));
  LogEntry entry = entry_of(change, WalReset{change.partition, reset.start, reset.epochs, ids},
                            LogReset{reset.start, reset.epochs, std::move(windows)});
  // As it will be read: epochs that do not ascend would end the process at the next start.
  TRY(decode_wal_record(entry.type, *entry.record));
  if (entry.record->size() > io::kRecordPayloadBytesMax) return refused("too many batch ids");
  return one(std::move(entry));
}

}  // namespace

// --- Decisions -----------------------------------------------------------------------------------

Result<> StoreImpl::change_log(const replication::LogChange& change) {
  auto entries = TRY(std::visit(
      [&](const auto& what) { return entries_of(change, what, options_.dedup); }, change.what));
  for (LogEntry& entry : entries) {
    tail_.queue(entry);
    note_recent(entry);
    // When it stops, what is not written is as if the node had died before.
    (void)commits_->enqueue(entry);
  }
  return {};
}

void StoreImpl::note_recent(LogEntry& entry) {
  if (const auto* batch = std::get_if<PlacedBatch>(&entry.step)) {
    entry.recent_number = recent_.add(entry.partition, {batch->base_offset, batch->entry.count,
                                                        batch->leader_epoch, entry.record});
  } else if (const auto* cut = std::get_if<replication::TruncateLog>(&entry.step)) {
    recent_.truncate(entry.partition, entry.cuts, cut->end);
  } else if (const auto* reset = std::get_if<LogReset>(&entry.step)) {
    recent_.reset(entry.partition, entry.cuts, reset->start);
  }
}

Work StoreImpl::commit(PartitionId partition, LeaderEpoch epoch, Offset high_watermark,
                       bool may_acknowledge) {
  Answers answers = tail_.commit(partition, epoch, high_watermark);
  if (may_acknowledge) return acknowledgements(std::move(answers));
  return refusals(std::move(answers), outcome_unknown());
}

Work StoreImpl::end_leadership(PartitionId partition, LeaderEpoch) {
  return refusals(tail_.end_leadership(partition), outcome_unknown());
}

void StoreImpl::remove(PartitionId partition) {
  recent_.remove(partition);
  if (!tail_.has(partition)) return;
  // Nobody waits any more: a copy that goes has stopped leading before.
  replication::LogChange change;
  change.partition = partition;
  LogEntry entry = entry_of(change, WalRemoved{partition}, LogRemoved{});
  tail_.forsake(partition);
  tail_.queue(entry);
  (void)commits_->enqueue(entry);
}

void StoreImpl::apply(const metadata::StatePtr& state) { tail_.flushed(state); }

// --- Reading -------------------------------------------------------------------------------------

Result<std::vector<Batch>> StoreImpl::read_log(PartitionId partition, Cuts cuts,
                                               OffsetRange offsets, std::size_t bytes_max) {
  auto recent = TRY(recent_.read(partition, cuts, offsets, bytes_max));
  if (!recent.empty()) return recent;
  return wal_->read(partition, offsets, bytes_max);
}

replication::Payload StoreImpl::dedup_below(PartitionId partition, Offset start) {
  return std::make_shared<const std::string>(tail_.dedup_below(partition, start));
}

}  // namespace lynxdb::storage
