// The dedup windows on disk, written before log files that they were made from are removed: a retry
// is known even when its batch has long left the log (docs/formats/wal.md).
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "io/file.h"
#include "metadata/ids.h"

namespace lynxdb::storage {

// `windows`: DedupWindow::encode of each partition. Replaces the snapshot before. Errors: kIo.
Result<> write_dedup_snapshot(io::FileSystem& files, const std::string& directory,
                              const std::map<metadata::PartitionId, std::string>& windows);

// Nothing when there is none. Errors: kCorruption, kIo.
Result<std::map<metadata::PartitionId, std::string>> read_dedup_snapshot(
    io::FileSystem& files, const std::string& directory);

}  // namespace lynxdb::storage
