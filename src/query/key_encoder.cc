#include "query/key_encoder.h"

#include "base/bytes.h"

namespace lynxdb::query {
namespace {

// False when the value is null.
bool append_key_value(event::ValueView value, std::string& scratch, std::string& out) {
  if (value.type() == event::Type::kList && value.list_size() == 1) value = value.list_at(0);
  if (value.is_null()) {
    out.push_back(0);
    return false;
  }
  out.push_back(1);
  if (value.type() == event::Type::kString) {
    base::put_string(value.as_string(), out);
    return true;
  }
  scratch.clear();
  event::append_text(value, scratch);
  base::put_string(scratch, out);
  return true;
}

}  // namespace

void RowKeys::encode(std::span<const event::ColumnPtr> columns, std::size_t rows) {
  bytes_.clear();
  ends_.resize(rows);
  has_null_.assign(rows, 0);
  std::string scratch;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const event::ColumnPtr& column : columns) {
      if (!append_key_value(column->view(row), scratch, bytes_)) has_null_[row] = 1;
    }
    ends_[row] = bytes_.size();
  }
}

}  // namespace lynxdb::query
