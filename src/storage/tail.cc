#include "storage/tail.h"

#include <iterator>
#include <unordered_set>
#include <utility>

#include "base/check.h"

namespace lynxdb::storage {
namespace {

Error batch_id_conflict(const AppendRequest& request) {
  return Error{ErrorCode::kConflict,
               "batch id '" + request.batch_id + "' was used for other content",
               "use a new id for new content; an id is for retries of the same request"};
}

// The rows that the first append of this batch left out. An event's entry names the batch that
// brought it in: another one had it before, or an earlier row of this one.
std::vector<std::uint32_t> rows_left_out(const PartitionLog& log, const AppendRequest& request,
                                         const DedupEntry& batch) {
  std::vector<std::uint32_t> rows;
  std::unordered_set<DedupKey, DedupKeyHash> seen;
  for (std::uint32_t row = 0; row < request.event_ids.size(); ++row) {
    if (request.event_ids[row].empty()) continue;
    const DedupKey key = event_key(request.event_ids[row]);
    const DedupEntry* event = log.events().find(key);
    const bool is_others = event != nullptr && event->base_offset != batch.base_offset;
    if (is_others || !seen.insert(key).second) rows.push_back(row);
  }
  return rows;
}

// The first answer, again.
Result<Appended> answer_again(const PartitionLog& log, const AppendRequest& request,
                              const DedupEntry& entry) {
  if (entry.content_crc != request.content_crc) return batch_id_conflict(request);
  Appended answer;
  answer.partition = log.id();
  answer.offsets = {entry.base_offset, entry.base_offset + entry.count};
  answer.duplicate = true;
  answer.duplicate_rows = rows_left_out(log, request, entry);
  return answer;
}

// The events' keys that are new, and the rows that are not. True when one of them is in flight.
bool sort_events(const PartitionLog& log, const AppendRequest& request, PendingAppend& pending,
                 std::optional<DedupKey>& in_flight) {
  std::unordered_set<DedupKey, DedupKeyHash> seen;
  for (std::uint32_t row = 0; row < request.event_ids.size(); ++row) {
    if (request.event_ids[row].empty()) continue;
    const DedupKey key = event_key(request.event_ids[row]);
    if (log.in_flight(key)) {
      in_flight = key;
      return true;
    }
    if (log.events().find(key) != nullptr || !seen.insert(key).second) {
      pending.duplicate_rows.push_back(row);
    } else {
      pending.event_keys.push_back(key);
    }
  }
  return false;
}

}  // namespace

Tail::Tail(metadata::MetadataStore& metadata, std::vector<PartitionLog> partitions,
           std::vector<StagedFlushPtr> staged)
    : metadata_(metadata),
      partitions_(std::move(partitions)),
      staged_(std::make_move_iterator(staged.begin()), std::make_move_iterator(staged.end())) {
  for (std::size_t i = 0; i < partitions_.size(); ++i) positions_[partitions_[i].id()] = i;
}

OffsetEnds Tail::log_ends() const {
  const base::MutexLock lock(mutex_);
  OffsetEnds ends;
  for (const PartitionLog& log : partitions_) ends[log.id()] = log.log_end();
  return ends;
}

OffsetEnds Tail::flushed_offsets() const {
  const base::MutexLock lock(mutex_);
  OffsetEnds ends;
  for (const PartitionLog& log : partitions_) ends[log.id()] = log.flushed_offset();
  return ends;
}

std::vector<PartitionStatus> Tail::status() const {
  const base::MutexLock lock(mutex_);
  std::vector<PartitionStatus> status;
  for (const PartitionLog& log : partitions_) {
    status.push_back(
        {log.id(), log.leader_epoch(), log.flushed_offset(), log.high_watermark(), log.log_end()});
  }
  return status;
}

TailSize Tail::size() const {
  const base::MutexLock lock(mutex_);
  TailSize size;
  for (const PartitionLog& log : partitions_) {
    size.events += log.high_watermark() - log.staged_offset();
    size.bytes += log.memtable().bytes();
    size.batches += log.memtable().batches();
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

// --- Appends -------------------------------------------------------------------------------------

Admission Tail::admit(const AppendRequest& request, std::optional<Error> overload,
                      const std::function<void()>& then) {
  Admission admission;
  const base::MutexLock lock(mutex_);
  PartitionLog& partition = log(request.partition);
  PendingAppend& pending = admission.pending;
  if (!request.batch_id.empty()) {
    const DedupKey key = batch_key(request.batch_id, request.part);
    if (const DedupEntry* entry = partition.batches().find(key)) {
      admission.answer = answer_again(partition, request, *entry);
      return admission;
    }
    if (partition.in_flight(key)) {
      partition.wait_for(key, then);
      admission.waits = true;
      return admission;
    }
    pending.batch_keys.push_back(key);
  }
  std::optional<DedupKey> event_in_flight;
  if (sort_events(partition, request, pending, event_in_flight)) {
    partition.wait_for(*event_in_flight, then);
    admission.waits = true;
    return admission;
  }
  if (pending.duplicate_rows.size() == request.batch.rows()) {
    Appended answer;
    answer.partition = request.partition;
    answer.duplicate_rows = std::move(pending.duplicate_rows);
    admission.answer = std::move(answer);
    return admission;
  }
  if (overload) {
    admission.answer = *std::move(overload);
    return admission;
  }
  pending.partition = request.partition;
  pending.leader_epoch = partition.leader_epoch();
  partition.begin(pending);
  return admission;
}

std::vector<std::function<void()>> Tail::commit(std::span<const PendingAppend> appends) {
  std::vector<std::function<void()>> waiting;
  const base::MutexLock lock(mutex_);
  for (const PendingAppend& append : appends) {
    PartitionLog& partition = log(append.partition);
    LYNXDB_CHECK(append.base_offset == partition.log_end());
    LYNXDB_CHECK(append.leader_epoch == partition.leader_epoch());
    partition.commit(append);
    for (auto& then : partition.end(append)) waiting.push_back(std::move(then));
  }
  return waiting;
}

std::vector<std::function<void()>> Tail::abandon(std::span<const PendingAppend> appends) {
  std::vector<std::function<void()>> waiting;
  const base::MutexLock lock(mutex_);
  for (const PendingAppend& append : appends) {
    for (auto& then : log(append.partition).end(append)) waiting.push_back(std::move(then));
  }
  return waiting;
}

void Tail::merge_small_batches(PartitionId partition) {
  for (;;) {
    MergePlan plan;
    {
      const base::MutexLock lock(mutex_);
      plan = log(partition).memtable().plan_merge();
    }
    if (plan.batches.empty()) return;
    TailBatchPtr merged = merge(plan);
    const base::MutexLock lock(mutex_);
    Memtable& memtable = log(partition).memtable();
    if (memtable.begin() > plan.batches.front()->base_offset) return;
    memtable.finish_merge(plan, std::move(merged));
  }
}

// --- Reading and flushing ------------------------------------------------------------------------

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
  for (const StagedFlushPtr& flush : staged_) {
    if (flush->is_committed_in(*state)) continue;
    staged.insert(staged.end(), flush->segments().begin(), flush->segments().end());
  }
  for (const PartitionLog& log : partitions_) {
    const Offset flushed = state->partitions.at(log.id()).flushed_offset;
    LYNXDB_CHECK(log.flushed_offset() <= flushed && flushed <= log.staged_offset());
    log.memtable().collect(log.staged_offset(), log.high_watermark(), batches);
  }
  return {std::move(state), std::move(staged), std::move(batches), border, std::move(pin)};
}

std::vector<FrozenPartition> Tail::freeze() {
  std::vector<FrozenPartition> frozen;
  const base::MutexLock lock(mutex_);
  for (PartitionLog& log : partitions_) {
    const OffsetRange offsets{log.staged_offset(), log.high_watermark()};
    if (offsets.size() == 0) continue;
    FrozenPartition partition{log.id(), log.leader_epoch(), offsets, {}};
    log.memtable().seal();
    log.memtable().collect(offsets.begin, offsets.end, partition.batches);
    frozen.push_back(std::move(partition));
  }
  return frozen;
}

void Tail::stage(StagedFlushPtr flush) {
  const base::MutexLock lock(mutex_);
  for (const auto& advance : flush->command().partitions) {
    PartitionLog& partition = log(advance.partition);
    LYNXDB_CHECK(partition.staged_offset() == advance.expected_offset);
    partition.staged(advance.flushed_offset);
  }
  staged_.push_back(std::move(flush));
}

std::vector<StagedFlushPtr> Tail::staged() const {
  const base::MutexLock lock(mutex_);
  return {staged_.begin(), staged_.end()};
}

void Tail::flushed(const metadata::State& state) {
  const base::MutexLock lock(mutex_);
  while (!staged_.empty() && staged_.front()->is_committed_in(state)) staged_.pop_front();
  for (PartitionLog& log : partitions_) {
    log.flushed(state.partitions.at(log.id()).flushed_offset);
  }
}

DedupSnapshots Tail::encode_dedup() const {
  DedupSnapshots encoded;
  const base::MutexLock lock(mutex_);
  for (const PartitionLog& log : partitions_) {
    log.batches().encode(encoded[log.id()].batches);
    log.events().encode(encoded[log.id()].events);
  }
  return encoded;
}

}  // namespace lynxdb::storage
