// From memtable to staged segments: after that their memory is free, and what is left to do is to
// upload them (uploader.h).
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "storage/options.h"
#include "storage/row_order.h"
#include "storage/segment_builder.h"
#include "storage/staging.h"
#include "storage/tail.h"
#include "storage/wal/wal.h"

namespace lynxdb::storage {

// One segment to be: rows of the frozen batches.
struct FlushPart {
  std::string index;
  std::string bucket;
  std::vector<RowRef> rows;
};

// Splits the rows by index and time bucket; days or hours that hold few rows stay together when
// there are very many of them, so that a few wild times cannot ask for thousands of segments.
std::vector<FlushPart> split_by_index_and_time(std::span<const TailBatchPtr> batches,
                                               TimeBucket bucket);

// Thread-safe; flushes one after the other.
class Flusher {
 public:
  // `next_number`: of the next staged flush.
  Flusher(const SegmentContext& context, Tail& tail, Wal& wal, Replicator& replicator,
          std::uint64_t next_number)
      : context_(context),
        tail_(tail),
        wal_(wal),
        replicator_(replicator),
        next_number_(next_number) {}

  // Everything committed before the call is in staged segments afterwards (or further), or nothing
  // has changed. In a cluster: what may be flushed here, unless a flush is still on its way.
  // Errors: kIo.
  Result<> stage() EXCLUDES(mutex_);

  std::uint64_t failures() const { return failures_.load(); }
  // Why the last flush failed; nothing once one has succeeded.
  std::optional<Error> problem() const EXCLUDES(problem_mutex_) {
    const base::MutexLock lock(problem_mutex_);
    return problem_;
  }

 private:
  void report(const Result<>& staged) EXCLUDES(problem_mutex_);
  Result<> stage_frozen(const std::vector<FrozenPartition>& frozen) REQUIRES(mutex_);
  bool is_replicated() const { return context_.options.replicator != nullptr; }
  Result<> sync_log() REQUIRES(mutex_);
  // So that the next process adopts the flush. Returns the manifest's path.
  Result<std::string> keep(const metadata::CommitFlush& command) REQUIRES(mutex_);
  Result<> build_all(std::span<const TailBatchPtr> batches,
                     std::vector<StagedSegmentPtr>& segments);
  Result<StagedSegmentPtr> build(std::span<const TailBatchPtr> batches, const FlushPart& part);

  const SegmentContext& context_;
  Tail& tail_;
  Wal& wal_;
  Replicator& replicator_;
  std::atomic<std::uint64_t> failures_{0};
  base::Mutex mutex_;  // Held during a whole flush.
  std::uint64_t next_number_ GUARDED_BY(mutex_);
  mutable base::Mutex problem_mutex_;
  std::optional<Error> problem_ GUARDED_BY(problem_mutex_);
};

}  // namespace lynxdb::storage
