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
  const bool may_be_path = name.find_first_of(".[") != std::string_view::npos;
  if (const std::optional<std::size_t> stored = stored_index(batch, name)) {
    const event::Field& field = batch.fields()[*stored];
    // Rows without the field may have the path.
    if (!may_be_path || !field.column->has_nulls()) {
      if (!field.named || field.unnamed_rows != nullptr)
        batch.set(std::string(field.name), field.column, true);
      return;
    }
  }
  batch.set(event::alias_target(name).value_or(name), resolve_field(batch, name), true);
}

}  // namespace lynxdb::query
