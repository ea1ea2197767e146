#include "storage/partition_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace lynxdb::storage {
namespace {

// Where the log ends after a step that takes something away.
std::optional<Offset> cut_at(const LogStep& step) {
  if (const auto* cut = std::get_if<replication::TruncateLog>(&step)) return cut->end;
  if (const auto* reset = std::get_if<LogReset>(&step)) return reset->start;
  if (std::holds_alternative<LogRemoved>(step)) return Offset{0};
  return std::nullopt;
}

template <typename Visit>
void for_each_key(const BatchKeys& keys, const Visit& visit) {
  if (keys.batch) visit(*keys.batch);
  for (const DedupKey& key : keys.events) visit(key);
}

}  // namespace

PartitionLog::PartitionLog(PartitionId id, Offset flushed_offset, Offset begin, DedupOptions dedup)
    : id_(id),
      dedup_(dedup),
      flushed_offset_(flushed_offset),
      log_start_(begin),
      committed_(begin),
      high_watermark_(begin),
      memtable_(begin),
      windows_(dedup) {}

// --- Appends -------------------------------------------------------------------------------------

void PartitionLog::wait_for(const DedupKey& key, Then then) {
  in_flight_.at(key).then.push_back(std::move(then));
}

void PartitionLog::begin(const BatchKeys& keys) {
  for_each_key(keys, [&](const DedupKey& key) { ++in_flight_[key].count; });
}

std::vector<Then> PartitionLog::abandon(const BatchKeys& keys) { return end_flight(keys); }

std::vector<Then> PartitionLog::end_flight(const BatchKeys& keys) {
  std::vector<Then> waiting;
  for_each_key(keys, [&](const DedupKey& key) {
    const auto found = in_flight_.find(key);
    if (found == in_flight_.end()) return;  // Of a copy that is gone.
    // The same batch again, behind a truncation that takes the first away.
    if (--found->second.count > 0) return;
    for (Then& then : found->second.then) waiting.push_back(std::move(then));
    in_flight_.erase(found);
  });
  return waiting;
}

WaitingAppend PartitionLog::stop_waiting() {
  LYNXDB_CHECK(!waiting_.empty());
  WaitingAppend last = std::move(waiting_.back());
  waiting_.pop_back();
  return last;
}

// --- The log -------------------------------------------------------------------------------------

void PartitionLog::queued(const LogStep& step) {
  ++queued_;
  const std::optional<Offset> cut = cut_at(step);
  if (!cut) return;
  ++queued_cuts_;
  committed_ = std::min(committed_, *cut);
}

std::vector<Then> PartitionLog::written(const LogStep& step) {
  LYNXDB_CHECK(queued_ > 0);
  --queued_;
  if (cut_at(step)) --queued_cuts_;
  recover(step);
  if (const auto* batch = std::get_if<PlacedBatch>(&step)) {
    for (Then& then : end_flight(batch->keys)) wait_for_commit(batch->base_offset, std::move(then));
  }
  advance();
  std::vector<Then> decided;
  if (queued_cuts_ == 0) decided.swap(after_cuts_);
  take_committed(decided);
  return decided;
}

void PartitionLog::write(const PlacedBatch& batch) {
  LYNXDB_CHECK(batch.base_offset == log_end());
  if (batch.events == nullptr) {
    memtable_.release_below(end_of(batch));
  } else {
    memtable_.append(make_tail_batch(id_, batch.base_offset, batch.events));
    free_flushed();
  }
  epochs_.begin(batch.leader_epoch, batch.base_offset);
  remember(batch);
}

void PartitionLog::write(const replication::EpochBegan& began) {
  LYNXDB_CHECK(began.start == log_end());
  epochs_.begin(began.epoch, began.start);
}

void PartitionLog::write(const replication::TruncateLog& cut) {
  LYNXDB_CHECK(cut.end <= log_end());
  memtable_.truncate(cut.end);
  epochs_.truncate(cut.end);
  windows_.truncate(cut.end);
  log_start_ = std::min(log_start_, cut.end);
  high_watermark_ = std::min(high_watermark_, cut.end);
}

