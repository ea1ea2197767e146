// Strings that stand in the `_raw` of their rows, as most fields of a log line do: they take no
// memory of their own, and are written as places in it (layout 9 of docs/formats/event-batch.md).
// Here `column` and `raw` are always columns of strings with as many rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "event/column.h"

namespace lynxdb::event {

// Where the strings of one column stand in the strings of another.
struct RawRanges {
  // Per row: 0 when the string is elsewhere, else its first byte in `_raw`, counted from 1.
  std::vector<std::uint64_t> begins;
  bool worthwhile = false;  // Fewer bytes than the strings themselves.
};

// Compares addresses, not text: only strings that were cut out of `_raw` are found.
RawRanges find_raw_ranges(const Column& column, const Column& raw);

// begins:packed lengths:packed, then the text of the rows that begin at 0.
void put_raw_ranges(const Column& column, const RawRanges& ranges, std::string& out);

// The strings of `rows` rows, borrowed from the bytes under `in` and from `raw`, a column of
// strings with as many rows. Errors: kCorruption.
Result<std::vector<std::string_view>> take_raw_ranges(base::ByteReader& in, std::size_t rows,
                                                      const Column& raw);

// Bytes of the strings that stand in `raw`.
std::size_t bytes_inside_raw(const Column& column, const Column& raw);

// As compact() of a column, with strings of `raw` moved to `compacted_raw`, which is its compact().
ColumnPtr compact_beside_raw(const ColumnPtr& column, const Column& raw,
                             const Column& compacted_raw);

}  // namespace lynxdb::event
