// Batches put aside and read back in the order in which they came: in memory while the budget
// lasts, then on disk.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "event/event_batch.h"
#include "query/execution.h"
#include "query/spill.h"

namespace lynxdb::query {

// First `add` everything, then `finish`, then `next` until it gives nothing. Belongs to one thread.
class BatchSpool {
 public:
  BatchSpool(Execution& execution, std::string command);

  Result<> add(const event::EventBatch& batch);
  Result<> finish();
  // Gives memory and disk space back as it goes.
  Result<std::optional<event::EventBatch>> next();

  // Drops batches from the front while at least `rows` rows stay; does nothing once it spilled.
  void drop_front(std::uint64_t rows);
  std::uint64_t rows() const { return rows_; }
  // Moves everything to disk now, to make room for others. Before `finish`.
  Result<> spill_all();
  // Back to the first batch. After `finish`; everything must have been spilled.
  Result<> rewind();

 private:
  Result<> append(const event::EventBatch& batch);

  Execution& execution_;
  std::string command_;
  std::deque<event::EventBatch> batches_;
  std::size_t bytes_ = 0;
  std::uint64_t rows_ = 0;
  base::MemoryReservation memory_;
  std::unique_ptr<SpillFile> file_;  // Once it is there, everything goes to it.
};

}  // namespace lynxdb::query
