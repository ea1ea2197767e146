// What of each partition's log must outlive its files, written before they are removed: where the
// log starts then, the epochs before, and the dedup windows: a retry is known even when its batch
// has long left the log (docs/formats/wal.md).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "metadata/ids.h"
#include "replication/epoch_history.h"

namespace lynxdb::storage {

// Of one partition: the windows are encoded (DedupWindow::encode).
struct DedupSnapshot {
  std::optional<metadata::Offset> log_start;      // Nothing: of a version that did not say.
  std::vector<replication::EpochStart> epochs{};  // EpochHistory::below(log_start).
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
