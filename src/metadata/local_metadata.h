// The metadata of a single node: a log of commands and a snapshot in the data directory
// (docs/formats/metadata-log.md).
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "io/file.h"
#include "io/record_log.h"
#include "metadata/metadata_store.h"

namespace lynxdb::metadata {

struct LocalMetadataOptions {
  std::string directory;
  // A log larger than this is replaced by a snapshot of the state and an empty log.
  std::uint64_t log_bytes_max = std::uint64_t{1} << 20U;
};

// Every command is synced before propose() returns. One per directory.
class LocalMetadata final : public MetadataStore {
 public:
  // Reads snapshot and log; makes the directory when there is none. kCorruption when either is
  // damaged anywhere but in a torn last record: the message names file and position. kIo.
  static Result<std::unique_ptr<LocalMetadata>> open(io::FileSystem& files,
                                                     LocalMetadataOptions options);

  Result<StatePtr> propose(const Command& command) override EXCLUDES(log_mutex_, state_mutex_);
  Result<> health() const override;
  StatePtr state() const override EXCLUDES(state_mutex_);
  StatePtr wait_beyond(Version version, std::chrono::milliseconds timeout) const override
      EXCLUDES(state_mutex_);

 private:
  LocalMetadata(io::FileSystem& files, LocalMetadataOptions options, State state,
                io::RecordLogWriter log);

  void publish(StatePtr state) EXCLUDES(state_mutex_);
  Result<> snapshot(const State& state) REQUIRES(log_mutex_);

  io::FileSystem& files_;
  const LocalMetadataOptions options_;

  std::atomic<bool> broken_{false};  // As log_.broken().
  base::Mutex log_mutex_;            // One command at a time; held while it is synced.
  io::RecordLogWriter log_ GUARDED_BY(log_mutex_);
  std::uint64_t snapshot_at_bytes_ GUARDED_BY(log_mutex_);

  mutable base::Mutex state_mutex_;  // Never held during input or output.
  mutable base::CondVar changed_;
  StatePtr state_ GUARDED_BY(state_mutex_);
};

}  // namespace lynxdb::metadata
