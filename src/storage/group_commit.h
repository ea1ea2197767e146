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
#include "storage/log_entry.h"
#include "storage/wal/wal.h"

namespace lynxdb::storage {

struct SyncStats {
  std::uint64_t syncs = 0;
  std::chrono::nanoseconds time{};
  std::chrono::nanoseconds time_max{};
};

class GroupCommit {
 public:
  // Called on the thread, without locks.
  struct Handlers {
    // The group is written (and synced, in kFsync).
    std::function<void(std::span<const LogEntry>)> written;
    // It is not. True: try the same again in a while, unless the log is broken.
    std::function<bool(std::vector<LogEntry>&, const Error&)> failed;
    // A sync between two groups failed: the log is broken. On another thread.
    std::function<void(const Error&)> broken;
  };

  // The log must outlive this.
  GroupCommit(Wal& wal, const WalOptions& options, Handlers handlers);
  ~GroupCommit() { stop(); }
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // False (and nothing done) once it stops.
  bool enqueue(LogEntry& entry) EXCLUDES(mutex_);
  // Takes back all that is queued and not begun, behind `entries`.
  void drain_to(std::vector<LogEntry>& entries) EXCLUDES(mutex_);
  std::size_t queued_bytes() const { return queued_bytes_.load(); }
  SyncStats sync_stats() const EXCLUDES(stats_mutex_);

  // Writes what is queued, syncs the log and ends the thread. Idempotent.
  void stop() EXCLUDES(mutex_);

 private:
  void run() EXCLUDES(mutex_);
  void run_interval_sync() EXCLUDES(mutex_);
  std::vector<LogEntry> next_group() EXCLUDES(mutex_);
  void commit(std::vector<LogEntry> group);
  Result<> write(std::span<const LogEntry> group);
  // False when it stops first.
  bool pause() EXCLUDES(mutex_);
  Result<> timed_sync(Result<> (Wal::*sync)()) EXCLUDES(stats_mutex_);

  Wal& wal_;
  const WalOptions options_;
  const Handlers handlers_;

  base::Mutex mutex_;
  base::CondVar ready_;
  base::CondVar sync_due_;
  base::CondVar paused_;
  std::deque<LogEntry> queue_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::atomic<std::size_t> queued_bytes_{0};

  mutable base::Mutex stats_mutex_;
  SyncStats stats_ GUARDED_BY(stats_mutex_);

  std::thread thread_;
  std::thread sync_thread_;  // kWrite only.
};

}  // namespace lynxdb::storage
