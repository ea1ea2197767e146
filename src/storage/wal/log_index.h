// Where the batches of each partition are in the files of the log: runs of them that lie together,
// between records of other partitions. Exact under truncation: what is no longer part of a
// partition's log is in no run, though its bytes are still there.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "metadata/ids.h"

namespace lynxdb::storage {

// Of one partition, in one file: the batches of [base, end) are the first ones of the partition in
// the bytes [begin_bytes, end_bytes).
struct LogRun {
  std::uint64_t file = 0;  // The number of its first record.
  metadata::Offset base = 0;
  metadata::Offset end = 0;
  std::uint64_t begin_bytes = 0;
  std::uint64_t end_bytes = 0;
};

// Where a record is.
struct RecordPosition {
  std::uint64_t file = 0;
  std::uint64_t begin_bytes = 0;
  std::uint64_t end_bytes = 0;
};

using OffsetEnds = std::map<metadata::PartitionId, metadata::Offset>;

// Not thread-safe. 40 bytes for each run; a run has about 256 KB of a file.
class LogIndex {
 public:
  void append(metadata::PartitionId partition, metadata::OffsetRange offsets,
              const RecordPosition& position);
  void truncate(metadata::PartitionId partition, metadata::Offset end);
  // Of a partition that starts anew, or is gone.
  void clear(metadata::PartitionId partition) { logs_.erase(partition); }
  void clear() { logs_.clear(); }

  // The run that holds `offset`.
  std::optional<LogRun> find(metadata::PartitionId partition, metadata::Offset offset) const;
  // The first file with a batch that ends above its partition's trimmable offset.
  std::optional<std::uint64_t> first_needed(const OffsetEnds& trimmable) const;
  // Where the logs start once the files before `file` are gone: of partitions that lose batches.
  OffsetEnds starts_without(std::uint64_t file) const;
  // Files before this one are gone.
  void drop_before(std::uint64_t file);
  std::optional<metadata::OffsetRange> offsets(metadata::PartitionId partition) const;

 private:
  struct Log {
    std::deque<LogRun> runs;  // Without gaps.
    bool goes_on = false;     // Nothing was cut off behind the last one.
  };
  std::map<metadata::PartitionId, Log> logs_;
};

}  // namespace lynxdb::storage
