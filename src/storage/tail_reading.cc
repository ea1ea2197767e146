// What is read and flushed of the partitions' newest events.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "storage/tail.h"

namespace lynxdb::storage {

void Tail::add_staged(const metadata::State& state, std::vector<StagedSegmentPtr>& out) const {
  if (replicated_) return;  // Their events are in memory.
  for (const StagedFlushPtr& flush : staged_) {
    if (flush->is_committed_in(state)) continue;
    out.insert(out.end(), flush->segments().begin(), flush->segments().end());
  }
}

ReadView Tail::read_view(const RetentionBorder& border, Pins& pins) {
  std::vector<StagedSegmentPtr> staged;
  std::vector<TailBatchPtr> batches;
  // Pinned before it is read: what the state below names cannot have been deleted in between. It
  // may be a later version than the pinned one, never an earlier.
  auto pin = pins.pin(metadata_.state()->version);
  const base::MutexLock lock(mutex_);
  // Whoever commits a flush takes it out of `staged_` under this lock, after the state was
  // published: staged flushes and memtables hold at least what is above the flushed offsets of the
  // state that is seen here.
  metadata::StatePtr state = metadata_.state();
  add_staged(*state, staged);
  for (const auto& [id, log] : partitions_) {
    if (!log.leader_epoch() || log.has_queued_cut()) continue;
    const auto row = state->partitions.find(id);
    if (row == state->partitions.end()) continue;
    const Offset flushed = row->second.flushed_offset;
    LYNXDB_CHECK(log.flushed_offset() <= flushed);
    LYNXDB_CHECK(replicated_ || flushed <= log.staged_offset());
    log.memtable().collect(std::max(flushed, log.staged_offset()), log.high_watermark(), batches);
  }
  return {std::move(state), std::move(staged), std::move(batches), border, std::move(pin)};
}

Result<TailSlice> Tail::read_tail(PartitionId partition, Offset flushed) {
  const base::MutexLock lock(mutex_);
  const PartitionLog* log = find(partition);
  if (log == nullptr || !log->leader_epoch() || log->has_queued_cut() ||
      flushed > log->flushed_offset() || flushed < log->staged_offset()) {
    return Error{ErrorCode::kConflict,
                 fmt::format("events of partition {} from {} on are not in this node's memory",
                             partition.value(), flushed)};
  }
  TailSlice slice;
  slice.offsets = {flushed, std::max(flushed, log->high_watermark())};
  log->memtable().collect(flushed, log->high_watermark(), slice.batches);
  return slice;
}

void add_indexes(const TailBatch& batch, std::set<std::string>& names) {
  const event::ColumnPtr* column = batch.batch->find(event::kIndex);
  if (column == nullptr) {
    names.insert("main");
    return;
  }
  if ((*column)->kind() == event::Kind::kDictionary && !(*column)->has_nulls()) {
    for (const std::string_view name : (*column)->dictionary()->string_values())
      names.emplace(name);
    return;
  }
  for (std::size_t row = 0; row < (*column)->size(); ++row) {
    const event::ValueView value = (*column)->view(row);
    names.emplace(value.type() == event::Type::kString ? value.as_string() : "main");
  }
}

// --- Flushing ------------------------------------------------------------------------------------

std::map<PartitionId, Flushable> Tail::flushable() const {
  std::map<PartitionId, Flushable> flushable;
  const base::MutexLock lock(mutex_);
  for (const auto& [id, log] : partitions_) {
    const OffsetRange offsets{log.staged_offset(), log.high_watermark()};
    if (offsets.size() > 0 && log.leader_epoch()) flushable[id] = {*log.leader_epoch(), offsets};
  }
  return flushable;
}

std::vector<FrozenPartition> Tail::freeze(const std::map<PartitionId, Flushable>& flushable) {
  std::vector<FrozenPartition> frozen;
  const base::MutexLock lock(mutex_);
  for (const auto& [id, what] : flushable) {
    PartitionLog* log = find(id);
    if (log == nullptr || log->has_queued_cut() || log->leader_epoch() != what.leader_epoch)
      continue;
    // Anything else is not of now: it was flushed meanwhile, or the metadata is not applied here.
    if (what.offsets.begin != log->staged_offset() || what.offsets.end > log->high_watermark())
      continue;
    if (what.offsets.end <= what.offsets.begin) continue;
    FrozenPartition partition{id, what.leader_epoch, what.offsets, {}};
    log->memtable().seal();
    log->memtable().collect(what.offsets.begin, what.offsets.end, partition.batches);
    frozen.push_back(std::move(partition));
  }
  return frozen;
}

void Tail::stage(StagedFlushPtr flush) {
  const base::MutexLock lock(mutex_);
  for (const auto& advance : flush->command().partitions) {
    if (replicated_) break;
    PartitionLog& partition = log(advance.partition);
    LYNXDB_CHECK(partition.staged_offset() == advance.expected_offset);
    partition.staged(advance.flushed_offset);
  }
  staged_.push_back(std::move(flush));
}

void Tail::drop_staged() {
  const base::MutexLock lock(mutex_);
  LYNXDB_CHECK(replicated_ && !staged_.empty());
  staged_.pop_front();
}

std::vector<StagedFlushPtr> Tail::staged() const {
  const base::MutexLock lock(mutex_);
  return {staged_.begin(), staged_.end()};
}

void Tail::flushed(const metadata::StatePtr& state) {
  const base::MutexLock lock(mutex_);
  // A flush that is replicated ends with the outcome of its proposal.
  while (!replicated_ && !staged_.empty() && staged_.front()->is_committed_in(*state))
    staged_.pop_front();
  if (state_ == nullptr || state->version > state_->version) state_ = state;
  for (auto& [id, log] : partitions_) {
    const auto row = state->partitions.find(id);
    if (row != state->partitions.end()) log.flushed(row->second.flushed_offset, replicated_);
  }
}

// --- Trimming ------------------------------------------------------------------------------------

DedupSnapshots Tail::snapshots(const OffsetEnds& starts) const {
  DedupSnapshots snapshots;
  const base::MutexLock lock(mutex_);
  for (const auto& [id, log] : partitions_) {
    DedupSnapshot& snapshot = snapshots[id];
    const auto start = starts.find(id);
    const Offset log_start =
        start == starts.end() ? log.log_start() : std::max(start->second, log.log_start());
    snapshot.log_start = log_start;
    snapshot.epochs = log.epochs().below(log_start);
    log.windows().batches.encode(snapshot.batches);
    log.windows().events.encode(snapshot.events);
  }
  return snapshots;
}

void Tail::trimmed(PartitionId partition, Offset start) {
  const base::MutexLock lock(mutex_);
  if (PartitionLog* log = find(partition)) log->trimmed(start);
}

std::string Tail::dedup_below(PartitionId partition, Offset start) const {
  const base::MutexLock lock(mutex_);
  const auto log = partitions_.find(partition);
  return log == partitions_.end() ? std::string() : encode_below(log->second.windows(), start);
}

}  // namespace lynxdb::storage
