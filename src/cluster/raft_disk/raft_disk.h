// What one node of the Raft group keeps on its disk (docs/formats/raft.md): the log with term and
// vote in it, and the newest snapshot of the state machine beside it.
//
//   raft/log-<first record>     records of entries, hard states and resets; the last file grows
//   raft/snapshot-<index>       a snapshot up to that entry, with its meta
//   raft/incoming               a snapshot that is being received
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/file.h"
#include "io/record_log.h"
#include "raft/raft.h"
#include "raft/ready.h"

namespace lynxdb::cluster {

struct RaftDiskOptions {
  std::string directory;
  // A log file that has grown beyond this is followed by another one.
  std::uint64_t file_bytes_max = std::uint64_t{4} << 20U;
};

// Belongs to one thread. Once a write or sync has failed, nothing more is written (is_broken): what
// is on the disk is known again after a restart only.
class RaftDisk {
 public:
  struct Opened;

  // Reads what is there; an empty or missing directory gives an empty Restored. kCorruption: damage
  // anywhere but in the torn end of the newest file; the message says where. kIo.
  static Result<Opened> open(io::FileSystem& files, RaftDiskOptions options);

  // The first members of a new group, before anything else is written. Durable when it returns.
  Result<> found(const raft::Configuration& members);

  // Step 2 and 3 of a Ready (raft/ready.h): writes, then syncs when that is asked for.
  Result<> write(const raft::Ready& ready);

  // Step 4: the bytes that came in for `meta`, all of them. kCorruption when they are not complete.
  Result<std::string> incoming(const raft::SnapshotMeta& meta);
  // Makes `state` the snapshot that a restart begins with, durably, and forgets the one before.
  // Log files whose entries are all below `first_kept` go.
  Result<> put_snapshot(const raft::SnapshotMeta& meta, std::string_view state,
                        raft::Index first_kept);
  // A piece of the newest snapshot's state. kNotFound when `last` is not its last entry any more.
  Result<std::string> snapshot_bytes(raft::EntryId last, std::uint64_t offset, std::uint64_t size);

  bool is_broken() const { return broken_; }
  std::uint64_t log_files() const { return finished_.size() + 1; }

 private:
  // A log file that is not written any more.
  struct FinishedFile {
    std::string path;
    std::uint64_t first_record = 0;
    raft::Index last_index = 0;  // The highest of its entries' indexes; 0 without any.
  };
  struct Reading;

  RaftDisk(io::FileSystem& files, RaftDiskOptions options, io::RecordLogWriter log);

  static Result<> read_snapshot(io::FileSystem& files, const std::string& directory,
                                Opened& opened);
  static Result<> read_logs(io::FileSystem& files, const std::string& directory, Reading& reading);
  static Result<> read_log(io::FileSystem& files, const std::string& path, bool newest,
                           Reading& reading);
  Result<> append(const raft::Ready& ready);
  Result<> append_chunk(const raft::SnapshotWrite& chunk);
  Result<> start_file();
  Result<> remove_files_below(raft::Index first_kept);

  io::FileSystem& files_;
  RaftDiskOptions options_;
  io::RecordLogWriter log_;
  // Of the file that grows.
  std::string log_path_;
  std::uint64_t log_first_record_ = 0;
  raft::Index log_last_index_ = 0;
  std::uint64_t first_record_ = 1;  // Files that begin before it are gone.
  std::deque<FinishedFile> finished_;
  raft::HardState hard_state_;
  std::unique_ptr<io::File> incoming_;
  std::uint64_t incoming_bytes_ = 0;
  std::string snapshot_path_;  // Of the newest, empty when there is none.
  raft::SnapshotMeta snapshot_;
  bool broken_ = false;
};

struct RaftDisk::Opened {
  std::unique_ptr<RaftDisk> disk;
  raft::Restored restored;
  std::string state;      // Of restored.snapshot; empty at {0, 0}.
  bool is_empty = false;  // Nothing was ever written: this node belongs to no group.
};

}  // namespace lynxdb::cluster
