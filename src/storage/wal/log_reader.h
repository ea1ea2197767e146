// Batches read back from a file of the log, checked as if they were read for the first time.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "replication/types.h"
#include "storage/wal/log_index.h"

namespace lynxdb::storage {

// Adds the batches of `run` from `offsets.begin`, which is where one begins, up to `offsets.end` or
// about `bytes_max`; at least one, unless the first ends above `offsets.end`. Memory: the bytes of
// the run. Errors: kNotFound (the file is gone), kCorruption (not what the index says), kIo.
Result<> read_run(io::FileSystem& files, const std::string& path, const LogRun& run,
                  metadata::PartitionId partition, metadata::OffsetRange offsets,
                  std::size_t bytes_max, std::vector<replication::Batch>& out);

}  // namespace lynxdb::storage
