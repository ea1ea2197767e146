// The log's files on disk, and reading them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "storage/wal/log_index.h"
#include "storage/wal/wal.h"

namespace lynxdb::storage {

std::string wal_path(const std::string& directory, std::uint64_t first_sequence);

struct ReplayedWal {
  std::vector<WalFile> files;  // In order; the last one goes on at `end`.
  io::LogEnd end;
  std::uint64_t next_sequence = 1;
  LogIndex index;
};

// Reads all files of `directory`. See Wal::open.
Result<ReplayedWal> replay_wal(io::FileSystem& files, const std::string& directory,
                               bool accept_damage, const Log& log, const WalVisitor& visitor);

// What a record does to the index of the log.
void note_record(const WalWrite& record, const RecordPosition& position, LogIndex& index);

}  // namespace lynxdb::storage
