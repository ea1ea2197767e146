#include "storage/group_commit.h"

#include <algorithm>
#include <utility>

namespace lynxdb::storage {
namespace {

// A group is written and copied at once: large enough for every disk, small enough for memory.
constexpr std::size_t kGroupBytesMax = std::size_t{8} << 20U;

// A group that cannot be written now (the disk is full) is tried again after this.
constexpr std::chrono::milliseconds kWriteRetry{100};

metadata::OffsetRange offsets_of(const LogStep& step) {
  if (const auto* batch = std::get_if<PlacedBatch>(&step)) {
    return {batch->base_offset, batch->base_offset + batch->entry.count};
  }
  if (const auto* cut = std::get_if<replication::TruncateLog>(&step)) return {cut->end, cut->end};
  return {};
}

}  // namespace

GroupCommit::GroupCommit(Wal& wal, const WalOptions& options, Handlers handlers)
    : wal_(wal), options_(options), handlers_(std::move(handlers)) {
  thread_ = std::thread([this] { run(); });
  if (options_.sync_mode == SyncMode::kWrite) {
    sync_thread_ = std::thread([this] { run_interval_sync(); });
  }
}

bool GroupCommit::enqueue(LogEntry& entry) {
  const base::MutexLock lock(mutex_);
  if (stopping_) return false;
  queued_bytes_ += entry.queued_bytes();
  queue_.push_back(std::move(entry));
  ready_.notify_one();
  return true;
}

void GroupCommit::drain_to(std::vector<LogEntry>& entries) {
  const base::MutexLock lock(mutex_);
  for (LogEntry& entry : queue_) {
    queued_bytes_ -= entry.queued_bytes();
    entries.push_back(std::move(entry));
  }
  queue_.clear();
}

void GroupCommit::stop() {
  {
    const base::MutexLock lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    ready_.notify_all();
    paused_.notify_all();
    sync_due_.notify_all();
  }
  thread_.join();
  if (sync_thread_.joinable()) sync_thread_.join();
}

SyncStats GroupCommit::sync_stats() const {
  const base::MutexLock lock(stats_mutex_);
  return stats_;
}

// --- The commit thread ---------------------------------------------------------------------------

void GroupCommit::run() {
  for (;;) {
    std::vector<LogEntry> group = next_group();
    if (group.empty()) break;
    commit(std::move(group));
  }
  // Nothing waits for this one: what was acknowledged is as safe as its mode says without it.
  if (!wal_.broken()) (void)timed_sync(&Wal::sync);
}

// Empty at the end.
std::vector<LogEntry> GroupCommit::next_group() {
  const base::MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) ready_.wait(mutex_);
  std::vector<LogEntry> group;
  std::size_t bytes = 0;
  while (!queue_.empty() && bytes < kGroupBytesMax) {
    bytes += queue_.front().queued_bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void GroupCommit::commit(std::vector<LogEntry> group) {
  std::size_t bytes = 0;
  for (const LogEntry& entry : group) bytes += entry.queued_bytes();
  for (;;) {
    auto written = write(group);
    if (written) {
      handlers_.written(group);
      break;
    }
    const bool again = handlers_.failed(group, written.error()) && !wal_.broken();
    if (!again || !pause()) break;
  }
  queued_bytes_ -= bytes;
  if (options_.sync_bytes != 0 && wal_.unsynced_bytes() >= options_.sync_bytes) {
    const base::MutexLock lock(mutex_);
    sync_due_.notify_one();
  }
}

bool GroupCommit::pause() {
  const auto until = std::chrono::steady_clock::now() + kWriteRetry;
  const base::MutexLock lock(mutex_);
  while (!stopping_ && paused_.wait_until(mutex_, until)) {
  }
  return !stopping_;
}

Result<> GroupCommit::write(std::span<const LogEntry> group) {
  std::vector<WalWrite> records;
  records.reserve(group.size());
  for (const LogEntry& entry : group) {
    records.push_back({entry.type, entry.partition, offsets_of(entry.step), *entry.record});
  }
  TRY(wal_.append(records));
  if (options_.sync_mode == SyncMode::kFsync) TRY(timed_sync(&Wal::sync));
  return {};
}

// --- Syncing at intervals ------------------------------------------------------------------------

void GroupCommit::run_interval_sync() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      if (stopping_) return;
      sync_due_.wait_until(mutex_, std::chrono::steady_clock::now() + options_.sync_interval);
      if (stopping_) return;
    }
    if (wal_.unsynced_bytes() == 0 || wal_.broken()) continue;
    if (auto synced = timed_sync(&Wal::sync_aside); !synced) handlers_.broken(synced.error());
  }
}

Result<> GroupCommit::timed_sync(Result<> (Wal::*sync)()) {
  const auto begin = std::chrono::steady_clock::now();
  auto synced = (wal_.*sync)();
  const auto time = std::chrono::steady_clock::now() - begin;
  const base::MutexLock lock(stats_mutex_);
  ++stats_.syncs;
  stats_.time += time;
  stats_.time_max = std::max(stats_.time_max, std::chrono::nanoseconds(time));
  return synced;
}

}  // namespace lynxdb::storage
