#include "storage/group_commit.h"

#include <algorithm>
#include <utility>

namespace lynxdb::storage {
namespace {

// A group is written and copied at once: large enough for every disk, small enough for memory.
constexpr std::size_t kGroupBytesMax = std::size_t{8} << 20U;

WalBatch wal_batch(const PendingAppend& append) {
  WalBatch batch;
  batch.partition = append.partition;
  batch.leader_epoch = append.leader_epoch;
  batch.base_offset = append.base_offset;
  batch.count = static_cast<std::uint32_t>(append.batch->rows());
  batch.batch_id = append.batch_id;
  batch.part = append.part;
  batch.content_crc = append.content_crc;
  batch.appended_ns = append.appended_ns;
  batch.event_keys = append.event_keys;
  return batch;
}

}  // namespace

GroupCommit::GroupCommit(Wal& wal, const WalOptions& options, OffsetEnds ends, Handlers handlers)
    : wal_(wal), options_(options), handlers_(std::move(handlers)), ends_(std::move(ends)) {
  thread_ = std::thread([this] { run(); });
  if (options_.sync_mode == SyncMode::kWrite) {
    sync_thread_ = std::thread([this] { run_interval_sync(); });
  }
}

bool GroupCommit::enqueue(PendingAppend& append) {
  const base::MutexLock lock(mutex_);
  if (stopping_) return false;
  queued_bytes_ += append.queued_bytes();
  queue_.push_back(std::move(append));
  ready_.notify_one();
  return true;
}

void GroupCommit::stop() {
  {
    const base::MutexLock lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    ready_.notify_all();
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
    std::vector<PendingAppend> group = next_group();
    if (group.empty()) break;
    commit(std::move(group));
  }
  // Nothing waits for this one: what was acknowledged is as safe as its mode says without it.
  if (!wal_.broken()) (void)timed_sync(&Wal::sync);
}

// Empty at the end.
std::vector<PendingAppend> GroupCommit::next_group() {
  const base::MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) ready_.wait(mutex_);
  std::vector<PendingAppend> group;
  std::size_t bytes = 0;
  while (!queue_.empty() && bytes < kGroupBytesMax) {
    bytes += queue_.front().queued_bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void GroupCommit::commit(std::vector<PendingAppend> group) {
  std::size_t bytes = 0;
  for (const PendingAppend& append : group) bytes += append.queued_bytes();
  const OffsetEnds before = ends_;
  auto written = write(group);
  if (written) {
    handlers_.committed(group);
  } else {
    ends_ = before;
    handlers_.failed(group, written.error());
  }
  queued_bytes_ -= bytes;
  if (options_.sync_bytes != 0 && wal_.unsynced_bytes() >= options_.sync_bytes) {
    const base::MutexLock lock(mutex_);
    sync_due_.notify_one();
  }
}

Result<> GroupCommit::write(std::span<PendingAppend> group) {
  std::vector<std::string> heads;
  heads.reserve(group.size());
  std::vector<EncodedBatch> batches;
  for (PendingAppend& append : group) {
    Offset& end = ends_[append.partition];
    append.base_offset = end;
    end += append.batch->rows();
    std::string& head = heads.emplace_back();
    encode_head(wal_batch(append), head);
    batches.push_back({append.partition, end, head, append.payload});
  }
  TRY(wal_.append(batches));
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
    // A failure breaks the log; the next append says so.
    if (wal_.unsynced_bytes() > 0 && !wal_.broken()) (void)timed_sync(&Wal::sync_aside);
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
