// The cells of an xyseries that do not fit in memory, put together to rows on disk.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "query/operators/external_sort.h"

namespace lynxdb::query {

// First `add` all cells, then `finish`, then `next` until it gives nothing. Belongs to one thread.
// Holds one row at a time, beside the buffers of two sorts.
class XyseriesOnDisk {
 public:
  static constexpr std::uint32_t kNoColumn = std::numeric_limits<std::uint32_t>::max();

  XyseriesOnDisk(Execution& execution, const std::string& command);

  // One cell per row of x: of two for one place the later one counts, unless its value is null.
  // Cells without a column only make sure that there is a row. The ordinal that comes first for an
  // x is the place of its row.
  Result<> add(const event::ColumnPtr& x, std::vector<std::int64_t> ordinals,
               std::span<const std::uint32_t> columns, const event::ColumnPtr& values);
  // Column 0 of the rows is x, the others are named `columns`.
  Result<> finish(std::string x, std::vector<std::string> columns);
  // Rows in the order in which their x was added first.
  Result<std::optional<event::EventBatch>> next();

 private:
  struct Row;
  Result<> add_row(Row& row);
  Result<> flush_rows();

  Execution& execution_;
  ExternalSort cells_;
  ExternalSort rows_;
  std::string x_;
  std::vector<std::string> names_;

  // Rows in the making: ordinal, x, cells.
  std::vector<event::ColumnBuilder> builders_;
  std::size_t built_ = 0;
  std::size_t built_bytes_ = 0;
};

// Rows of that many columns per batch: as many as usual, unless they are wide.
std::size_t rows_per_wide_batch(std::size_t columns);

}  // namespace lynxdb::query
