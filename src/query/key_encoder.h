// The key of a row by text form: values that print alike are one group (500 and "500").
//
//   key := value*     value := 0 (null) | 1 length:varint text
//
// Used by dedup, join and transaction. A list is its JSON text, a list of one its element.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/column.h"

namespace lynxdb::query {

// The keys of all rows of one batch, side by side. Belongs to one thread; may be used again for the
// next batch.
class RowKeys {
 public:
  // All columns have `rows` rows.
  void encode(std::span<const event::ColumnPtr> columns, std::size_t rows);

  std::size_t size() const { return ends_.size(); }
  // Valid until the next encode.
  std::string_view key(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
    return std::string_view(bytes_).substr(begin, ends_[row] - begin);
  }
  // Whether any value of the key is null.
  bool has_null(std::size_t row) const { return has_null_[row] != 0; }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
  std::vector<std::uint8_t> has_null_;
};

}  // namespace lynxdb::query
