// The part of every partition that is not in the manifest yet, and the point where it is joined
// with the manifest: a read view takes the metadata state, the staged flushes that it does not
// have, and the memtables behind them in one step, so no event is seen twice or missed while a
// flush is staged or committed.
#pragma once

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
#include "storage/wal/wal.h"

namespace lynxdb::storage {

// What is to become of an append.
struct Admission {
  std::optional<Result<Appended>> answer;  // Decided already.
  bool waits = false;                      // A batch in flight decides; `then` will be called.
  // Otherwise it has begun and must be committed or abandoned: its epoch, its keys and the rows
  // that are left out.
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
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t batches = 0;
};

// Thread-safe. Nothing is read or written while the lock is held.
class Tail {
 public:
  // `staged`: oldest first, from where the manifest ends to where the memtables begin.
  Tail(metadata::MetadataStore& metadata, std::vector<PartitionLog> partitions,
       std::vector<StagedFlushPtr> staged);

  bool has(PartitionId partition) const { return positions_.contains(partition); }
  OffsetEnds log_ends() const EXCLUDES(mutex_);
  OffsetEnds flushed_offsets() const EXCLUDES(mutex_);
  std::vector<PartitionStatus> status() const EXCLUDES(mutex_);
  TailSize size() const EXCLUDES(mutex_);
  StagedSize staged_size() const EXCLUDES(mutex_);

  // --- Appends.

  // Looks for duplicates, then begins the append. `overload` refuses new work, not retries of what
  // is done. `then` is called, by whoever ends the other batch, when the admission waits.
  Admission admit(const AppendRequest& request, std::optional<Error> overload,
                  const std::function<void()>& then) EXCLUDES(mutex_);
  // Written: visible from now on. Returns who waited for it; to be called without locks.
  std::vector<std::function<void()>> commit(std::span<const PendingAppend> appends)
      EXCLUDES(mutex_);
  // Not written: as if it had never come.
  std::vector<std::function<void()>> abandon(std::span<const PendingAppend> appends)
      EXCLUDES(mutex_);
  // Joins small batches; a little at a time, without holding up readers.
  void merge_small_batches(PartitionId partition) EXCLUDES(mutex_);

  // --- Reading and flushing.

  ReadView read_view(const RetentionBorder& border, Pins& pins) EXCLUDES(mutex_);
  // Events of the memtables of all partitions that have some, cut off from what comes later.
  std::vector<FrozenPartition> freeze() EXCLUDES(mutex_);
  // The events of the last freeze() are in these segments: from now on they are read there, and
  // their memory is free.
  void stage(StagedFlushPtr flush) EXCLUDES(mutex_);
  // What is not committed, oldest first.
  std::vector<StagedFlushPtr> staged() const EXCLUDES(mutex_);
  // The metadata says that everything below these offsets is in segments of the manifest.
  void flushed(const metadata::State& state) EXCLUDES(mutex_);
  // The dedup windows of all partitions.
  DedupSnapshots encode_dedup() const EXCLUDES(mutex_);

 private:
  PartitionLog& log(PartitionId partition) REQUIRES(mutex_) {
    return partitions_[positions_.at(partition)];
  }

  metadata::MetadataStore& metadata_;
  std::map<PartitionId, std::size_t> positions_;  // Never changes.
  mutable base::Mutex mutex_;
  std::vector<PartitionLog> partitions_ GUARDED_BY(mutex_);
  std::deque<StagedFlushPtr> staged_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::storage
