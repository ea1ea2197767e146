// Merges sorted runs on disk into one sequence of rows.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "event/event_batch.h"
#include "query/operators/sort_keys.h"
#include "query/spill.h"

namespace lynxdb::query {

// Rows of equal keys come from earlier runs first. Holds one block per run, and what it puts
// together for the next batch (at most kBatchRows rows and about kMergedBytes).
class RunMerge {
 public:
  // Finished files, in input order.
  static Result<std::unique_ptr<RunMerge>> start(std::vector<std::unique_ptr<SpillFile>> runs,
                                                 std::span<const spl2::SortKey> keys);
  Result<std::optional<event::EventBatch>> next();

 private:
  static constexpr std::uint32_t kUnused = ~std::uint32_t{0};

  // A block of a run, and how far it was used. `used_index` is its place among the blocks of the
  // batch being made.
  struct Block {
    event::EventBatch rows;
    SortKeys keys;
    std::uint32_t taken_from = 0;  // Rows [taken_from, position) are in the batch being made.
    std::uint32_t position = 0;
    std::uint32_t used_index = kUnused;
  };
  struct Cursor {
    std::unique_ptr<SpillFile> file;
    std::shared_ptr<Block> block;  // Null at the end of the run.
  };
  // A row of the batch being made: an index into the blocks used for it, and a row there.
  struct Pick {
    std::uint32_t block = 0;
    std::uint32_t row = 0;
  };

  explicit RunMerge(std::span<const spl2::SortKey> keys) : keys_(keys.begin(), keys.end()) {}
  Result<> load(Cursor& cursor);
  bool after(std::size_t a, std::size_t b) const;  // Whether run a's next row comes after run b's.
  Result<> pick_rows(std::vector<std::shared_ptr<Block>>& used, std::vector<Pick>& picks);

  std::vector<spl2::SortKey> keys_;
  std::vector<Cursor> cursors_;
  std::vector<std::size_t> heap_;  // Runs with rows left; the first has the earliest row.
  std::size_t loaded_bytes_ = 0;   // Since the last batch.
};

// Writes rows in blocks of about `block_bytes`, so that a merge of many runs holds little.
Result<> append_in_blocks(const event::EventBatch& rows, std::size_t block_bytes, SpillFile& file);

}  // namespace lynxdb::query
