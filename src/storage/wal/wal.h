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
#include "storage/options.h"
#include "storage/wal/wal_record.h"

namespace lynxdb::storage {

// A batch on its way into the log: encode_head, and what it says.
struct EncodedBatch {
  metadata::PartitionId partition;
  metadata::Offset end_offset = 0;
  std::string_view head;
  std::string_view payload;
};

// Where the batches of each partition end in one file.
using OffsetEnds = std::map<metadata::PartitionId, metadata::Offset>;

struct WalFile {
  std::string path;
  std::uint64_t size_bytes = 0;
  OffsetEnds ends;
};

// Thread-safe, but append and rotate wait for each other.
class Wal {
 public:
  // Called for every batch of the log, oldest first. An error ends the replay.
  using Visitor = std::function<Result<>(const WalBatch&)>;

  // Reads the log, then goes on behind it: a torn tail is cut off. Errors: kCorruption for damage
  // before an intact record (unless accept_damage: then the log is cut there, and what follows kept
  // aside under names that end in .damaged), kIo, the visitor's.
  static Result<std::unique_ptr<Wal>> open(io::FileSystem& files, std::string directory,
                                           const WalOptions& options, bool accept_damage,
                                           const Log& log, const Visitor& visitor);

  // Given to the operating system: survives the process. On failure none of `batches` is in the
  // log, and it may be tried again unless broken().
  Result<> append(std::span<const EncodedBatch> batches) EXCLUDES(mutex_);
  // Survives power loss, all that was appended before the call. Failure breaks the log.
  Result<> sync() EXCLUDES(mutex_);
  // The same without keeping appends waiting; for one thread at a time.
  Result<> sync_aside() EXCLUDES(mutex_);
  // Goes on in a new file; the old one is synced.
  Result<> rotate() EXCLUDES(mutex_);

  // Files that hold nothing but batches below `flushed`; never the one that is written.
  std::vector<WalFile> flushed_files(const OffsetEnds& flushed) const EXCLUDES(mutex_);
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
      std::vector<WalFile> closed, WalFile current, io::RecordLogWriter writer,
      std::shared_ptr<io::File> sync_handle);

  Result<> rotate_locked() REQUIRES(mutex_);

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
};

}  // namespace lynxdb::storage
