// From staged segments to the manifest: uploads what is staged, oldest first, commits each flush in
// one metadata command, and only then trims the log.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "metadata/metadata_store.h"
#include "storage/segment_builder.h"
#include "storage/staging.h"
#include "storage/tail.h"
#include "storage/wal/wal.h"

namespace lynxdb::storage {

// Thread-safe; one flush after the other.
class Uploader {
 public:
  Uploader(const SegmentContext& context, metadata::MetadataStore& metadata, Tail& tail, Wal& wal,
           Replicator& replicator)
      : context_(context), metadata_(metadata), tail_(tail), wal_(wal), replicator_(replicator) {}

  // Everything staged before the call is committed afterwards; on an error the flush that failed
  // and those behind it stay staged. In a cluster a flush that can never be committed, because its
  // partitions are led elsewhere now, is dropped: its events are in memory and in the log. The log
  // is trimmed. Errors: those of the object store, kCancelled after stop(), kConflict, kIo.
  Result<> upload_staged() EXCLUDES(mutex_);
  // The next segment is not begun any more.
  void stop() { stopped_ = true; }

  std::uint64_t flushes() const { return flushes_.load(); }
  std::uint64_t failures() const { return failures_.load(); }
  // Why the last try failed; nothing once one has succeeded.
  std::optional<Error> problem() const EXCLUDES(problem_mutex_);

 private:
  bool is_replicated() const { return context_.options.replicator != nullptr; }
  Result<> commit(const StagedFlush& flush) REQUIRES(mutex_);
  Result<> commit_in_cluster(const StagedFlush& flush) REQUIRES(mutex_);
  void end(const StagedFlush& flush, bool is_committed) REQUIRES(mutex_);
  Result<> upload(const StagedFlush& flush) REQUIRES(mutex_);
  void report(const Result<>& done) EXCLUDES(problem_mutex_);
  void trim_log() REQUIRES(mutex_);
  Result<> try_trim_log() REQUIRES(mutex_);

  const SegmentContext& context_;
  metadata::MetadataStore& metadata_;
  Tail& tail_;
  Wal& wal_;
  Replicator& replicator_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> flushes_{0};
  std::atomic<std::uint64_t> failures_{0};
  base::Mutex mutex_;  // Held during uploads.
  // Of the oldest flush: these need not be uploaded again when something behind them failed.
  std::size_t uploaded_ GUARDED_BY(mutex_) = 0;
  base::Clock::Monotonic upload_began_ GUARDED_BY(mutex_);
  mutable base::Mutex problem_mutex_;
  std::optional<Error> problem_ GUARDED_BY(problem_mutex_);
};

}  // namespace lynxdb::storage
