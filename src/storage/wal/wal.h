// The write-ahead log of a node: batches of all its partitions, in the order in which they were
// taken, in files of about `file_bytes_max` (docs/formats/wal.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "io/file.h"
#include "io/record_log.h"
#include "replication/types.h"
#include "storage/options.h"
#include "storage/wal/log_index.h"
#include "storage/wal/wal_record.h"

namespace lynxdb::storage {

// A record on its way into the log, and what it does to the log of its partition.
struct WalWrite {
  std::uint8_t type = kBatchRecord;
  metadata::PartitionId partition;
  metadata::OffsetRange offsets;  // A batch's; where a truncated log ends.
  std::string_view bytes;
};

struct WalFile {
  std::string path;
  std::uint64_t number = 0;  // Of its first record.
  std::uint64_t size_bytes = 0;
};

// What sees the log when it is read at the start, oldest record first.
struct WalVisitor {
  // An error ends the replay.
  std::function<Result<>(const WalRecord&)> visit;
  // Files are missing between those that were read and those that come: these were removed, and a
  // power loss has brought them back. True: forget what they said. Empty: they count.
  std::function<bool()> gap = {};
};

// Thread-safe, but append and rotate wait for each other.
class Wal {
 public:
  // Reads the log, then goes on behind it: a torn tail is cut off. Errors: kCorruption for damage
  // before an intact record (unless accept_damage: then the log is cut there, and what follows kept
  // aside under names that end in .damaged), kIo, the visitor's.
  static Result<std::unique_ptr<Wal>> open(io::FileSystem& files, std::string directory,
                                           const WalOptions& options, bool accept_damage,
                                           const Log& log, const WalVisitor& visitor);

  // Given to the operating system: survives the process. On failure none of `records` is in the
  // log, and it may be tried again unless broken().
  Result<> append(std::span<const WalWrite> records) EXCLUDES(mutex_);
  // Survives power loss, all that was appended before the call. Failure breaks the log.
  Result<> sync() EXCLUDES(mutex_);
  // The same without keeping appends waiting; for one thread at a time.
  Result<> sync_aside() EXCLUDES(mutex_);
  // Goes on in a new file; the old one is synced.
  Result<> rotate() EXCLUDES(mutex_);

  // Whole batches of a partition's log, from `offsets.begin` up to `offsets.end` or about
  // `bytes_max`, at least one. kNotFound: the first of them is not in the log (any more).
  // kCorruption, kIo.
  Result<std::vector<replication::Batch>> read(metadata::PartitionId partition,
                                               metadata::OffsetRange offsets,
                                               std::size_t bytes_max) const EXCLUDES(mutex_);
  // What the log holds of a partition.
  std::optional<metadata::OffsetRange> offsets(metadata::PartitionId partition) const
      EXCLUDES(mutex_);

  // The oldest files, as long as they hold nothing but batches below `flushed`; never the one that
  // is written.
  std::vector<WalFile> flushed_files(const OffsetEnds& flushed) const EXCLUDES(mutex_);
  // Where logs will start without these files: of partitions that lose batches.
  OffsetEnds starts_without(std::span<const WalFile> files) const EXCLUDES(mutex_);
  // Removes files that flushed_files named.
  Result<> remove(std::span<const WalFile> files) EXCLUDES(mutex_);

  // Nothing can be appended until the process starts again.
  bool broken() const { return broken_.load(); }
  std::uint64_t unsynced_bytes() const { return unsynced_bytes_.load(); }
  std::uint64_t current_file_bytes() const EXCLUDES(mutex_);
  std::uint64_t size_bytes() const EXCLUDES(mutex_);
  std::size_t file_count() const EXCLUDES(mutex_);

 private:
  Wal(io::FileSystem& files, std::string directory, const WalOptions& options,
      std::vector<WalFile> closed, WalFile current, LogIndex index, io::RecordLogWriter writer,
      std::shared_ptr<io::File> sync_handle);

  Result<> rotate_locked() REQUIRES(mutex_);
  void note(std::span<const WalWrite> records, std::uint64_t begin_bytes) REQUIRES(mutex_)
      EXCLUDES(index_mutex_);

  io::FileSystem& files_;
  const std::string directory_;
  const WalOptions options_;
  std::atomic<bool> broken_{false};
  std::atomic<std::uint64_t> unsynced_bytes_{0};

  mutable base::Mutex mutex_;  // Held during writes, and during syncs but for sync_aside.
  std::vector<WalFile> closed_ GUARDED_BY(mutex_);
  WalFile current_ GUARDED_BY(mutex_);
  io::RecordLogWriter writer_ GUARDED_BY(mutex_);
  // The current file, opened again: a sync of it does not disturb the writer.
  std::shared_ptr<io::File> sync_handle_ GUARDED_BY(mutex_);

  mutable base::Mutex index_mutex_;  // Readers do not wait for syncs.
  LogIndex index_ GUARDED_BY(index_mutex_);
};

}  // namespace lynxdb::storage
