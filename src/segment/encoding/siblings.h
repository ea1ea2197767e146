// The other columns of the rows that a chunk is about, for texts that refer to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "event/column.h"

namespace lynxdb::segment {

struct Siblings {
  std::span<const event::ColumnPtr> columns;
  // The row of the columns that value i belongs to; empty: row i.
  std::span<const std::uint32_t> rows;

  std::size_t row(std::size_t value) const { return rows.empty() ? value : rows[value]; }
};

}  // namespace lynxdb::segment
