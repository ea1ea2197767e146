// Keeps all rows of a result for formats that must see the last before they can write the first.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "query/spill.h"

namespace lynxdb::output {

// Belongs to one thread. Rows beyond `memory_bytes_max` go to disk. Errors: kIo, kOutOfBudget,
// kCorruption of the spill file.
class RowBuffer {
 public:
  RowBuffer(query::SpillSpace& spill, std::size_t memory_bytes_max)
      : spill_(spill), memory_bytes_max_(memory_bytes_max) {}

  Result<> append(const event::EventBatch& batch);
  // Ends appending; rows come back in order.
  Result<> finish();
  Result<std::optional<event::EventBatch>> next();

  std::size_t rows() const { return rows_; }

 private:
  query::SpillSpace& spill_;
  const std::size_t memory_bytes_max_;
  std::size_t memory_bytes_ = 0;
  std::size_t rows_ = 0;
  std::size_t position_ = 0;
  std::vector<event::EventBatch> batches_;
  std::unique_ptr<query::SpillFile> file_;
};

// The columns of a result: every field that some row printed, in printing order.
class SeenColumns {
 public:
  void add(const event::EventBatch& batch);
  std::vector<std::string> names() const;

 private:
  std::vector<std::string> order_;
  std::set<std::string, std::less<>> known_;
  bool ordered_ = true;
};

}  // namespace lynxdb::output
