#include "query/operators/join_rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "query/expression_column.h"

namespace lynxdb::query {
namespace {

event::ColumnPtr first_present(const event::ColumnPtr& a, const event::ColumnPtr& b) {
  if (a->null_count() == 0 || b->null_count() == b->size()) return a;
  if (a->null_count() == a->size()) return b;
  std::vector<std::uint8_t> choice(a->size());
  for (std::size_t row = 0; row < choice.size(); ++row) choice[row] = a->is_null(row) ? 1 : 0;
  return choose(std::array{a, b}, choice);
}

}  // namespace

void NamedColumns::see(const event::EventBatch& batch) {
  for (const event::Field& field : batch.fields()) {
    if (field.named && std::find(names_.begin(), names_.end(), field.name) == names_.end())
      names_.push_back(field.name);
  }
}

void NamedColumns::name_all(event::EventBatch& batch) const {
  for (const std::string& name : names_) {
    const event::ColumnPtr* column = batch.find(name);
    batch.set(name, column != nullptr ? *column : event::Column::nulls(batch.rows()), true);
  }
}

event::EventBatch combine(const event::EventBatch& left, std::span<const std::uint32_t> left_rows,
                          const event::EventBatch& right,
                          std::span<const std::uint32_t> right_rows) {
  event::EventBatch rows = left.take(left_rows);
  for (const event::Field& field : right.fields()) {
    event::ColumnPtr column = event::take(field.column, right_rows);
    if (const event::ColumnPtr* own = rows.find(field.name)) column = first_present(*own, column);
    rows.set(field.name, std::move(column), field.named);
  }
  return rows;
}

}  // namespace lynxdb::query
