// The newest batches of all replicated partitions, as their Replicator placed them: what followers
// that keep up ask for, often before it is written here. Also the place where it is known which
// offsets can still be asked for, before the log's thread comes to them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "replication/types.h"

namespace lynxdb::storage {

using metadata::Offset;
using metadata::OffsetRange;
using metadata::PartitionId;
using replication::Batch;
using replication::Cuts;

// Thread-safe. Holds no more than `bytes_max` of what is written, and all that is not written yet.
class RecentBatches {
 public:
  explicit RecentBatches(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // The next batch of the partition. Returns its number: they count up.
  std::uint64_t add(PartitionId partition, const Batch& batch) EXCLUDES(mutex_);
  void truncate(PartitionId partition, Cuts cuts, Offset end) EXCLUDES(mutex_);
  void reset(PartitionId partition, Cuts cuts, Offset start) EXCLUDES(mutex_);
  void remove(PartitionId partition) EXCLUDES(mutex_);
  // The batches up to `number` can be read from the log.
  void written(std::uint64_t number) EXCLUDES(mutex_);

  // As Wal::read. Empty: they are not here, but may be in the log. kNotFound: they are not part of
  // the partition's log as of `cuts`.
  Result<std::vector<Batch>> read(PartitionId partition, Cuts cuts, OffsetRange offsets,
                                  std::size_t bytes_max) const EXCLUDES(mutex_);

 private:
  struct Entry {
    std::uint64_t number = 0;
    Batch batch;
  };
  struct Log {
    Cuts cuts = 0;
    Offset start = 0;  // Since the last reset.
    std::deque<Entry> entries;
  };

  static std::size_t bytes_of(const Batch& batch) { return batch.payload->size(); }

  const std::size_t bytes_max_;
  mutable base::Mutex mutex_;
  std::map<PartitionId, Log> logs_ GUARDED_BY(mutex_);
  // Who may let go of its oldest next; batches that were cut off are in it, too.
  std::deque<std::pair<std::uint64_t, PartitionId>> order_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t last_number_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::storage
