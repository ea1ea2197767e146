#include "query/operators/field_names.h"

#include <utility>

#include "query/field.h"

namespace lynxdb::query {

WildcardPattern field_glob(std::string_view name) {
  spl2::SearchPattern pattern;
  for (std::size_t star = name.find('*'); star != std::string_view::npos; star = name.find('*')) {
    pattern.pieces.emplace_back(name.substr(0, star));
    name.remove_prefix(star + 1);
  }
  pattern.pieces.emplace_back(name);
  return {pattern, base::LetterCase::kExact};
}

std::optional<std::size_t> stored_index(const event::EventBatch& batch, std::string_view name) {
  if (const std::optional<std::size_t> exact = batch.index_of(name)) return exact;
  const std::optional<std::string_view> target = event::alias_target(name);
  return target ? batch.index_of(*target) : std::nullopt;
}

void name_field(event::EventBatch& batch, std::string_view name) {
  if (const std::optional<std::size_t> stored = stored_index(batch, name)) {
    const event::Field& field = batch.fields()[*stored];
    if (!field.named || field.unnamed_rows != nullptr)
      batch.set(std::string(field.name), field.column, true);
    return;
  }
  event::ColumnPtr column = resolve_field(batch, name);
  if (column->null_count() < column->size()) return;  // A path into a field that is printed anyway.
  batch.set(event::alias_target(name).value_or(name), std::move(column), true);
}

}  // namespace lynxdb::query
