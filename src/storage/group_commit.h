// The thread that writes the log: everything that has come while one group was written is the next
// group, so a slow disk gets large groups and a fast one short waits.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "storage/pending_append.h"
#include "storage/wal/wal.h"

namespace lynxdb::storage {

struct SyncStats {
  std::uint64_t syncs = 0;
  std::chrono::nanoseconds time{};
  std::chrono::nanoseconds time_max{};
};

class GroupCommit {
 public:
  // Called on the thread, without locks, for a group that is written (and synced, in kFsync), or
  // that is not. Offsets follow each other without gaps within a partition.
  struct Handlers {
    std::function<void(std::span<PendingAppend>)> committed;
    std::function<void(std::span<PendingAppend>, const Error&)> failed;
  };

  // `ends`: where the log of each partition ends. The log must outlive this.
  GroupCommit(Wal& wal, const WalOptions& options, OffsetEnds ends, Handlers handlers);
  ~GroupCommit() { stop(); }
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // False (and nothing done) once it stops.
  bool enqueue(PendingAppend& append) EXCLUDES(mutex_);
  std::size_t queued_bytes() const { return queued_bytes_.load(); }
  SyncStats sync_stats() const EXCLUDES(stats_mutex_);

  // Writes what is queued, syncs the log and ends the thread. Idempotent.
  void stop() EXCLUDES(mutex_);

 private:
  void run() EXCLUDES(mutex_);
  void run_interval_sync() EXCLUDES(mutex_);
  std::vector<PendingAppend> next_group() EXCLUDES(mutex_);
  void commit(std::vector<PendingAppend> group);
  Result<> write(std::span<PendingAppend> group);
  Result<> timed_sync(Result<> (Wal::*sync)()) EXCLUDES(stats_mutex_);

  Wal& wal_;
  const WalOptions options_;
  const Handlers handlers_;
  OffsetEnds ends_;  // Of the commit thread.

  base::Mutex mutex_;
  base::CondVar ready_;
  base::CondVar sync_due_;
  std::deque<PendingAppend> queue_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::atomic<std::size_t> queued_bytes_{0};

  mutable base::Mutex stats_mutex_;
  SyncStats stats_ GUARDED_BY(stats_mutex_);

  std::thread thread_;
  std::thread sync_thread_;  // kWrite only.
};

}  // namespace lynxdb::storage
