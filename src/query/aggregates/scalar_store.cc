#include "query/aggregates/scalar_store.h"

namespace lynxdb::query {

using event::Type;
using event::ValueView;

void ScalarStore::set(std::size_t group, ValueView scalar) {
  Cell& cell = cells_[group];
  cell.type = scalar.type();
  switch (scalar.type()) {
    case Type::kNull:
    case Type::kList:
      cell.type = Type::kNull;
      return;
    case Type::kBool:
      cell.word = scalar.as_bool() ? 1 : 0;
      return;
    case Type::kInt:
    case Type::kTimestamp:
      cell.word = scalar.as_int();
      return;
    case Type::kFloat:
      cell.word = std::bit_cast<std::int64_t>(scalar.as_float());
      return;
    case Type::kString:
      break;
  }
  if (cell.text == kNoText) {
    cell.text = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back();
  }
  std::string& text = texts_[cell.text];
  text_bytes_ -= text.capacity();
  text.assign(scalar.as_string());
  text_bytes_ += text.capacity();
}

ValueView ScalarStore::view(std::size_t group) const {
  const Cell& cell = cells_[group];
  switch (cell.type) {
    case Type::kBool:
      return ValueView::boolean(cell.word != 0);
    case Type::kInt:
      return ValueView::integer(cell.word);
    case Type::kTimestamp:
      return ValueView::timestamp(cell.word);
    case Type::kFloat:
      return ValueView::floating(std::bit_cast<double>(cell.word));
    case Type::kString:
      return ValueView::string(texts_[cell.text]);
    case Type::kNull:
    case Type::kList:
      break;
  }
  return {};
}

}  // namespace lynxdb::query
