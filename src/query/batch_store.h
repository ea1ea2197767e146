// The rows of a pipeline that runs once and is read several times (CTE): in memory within the
// budget, the rest on disk.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "query/execution.h"
#include "query/operator.h"
#include "query/spill.h"

namespace lynxdb::query {

// Filled by one thread; then read by any number of sources at once.
class BatchStore {
 public:
  explicit BatchStore(Execution& execution) : execution_(execution), memory_(execution.memory) {}

  // Takes all rows of the operator.
  Result<> fill(Operator& rows);

  // A source over all rows, in order. The store must outlive it.
  static SourcePtr open(std::shared_ptr<BatchStore> store);

 private:
  friend class StoreSource;
  Result<event::EventBatch> read(std::size_t index) EXCLUDES(mutex_);

  Execution& execution_;
  base::MemoryReservation memory_;
  std::size_t memory_bytes_ = 0;
  std::vector<event::EventBatch> batches_;  // The first ones; the others are in the file.
  std::size_t spilled_ = 0;

  base::Mutex mutex_;
  std::unique_ptr<SpillFile> file_ GUARDED_BY(mutex_);
  std::size_t file_position_ GUARDED_BY(mutex_) =
      0;  // Index in the file of the batch that next() gives.
};

// Several sources one after the other, as one; sequence numbers go on without gaps.
SourcePtr concat_sources(std::vector<SourcePtr> sources);
// No rows.
SourcePtr empty_source();

}  // namespace lynxdb::query
