// The right side of a join in memory: its rows, and which of them have a key.
#pragma once

#include <cstdint>
#include <vector>

#include "event/event_batch.h"
#include "query/execution.h"
#include "query/key_encoder.h"
#include "query/operators/key_table.h"
#include "query/operators/missing_cells.h"

namespace lynxdb::query {

// First `add` all rows, then `finish`, then look up. Belongs to one thread.
class JoinBuild {
 public:
  explicit JoinBuild(Execution& execution);

  // Rows with a null in their key match nothing, but are kept. False when the budget has no room;
  // the rows are not taken then, and there is nothing more to be done with this than take_batches.
  bool add(const event::EventBatch& batch, const RowKeys& keys);
  // Whether `add` will take these rows, if nobody else takes memory meanwhile.
  bool has_room(const event::EventBatch& batch, const RowKeys& keys);
  // The batches as they came, to go on on disk; this is empty and of no use afterwards.
  std::vector<event::EventBatch> take_batches();
  void finish();

  bool empty() const { return next_.empty(); }
  std::size_t keys() const { return table_.size(); }
  const event::EventBatch& rows() const { return rows_; }
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // The first row with that key, and the one after a row; kNone at the end. In input order.
  std::uint32_t first(std::string_view key) const;
  std::uint32_t next(std::uint32_t row) const { return next_[row]; }

 private:
  bool index_rows(const RowKeys& keys);

  base::MemoryReservation memory_;
  std::size_t bytes_ = 0;
  MissingCells missing_;
  KeyTable table_;
  std::vector<std::uint32_t> first_;  // Per key.
  std::vector<std::uint32_t> last_;
  std::vector<std::uint32_t> next_;  // Per row.
  std::vector<event::EventBatch> batches_;
  event::EventBatch rows_;
};

}  // namespace lynxdb::query
