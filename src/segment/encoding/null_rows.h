// Which rows of a chunk are null. Values are stored for the others only.
//
//   nulls := 0                  no row
//          | 1 byte * n         bit r % 8 of byte r / 8: row r is null; unused bits are 0
//          | 2 block            the same bytes, compressed
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "event/column.h"
#include "segment/chunk_codec.h"

namespace lynxdb::segment {

// What the bits of `column` say (of kMixed: what its values say).
void put_null_rows(const event::Column& column, Compression compression, std::string& out);

// Thread-safe.
class NullRows {
 public:
  // Errors: kCorruption.
  static Result<NullRows> parse(base::ByteReader& in, std::size_t rows);

  bool any() const { return nulls_ != 0; }
  bool test(std::size_t row) const { return bitmap_.test(row); }
  std::size_t present() const { return rows_ - nulls_; }
  const event::NullBitmap& bitmap() const { return bitmap_; }

  // The rows that are not null.
  std::vector<std::uint32_t> present_rows() const;
  // How many rows before `row` are not null.
  std::size_t present_before(std::size_t row) const;
  // For each of `rows` (ascending) that is not null: how many before it are not. With the bitmap
  // that says which of `rows` are null.
  struct Selection {
    std::vector<std::uint32_t> positions;
    std::vector<std::uint32_t> targets;  // Where in `rows`.
    event::NullBitmap nulls;
  };
  Selection select(std::span<const std::uint32_t> rows) const;

 private:
  NullRows() = default;

  std::size_t rows_ = 0;
  std::size_t nulls_ = 0;
  event::NullBitmap bitmap_;
};

}  // namespace lynxdb::segment
