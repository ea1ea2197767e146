#include "storage/tail.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "base/check.h"

namespace lynxdb::storage {
namespace {

void add(Answers from, Answers& to) {
  std::move(from.appends.begin(), from.appends.end(), std::back_inserter(to.appends));
  std::move(from.then.begin(), from.then.end(), std::back_inserter(to.then));
}

Offset flushed_offset_in(const metadata::StatePtr& state, PartitionId partition) {
  if (state == nullptr) return 0;
  const auto found = state->partitions.find(partition);
  return found == state->partitions.end() ? 0 : found->second.flushed_offset;
}

}  // namespace

Tail::Tail(metadata::MetadataStore& metadata, const StoreOptions& options, PartitionLogs partitions,
           std::vector<StagedFlushPtr> staged)
    : metadata_(metadata),
      replicated_(options.replicator != nullptr),
      dedup_(options.dedup),
      state_(metadata.state()),
      partitions_(std::move(partitions)),
      staged_(std::make_move_iterator(staged.begin()), std::make_move_iterator(staged.end())) {}

bool Tail::has(PartitionId partition) const {
  const base::MutexLock lock(mutex_);
  return partitions_.contains(partition);
}

PartitionLog* Tail::find(PartitionId partition) {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? nullptr : &found->second;
}

OffsetEnds Tail::log_ends() const {
  const base::MutexLock lock(mutex_);
  OffsetEnds ends;
  for (const auto& [id, log] : partitions_) ends[id] = log.log_end();
  return ends;
}

OffsetEnds Tail::flushed_offsets() const {
  const base::MutexLock lock(mutex_);
  OffsetEnds ends;
  for (const auto& [id, log] : partitions_) ends[id] = log.flushed_offset();
  return ends;
}

std::vector<PartitionStatus> Tail::status() const {
  const base::MutexLock lock(mutex_);
  std::vector<PartitionStatus> status;
  for (const auto& [id, log] : partitions_) {
    status.push_back({id, log.leader_epoch().value_or(log.epochs().newest()), log.flushed_offset(),
                      log.high_watermark(), log.log_end()});
  }
  return status;
}

std::map<PartitionId, replication::Restored> Tail::restored() const {
  const base::MutexLock lock(mutex_);
  std::map<PartitionId, replication::Restored> restored;
  for (const auto& [id, log] : partitions_) {
    restored[id] = {
        .log_start = log.log_start(), .log_end = log.log_end(), .epochs = log.epochs().entries()};
  }
  return restored;
}

TailSize Tail::size() const {
  const base::MutexLock lock(mutex_);
  TailSize size;
  for (const auto& [id, log] : partitions_) {
    size.bytes += log.memtable().bytes();
    size.batches += log.memtable().batches();
    if (!log.leader_epoch()) continue;
    size.led_bytes += log.memtable().bytes();
    size.events += log.high_watermark() - std::min(log.high_watermark(), log.staged_offset());
  }
  return size;
}

StagedSize Tail::staged_size() const {
  const base::MutexLock lock(mutex_);
  StagedSize size;
  size.flushes = staged_.size();
  for (const StagedFlushPtr& flush : staged_) {
    size.segments += flush->segments().size();
    size.events += flush->rows();
    size.bytes += flush->size_bytes();
  }
  if (!staged_.empty()) size.oldest = staged_.front()->staged_at();
  return size;
}

// --- Places --------------------------------------------------------------------------------------

void Tail::count(const Answers& answers) {
  for (const WaitingAppend& append : answers.appends) waiting_bytes_ -= append.payload_bytes;
}

Answers Tail::abandon(const PendingAppend& append) {
  const base::MutexLock lock(mutex_);
  PartitionLog* log = find(append.partition);
  // A copy that went meanwhile took its keys along.
  return log == nullptr ? Answers{} : Answers{{}, log->abandon(append.keys)};
}

LogEntry Tail::place(PendingAppend append, const Place& place) {
  put_place(place.leader_epoch, place.base, *append.record);
  LogEntry entry;
  entry.partition = append.partition;
  entry.cuts = place.cuts;
  entry.record = std::move(append.record);
  const auto rows = static_cast<std::uint32_t>(append.events->rows());
  entry.step = PlacedBatch{place.leader_epoch,
                           place.base,
                           std::move(append.events),
                           std::move(append.keys),
                           {place.base, rows, append.content_crc, append.appended_ns}};
  waiting_bytes_ += append.payload_bytes;
  const base::MutexLock lock(mutex_);
  if (const auto removals = removals_.find(append.partition); removals != removals_.end())
    entry.removals = removals->second;
  PartitionLog& partition = log(append.partition);
  partition.wait({append.partition,
                  place.leader_epoch,
                  {place.base, place.base + rows},
                  std::move(append.duplicate_rows),
                  append.payload_bytes,
                  std::move(append.done)});
  partition.queued(entry.step);
  return entry;
}

Answers Tail::take_back(const LogEntry& entry) { return fail(std::span(&entry, 1)); }

// --- The log -------------------------------------------------------------------------------------

void Tail::queue(LogEntry& entry) {
  const base::MutexLock lock(mutex_);
  const auto removals = removals_.find(entry.partition);
  if (removals != removals_.end()) entry.removals = removals->second;
  PartitionLog& partition = partitions_
                                .try_emplace(entry.partition, entry.partition,
                                             flushed_offset_in(state_, entry.partition), 0, dedup_)
                                .first->second;
  if (const auto* batch = std::get_if<PlacedBatch>(&entry.step)) partition.begin(batch->keys);
  partition.queued(entry.step);
}

Tail::Written Tail::written(std::span<const LogEntry> entries) {
  Written result;
  std::map<PartitionId, LogEnd> ends;
  const base::MutexLock lock(mutex_);
  for (const LogEntry& entry : entries) {
    PartitionLog& partition = log(entry.partition);
    for (Then& then : partition.written(entry.step)) result.then.push_back(std::move(then));
    const bool is_gone = entry.removals != removals_[entry.partition] ||
                         std::holds_alternative<LogRemoved>(entry.step);
    ends.erase(entry.partition);
    if (!is_gone)
      ends[entry.partition] = {entry.partition, entry.cuts, partition.log_end(), entry.removals};
    if (std::holds_alternative<LogRemoved>(entry.step) && partition.queued_count() == 0)
      partitions_.erase(entry.partition);
  }
  for (const auto& [partition, end] : ends) result.ends.push_back(end);
  return result;
}

Answers Tail::fail(std::span<const LogEntry> entries) {
  Answers answers;
  const base::MutexLock lock(mutex_);
  for (const LogEntry& entry : std::views::reverse(entries)) {
    PartitionLog& partition = log(entry.partition);
    answers.appends.push_back(partition.stop_waiting());
    partition.unqueued();
    for (Then& then : partition.abandon(std::get<PlacedBatch>(entry.step).keys))
      answers.then.push_back(std::move(then));
  }
  std::reverse(answers.appends.begin(), answers.appends.end());
  count(answers);
  return answers;
}

void Tail::merge_small_batches(PartitionId partition) {
  for (;;) {
    MergePlan plan;
    {
      const base::MutexLock lock(mutex_);
      const PartitionLog* log = find(partition);
      if (log != nullptr) plan = log->memtable().plan_merge();
    }
    if (plan.batches.empty()) return;
    TailBatchPtr merged = merge(plan);
    const base::MutexLock lock(mutex_);
    PartitionLog* log = find(partition);
    if (log == nullptr || log->staged_offset() > plan.batches.front()->base_offset) return;
    log->memtable().finish_merge(plan, std::move(merged));
  }
}

// --- Decisions -----------------------------------------------------------------------------------

Answers Tail::commit(PartitionId partition, LeaderEpoch epoch, Offset high_watermark) {
  const base::MutexLock lock(mutex_);
  PartitionLog* log = find(partition);
  if (log == nullptr) return {};
  Answers answers = log->commit(epoch, high_watermark);
  count(answers);
  return answers;
}

Answers Tail::end_leadership(PartitionId partition) {
  const base::MutexLock lock(mutex_);
  PartitionLog* log = find(partition);
  if (log == nullptr) return {};
  Answers answers = log->end_leadership();
  count(answers);
  return answers;
}

Answers Tail::end_all() {
  Answers answers;
  const base::MutexLock lock(mutex_);
  for (auto& [id, log] : partitions_) add(log.end_leadership(), answers);
  count(answers);
  return answers;
}

void Tail::forsake(PartitionId partition) {
  const base::MutexLock lock(mutex_);
  ++removals_[partition];
}

}  // namespace lynxdb::storage
