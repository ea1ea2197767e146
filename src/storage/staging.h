// Flushes between the memtable and the manifest: their segments are complete files of this machine
// that are read like any other segment, and wait until the object store has taken them
// (docs/formats/staging.md).
//
//   staging/l0-ID.lsg   one segment, as it will be uploaded
//   staging/flush-N     the flush that it belongs to; written last, so that what it names is whole
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "metadata/command.h"
#include "storage/live_uploads.h"
#include "storage/options.h"
#include "storage/read_view.h"

namespace lynxdb::storage {

std::string staging_directory(const StoreOptions& options);
// The file of a segment while it is staged.
std::string staged_path(const StoreOptions& options, const std::string& object_key);

// kCorruption unless the file has the size and checksum that the entry says. Reads all of it.
Result<> check_staged_file(io::File& file, const SegmentEntry& entry);

// Thread-safe: nothing but `done` changes.
class StagedFlush {
 public:
  StagedFlush(metadata::CommitFlush command, std::vector<StagedSegmentPtr> segments,
              std::string manifest_path, base::Clock::Monotonic staged_at);

  const metadata::CommitFlush& command() const { return command_; }
  const std::vector<StagedSegmentPtr>& segments() const { return segments_; }
  const std::string& manifest_path() const { return manifest_path_; }
  base::Clock::Monotonic staged_at() const { return staged_at_; }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t size_bytes() const { return size_bytes_; }
  // A flush is committed as a whole.
  bool is_committed_in(const metadata::State& state) const;
  // In a cluster: may it still be committed? Once not, never again.
  bool is_open_in(const metadata::State& state) const;
  // Are its segments in the manifest?
  bool has_segments_in(const metadata::State& state) const;

 private:
  const metadata::CommitFlush command_;
  const std::vector<StagedSegmentPtr> segments_;
  const std::string manifest_path_;
  const base::Clock::Monotonic staged_at_;
  std::uint64_t rows_ = 0;
  std::uint64_t size_bytes_ = 0;
};

using StagedFlushPtr = std::shared_ptr<const StagedFlush>;

// What the last process left: flushes that are provably complete and go on where the manifest ends,
// oldest first. Every other file is removed, its events are read from the log again.
struct AdoptedStaging {
  std::vector<StagedFlushPtr> flushes;
  std::uint64_t next_number = 0;  // Of the next flush.
};

// Creates the directory. Reads every staged byte. Errors: kIo of the directory; damage in it is no
// error, it is logged.
Result<AdoptedStaging> adopt_staging(const StoreOptions& options, io::FileSystem& files,
                                     const metadata::State& state, LiveUploads& uploads);

// Synced: from now on the next process adopts the flush. Errors: kIo.
Result<> write_staging_manifest(io::FileSystem& files, const std::string& path,
                                const metadata::CommitFlush& command);
std::string staging_manifest_path(const StoreOptions& options, std::uint64_t number);

}  // namespace lynxdb::storage
