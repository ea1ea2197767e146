// From memtable to segments: builds, uploads, and commits in one metadata command.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "metadata/metadata_store.h"
#include "storage/options.h"
#include "storage/row_order.h"
#include "storage/segment_builder.h"
#include "storage/tail.h"

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
  Flusher(const SegmentContext& context, metadata::MetadataStore& metadata, Tail& tail, Wal& wal)
      : context_(context), metadata_(metadata), tail_(tail), wal_(wal) {}

  // Everything committed before the call is in segments afterwards, or nothing has changed.
  Result<> flush() EXCLUDES(mutex_);

  std::uint64_t flushes() const { return flushes_.load(); }
  std::uint64_t failures() const { return failures_.load(); }

 private:
  Result<> flush_frozen(std::vector<FrozenPartition> frozen) REQUIRES(mutex_);
  Result<UploadedSegment> build(std::span<const TailBatchPtr> batches, const FlushPart& part)
      REQUIRES(mutex_);
  void log_flush(const metadata::CommitFlush& command) const;
  void trim_log() REQUIRES(mutex_);
  Result<> try_trim_log() REQUIRES(mutex_);

  const SegmentContext& context_;
  metadata::MetadataStore& metadata_;
  Tail& tail_;
  Wal& wal_;
  std::atomic<std::uint64_t> flushes_{0};
  std::atomic<std::uint64_t> failures_{0};
  base::Mutex mutex_;  // Held during a whole flush.
};

}  // namespace lynxdb::storage