void PartitionLog::write(const LogReset& reset) {
  windows_ = reset.windows ? std::move(*reset.windows) : DedupWindows(dedup_);
  memtable_ = Memtable(reset.start);
  epochs_ = replication::EpochHistory(reset.epochs);
  log_start_ = high_watermark_ = reset.start;
}

void PartitionLog::write(const LogRemoved&) {
  windows_ = DedupWindows(dedup_);
  memtable_ = Memtable(0);
  epochs_ = {};
  log_start_ = high_watermark_ = 0;
}

void PartitionLog::remember(const PlacedBatch& batch) {
  const DedupEntry& entry = batch.entry;
  if (batch.keys.batch) windows_.batches.insert(*batch.keys.batch, entry);
  for (const DedupKey& key : batch.keys.events) {
    windows_.events.insert(key, {entry.base_offset, 1, 0, entry.appended_ns});
  }
  windows_.expire(entry.appended_ns);
}

// A copy that catches up below what is flushed need not keep it.
void PartitionLog::free_flushed() {
  const Offset free_below = std::min(flushed_offset_, log_end());
  if (free_below > memtable_.begin()) memtable_.release_below(free_below);
}

void PartitionLog::advance() {
  if (queued_cuts_ > 0) return;  // What was said may be of the log that comes after.
  high_watermark_ = std::max(high_watermark_, std::min(committed_, log_end()));
}

// --- Decisions -----------------------------------------------------------------------------------

Answers PartitionLog::commit(LeaderEpoch epoch, Offset high_watermark) {
  leader_epoch_ = epoch;
  committed_ = std::max(committed_, high_watermark);
  advance();
  Answers answers;
  while (!waiting_.empty() && waiting_.front().offsets.end <= high_watermark_) {
    answers.appends.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  take_committed(answers.then);
  return answers;
}

void PartitionLog::take_committed(std::vector<Then>& out) {
  const auto end = uncommitted_.lower_bound(high_watermark_);
  for (auto then = uncommitted_.begin(); then != end; ++then)
    out.push_back(std::move(then->second));
  uncommitted_.erase(uncommitted_.begin(), end);
}

Answers PartitionLog::end_leadership() {
  leader_epoch_.reset();
  Answers answers;
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(answers.appends));
  waiting_.clear();
  for (auto& [base, then] : uncommitted_) answers.then.push_back(std::move(then));
  uncommitted_.clear();
  std::move(after_cuts_.begin(), after_cuts_.end(), std::back_inserter(answers.then));
  after_cuts_.clear();
  for (auto& [key, flight] : in_flight_) {
    for (Then& then : flight.then) answers.then.push_back(std::move(then));
    flight.then.clear();
  }
  return answers;
}

void PartitionLog::staged(Offset offset) {
  LYNXDB_CHECK(offset >= staged_offset() && offset <= high_watermark_);
  memtable_.release_below(offset);
}

void PartitionLog::flushed(Offset offset, bool frees) {
  if (offset <= flushed_offset_) return;
  flushed_offset_ = offset;
  if (frees) return free_flushed();
  LYNXDB_CHECK(offset <= staged_offset());
}

void PartitionLog::trimmed(Offset start) {
  if (start <= log_start_ || start > log_end()) return;
  log_start_ = start;
  epochs_.trim(start);
}

// --- Recovery ------------------------------------------------------------------------------------

void PartitionLog::recover_start(Offset offset) {
  log_start_ = committed_ = high_watermark_ = offset;
  memtable_ = Memtable(offset);
  epochs_.truncate(offset);
}

void PartitionLog::recover(const LogStep& step) {
  std::visit([&](const auto& one) { write(one); }, step);
}

void PartitionLog::recover_alone(const PlacedBatch& batch) {
  remember(batch);
  if (batch.events == nullptr) return;
  const auto rows = make_tail_batch(id_, batch.base_offset, batch.events);
  memtable_.append(slice(rows, log_end(), end_of(batch)));
}

void PartitionLog::recover_committed(LeaderEpoch epoch) {
  leader_epoch_ = epoch;
  committed_ = high_watermark_ = log_end();
}

}  // namespace lynxdb::storage
