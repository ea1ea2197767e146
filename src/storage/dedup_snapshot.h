// The dedup windows on disk, written before log files that they were made from are removed: a retry
// is known even when its batch has long left the log (docs/formats/wal.md).
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "io/file.h"
#include "metadata/ids.h"

namespace lynxdb::storage {

// Of one partition: its windows, encoded (DedupWindow::encode).
struct DedupSnapshot {
  std::string batches;
  std::string events;
};

using DedupSnapshots = std::map<metadata::PartitionId, DedupSnapshot>;

// Replaces the snapshot before. Errors: kIo.
Result<> write_dedup_snapshot(io::FileSystem& files, const std::string& directory,
                              const DedupSnapshots& windows);

// Nothing when there is none. Errors: kCorruption, kIo.
Result<DedupSnapshots> read_dedup_snapshot(io::FileSystem& files, const std::string& directory);

}  // namespace lynxdb::storage
