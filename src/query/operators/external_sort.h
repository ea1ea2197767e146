// A stable sort of any number of rows: in memory while the budget lasts, else in sorted runs on
// disk that are merged.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/event_batch.h"
#include "query/execution.h"
#include "query/operators/missing_cells.h"
#include "query/operators/run_merge.h"
#include "query/operators/sort_keys.h"
#include "query/spill.h"

namespace lynxdb::query {

// First `add` all rows, then `finish`, then `next` until it gives nothing. Belongs to one thread.
// Buffered rows are taken from the execution's memory; while merging, one block per run (of at
// most kFanIn runs) is held beside it. Errors name the command.
class ExternalSort {
 public:
  // `share`: buffers at most 1/share of the query's memory, to leave room for its caller's tables.
  ExternalSort(std::vector<spl2::SortKey> keys, Execution& execution, std::string command,
               std::size_t share = 1);

  // In input order: equal rows come out as they went in.
  Result<> add(const event::EventBatch& batch);
  Result<> finish();
  // Batches are numbered 0, 1, 2...
  Result<std::optional<event::EventBatch>> next();

  bool empty() const { return rows_added_ == 0; }

 private:
  struct Run {
    std::unique_ptr<SpillFile> file;
    unsigned level = 0;  // Merges behind it.
  };

  bool reserve(std::size_t bytes);
  Result<event::EventBatch> take_buffer(SortKeys& keys);
  Result<> spill_buffer();
  // Merges the last `count` runs into one.
  Result<> merge_last(std::size_t count);
  Result<> merge_full_levels();
  std::optional<event::EventBatch> next_in_memory();
  std::size_t block_bytes() const;

  const std::vector<spl2::SortKey> keys_;
  Execution& execution_;
  const std::string command_;
  const std::size_t buffer_bytes_max_;

  std::uint64_t rows_added_ = 0;
  std::vector<event::EventBatch> buffer_;
  std::size_t buffer_bytes_ = 0;
  MissingCells missing_;  // Of the buffer.
  base::MemoryReservation memory_;
  std::vector<Run> runs_;  // In input order.

  // After finish: either all rows and their order, or the last merge.
  event::EventBatch sorted_;
  std::vector<std::uint32_t> order_;
  std::size_t emitted_ = 0;
  std::unique_ptr<RunMerge> merge_;
  std::uint64_t sequence_ = 0;
};

}  // namespace lynxdb::query
