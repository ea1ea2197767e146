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

namespace lynxdb::storage {

// Thread-safe; one flush after the other.
class Uploader {
 public:
  Uploader(const SegmentContext& context, metadata::MetadataStore& metadata, Tail& tail, Wal& wal)
      : context_(context), metadata_(metadata), tail_(tail), wal_(wal) {}

  // Everything staged before the call is committed afterwards; on an error the flush that failed
  // and those behind it stay staged. Errors: those of the object store, kCancelled after stop(),
  // kConflict, kIo.
  Result<> upload_staged() EXCLUDES(mutex_);
  // The next segment is not begun any more.
  void stop() { stopped_ = true; }

  std::uint64_t flushes() const { return flushes_.load(); }
  std::uint64_t failures() const { return failures_.load(); }
  // Why the last try failed; nothing once one has succeeded.
  std::optional<Error> problem() const EXCLUDES(problem_mutex_);

 private:
  Result<> commit(const StagedFlush& flush) REQUIRES(mutex_);
  Result<> upload(const StagedFlush& flush) REQUIRES(mutex_);
  void report(const Result<>& done) EXCLUDES(problem_mutex_);
  void trim_log() REQUIRES(mutex_);
  Result<> try_trim_log() REQUIRES(mutex_);

  const SegmentContext& context_;
  metadata::MetadataStore& metadata_;
  Tail& tail_;
  Wal& wal_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> flushes_{0};
  std::atomic<std::uint64_t> failures_{0};
  base::Mutex mutex_;  // Held during uploads.
  // Of the oldest flush: these need not be uploaded again when something behind them failed.
  std::size_t uploaded_ GUARDED_BY(mutex_) = 0;
  mutable base::Mutex problem_mutex_;
  std::optional<Error> problem_ GUARDED_BY(problem_mutex_);
};

}  // namespace lynxdb::storage
