// The part of every partition that is not in the manifest yet, and the point where it is joined
// with the manifest: a read view takes the metadata state, the staged flushes that it does not
// have, and the memtables behind them in one step, so no event is seen twice or missed while a
// flush is staged or committed.
//
// A store that is replicated keeps events in memory until their flush is committed, not only until
// it is staged: another node may lead, and flush, before that.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "metadata/metadata_store.h"
#include "storage/dedup_snapshot.h"
#include "storage/partition_log.h"
#include "storage/pins.h"
#include "storage/read_view.h"
#include "storage/staging.h"
#include "storage/wal/log_index.h"

namespace lynxdb::storage {

using PartitionLogs = std::map<PartitionId, PartitionLog>;

// What is to become of an append.
struct Admission {
  std::optional<Result<Appended>> answer;  // Decided already.
  bool waits = false;                      // Another batch decides; `then` will be called.
  // Otherwise it has begun and must be placed or abandoned: its epoch, its keys and the rows that
  // are left out.
  PendingAppend pending;
};

// Those events of one partition that are committed and not staged.
struct FrozenPartition {
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;
  OffsetRange offsets;
  std::vector<TailBatchPtr> batches;
};

struct StagedSize {
  std::uint64_t flushes = 0;
  std::uint64_t segments = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::optional<base::Clock::Monotonic> oldest;  // When it was staged, or found at the start.
};

// Of the memtables.
struct TailSize {
  std::uint64_t events = 0;  // Committed, of partitions led here.
  std::uint64_t bytes = 0;
  std::uint64_t led_bytes = 0;  // Of partitions led here.
  std::uint64_t batches = 0;
};

// Thread-safe. Nothing is read or written while the lock is held.
class Tail {
 public:
  // `staged`: oldest first, from where the manifest ends to where the memtables begin.
  Tail(metadata::MetadataStore& metadata, const StoreOptions& options, PartitionLogs partitions,
       std::vector<StagedFlushPtr> staged);

  bool has(PartitionId partition) const EXCLUDES(mutex_);
  OffsetEnds log_ends() const EXCLUDES(mutex_);
  OffsetEnds flushed_offsets() const EXCLUDES(mutex_);
  std::vector<PartitionStatus> status() const EXCLUDES(mutex_);
  std::map<PartitionId, replication::Restored> restored() const EXCLUDES(mutex_);
  TailSize size() const EXCLUDES(mutex_);
  StagedSize staged_size() const EXCLUDES(mutex_);
  // Of appends that have their place and no answer.
  std::size_t waiting_bytes() const { return waiting_bytes_.load(); }

  // --- Appends.

  // Looks for duplicates, then begins the append. `overload` refuses new work, not retries of what
  // is done. `then` is called, by whoever ends the other batch, when the admission waits.
  Admission admit(const AppendRequest& request, std::optional<Error> overload, const Then& then)
      EXCLUDES(mutex_);
  // It got no place: as if it had never come. Returns who waited for it.
  Answers abandon(const PendingAppend& append) EXCLUDES(mutex_);
  // It has its place; its caller waits from now on.
  LogEntry place(PendingAppend append, const Place& place) EXCLUDES(mutex_);
  // The newest one that was placed cannot be queued.
  Answers take_back(const LogEntry& entry) EXCLUDES(mutex_);

  // --- The log.

  // A change that is queued next; a partition that is not known begins.
  void queue(LogEntry& entry) EXCLUDES(mutex_);
  // These entries are in the log. Returns where its partitions end now, and who is to be taken
  // again.
  struct Written {
    std::vector<LogEnd> ends;
    std::vector<Then> then;
  };
  Written written(std::span<const LogEntry> entries) EXCLUDES(mutex_);
  // These never will be, nor what was placed behind them (for a store that is alone).
  Answers fail(std::span<const LogEntry> entries) EXCLUDES(mutex_);
  // Joins small batches; a little at a time, without holding up readers.
  void merge_small_batches(PartitionId partition) EXCLUDES(mutex_);

  // --- Decisions (replicated_log.h).

  Answers commit(PartitionId partition, LeaderEpoch epoch, Offset high_watermark) EXCLUDES(mutex_);
  Answers end_leadership(PartitionId partition) EXCLUDES(mutex_);
  // Whoever waits for anything, anywhere.
  Answers end_all() EXCLUDES(mutex_);
  // The copy that is there now will be removed by an entry of the log.
  void forsake(PartitionId partition) EXCLUDES(mutex_);

  // --- Reading and flushing.

  ReadView read_view(const RetentionBorder& border, Pins& pins) EXCLUDES(mutex_);
  Result<TailSlice> read_tail(PartitionId partition, Offset flushed) EXCLUDES(mutex_);
  // What is committed and not staged, for a store that is alone.
  std::map<PartitionId, Flushable> flushable() const EXCLUDES(mutex_);
  // These events, as far as memory begins with them, cut off from what comes later.
  std::vector<FrozenPartition> freeze(const std::map<PartitionId, Flushable>& flushable)
      EXCLUDES(mutex_);
  // The events of the last freeze() are in these segments. Alone: from now on they are read there,
  // and their memory is free.
  void stage(StagedFlushPtr flush) EXCLUDES(mutex_);
  // The oldest flush cannot be committed any more; its events are still in memory.
  void drop_staged() EXCLUDES(mutex_);
  // What is not committed, oldest first.
  std::vector<StagedFlushPtr> staged() const EXCLUDES(mutex_);
  // The metadata says that everything below these offsets is in segments of the manifest.
  void flushed(const metadata::StatePtr& state) EXCLUDES(mutex_);
  // What must outlive the files of the log; `starts`: where logs will start without them.
  DedupSnapshots snapshots(const OffsetEnds& starts) const EXCLUDES(mutex_);
  void trimmed(PartitionId partition, Offset start) EXCLUDES(mutex_);
  std::string dedup_below(PartitionId partition, Offset start) const EXCLUDES(mutex_);

 private:
  PartitionLog& log(PartitionId partition) REQUIRES(mutex_) { return partitions_.at(partition); }
  PartitionLog* find(PartitionId partition) REQUIRES(mutex_);
  void count(const Answers& answers);
  void add_staged(const metadata::State& state, std::vector<StagedSegmentPtr>& out) const
      REQUIRES(mutex_);

  metadata::MetadataStore& metadata_;
  const bool replicated_;
  const DedupOptions dedup_;
  std::atomic<std::size_t> waiting_bytes_{0};
  mutable base::Mutex mutex_;
  metadata::StatePtr state_ GUARDED_BY(mutex_);  // The newest that flushed() has seen.
  PartitionLogs partitions_ GUARDED_BY(mutex_);
  std::map<PartitionId, std::uint64_t> removals_ GUARDED_BY(mutex_);
  std::deque<StagedFlushPtr> staged_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::storage
