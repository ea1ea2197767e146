#include "query/expression_column.h"
#include "query/expression_memory.h"

#include <bit>
#include <string_view>
#include <unordered_map>

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::Kind;
using event::NullBitmap;

namespace {

template <typename Function>
void for_each_null(const NullBitmap& nulls, std::size_t rows, Function function) {
  const std::span<const std::uint64_t> words = nulls.words();
  for (std::size_t w = 0; w < words.size(); ++w) {
    for (std::uint64_t bits = words[w]; bits != 0; bits &= bits - 1) {
      const std::size_t row = w * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      if (row < rows) function(row);
    }
  }
}

}  // namespace

std::vector<std::uint8_t> to_ternary(const Column& column) {
  std::vector<std::uint8_t> result(column.size(), kUnknown);
  if (column.kind() == Kind::kBool) {
    const std::span<const std::uint8_t> values = column.bool_values();
    for (std::size_t row = 0; row < result.size(); ++row)
      result[row] = values[row] != 0 ? kTrue : kFalse;
    for_each_null(column.null_bitmap(), result.size(),
                  [&](std::size_t row) { result[row] = kUnknown; });
    return result;
  }
  for (std::size_t row = 0; row < result.size(); ++row)
    result[row] = ternary(truth(column.view(row)));
  return result;
}

ColumnPtr from_ternary(std::vector<std::uint8_t> values) {
  std::uint8_t unknown = 0;
  for (const std::uint8_t value : values) unknown |= value & kUnknown;
  NullBitmap nulls;
  if (unknown != 0)
    for (std::size_t row = 0; row < values.size(); ++row)
      if (values[row] == kUnknown) nulls.set(row);
  for (std::uint8_t& value : values) value = static_cast<std::uint8_t>(value >> 1U);
  return Column::bools(std::move(values), std::move(nulls));
}

NullBitmap merge_nulls(const NullBitmap& a, const NullBitmap& b) {
  if (!a.any()) return b;
  if (!b.any()) return a;
  NullBitmap merged = a;
  for_each_null(b, b.words().size() * 64, [&](std::size_t row) { merged.set(row); });
  return merged;
}

ColumnPtr constant_where_present(const Column& column, bool value) {
  if (column.kind() == Kind::kNull) return Column::nulls(column.size());
  std::vector<std::uint8_t> values(column.size(), value ? 1 : 0);
  if (column.kind() != Kind::kMixed) return Column::bools(std::move(values), column.null_bitmap());
  NullBitmap nulls;
  for (std::size_t row = 0; row < column.size(); ++row)
    if (column.is_null(row)) nulls.set(row);
  return Column::bools(std::move(values), std::move(nulls));
}

namespace {

// Equal results of different entries become one: a dictionary stays free of duplicates, and group
// keys made from it small.
ColumnPtr gather_strings(const ColumnPtr& per_entry, const Column& codes) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  std::vector<std::string_view> entries;
  std::vector<std::uint32_t> new_code(per_entry->size());
  for (std::size_t entry = 0; entry < per_entry->size(); ++entry) {
    if (per_entry->is_null(entry)) continue;
    const std::string_view text = per_entry->string_values()[entry];
    const auto [place, added] = known.emplace(text, static_cast<std::uint32_t>(entries.size()));
    if (added) entries.push_back(text);
    new_code[entry] = place->second;
  }
  std::vector<std::uint32_t> rows(codes.size());
  NullBitmap nulls = codes.null_bitmap();
  const bool some_null = per_entry->has_nulls();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (nulls.test(row)) continue;
    const std::uint32_t code = codes.codes()[row];
    rows[row] = new_code[code];
    if (some_null && per_entry->is_null(code)) nulls.set(row);
  }
  std::vector<Column::Owner> owners = per_entry->owners();
  return Column::dictionary(std::move(rows), Column::strings(std::move(entries), std::move(owners)),
                            std::move(nulls));
}

}  // namespace

ColumnPtr gather_entries(const ColumnPtr& per_entry, const Column& codes) {
  if (per_entry->kind() == Kind::kString) return gather_strings(per_entry, codes);
  if (per_entry->kind() == Kind::kDictionary)
    return gather_strings(event::flatten(per_entry), codes);
  if (!codes.null_bitmap().any()) return event::take(per_entry, codes.codes());
  std::vector<std::uint32_t> rows(codes.codes().begin(), codes.codes().end());
  for_each_null(codes.null_bitmap(), rows.size(),
                [&](std::size_t row) { rows[row] = event::kNoRow; });
  return event::take(per_entry, rows);
}

namespace {

// The kind that all chosen sources share, dictionaries as strings, all-null ones aside.
Kind common_kind(std::span<const ColumnPtr> sources) {
  Kind common = Kind::kNull;
  for (const ColumnPtr& source : sources) {
    Kind kind = source->kind();
    if (kind == Kind::kNull) continue;
    if (kind == Kind::kDictionary) kind = Kind::kString;
    if (common == Kind::kNull) common = kind;
    if (common != kind) return Kind::kMixed;
  }
  return common;
}

bool all_dictionaries(std::span<const ColumnPtr> sources) {
  for (const ColumnPtr& source : sources)
    if (source->kind() != Kind::kNull && source->kind() != Kind::kDictionary) return false;
  return true;
}

NullBitmap choose_nulls(std::span<const ColumnPtr> sources, std::span<const std::uint8_t> choice) {
  NullBitmap nulls;
  for (std::size_t row = 0; row < choice.size(); ++row)
    if (choice[row] == kNoSource || sources[choice[row]]->is_null(row)) nulls.set(row);
  return nulls;
}

// `values_of(column)` is the typed data; sources that are all null have none.
template <typename T, typename ValuesOf>
std::vector<T> choose_values(std::span<const ColumnPtr> sources,
                             std::span<const std::uint8_t> choice, ValuesOf values_of) {
  std::vector<std::span<const T>> data;
  for (const ColumnPtr& source : sources) data.push_back(values_of(*source));
  std::vector<T> result(choice.size());
  for (std::size_t row = 0; row < choice.size(); ++row)
    if (choice[row] != kNoSource && !data[choice[row]].empty())
      result[row] = data[choice[row]][row];
  return result;
}

// Sources with dictionaries of their own (constants, mostly): one dictionary for all of them.
ColumnPtr choose_entries(std::span<const ColumnPtr> sources, std::span<const std::uint8_t> choice) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  std::vector<std::string_view> entries;
  std::vector<Column::Owner> owners;
  std::vector<std::vector<std::uint32_t>> new_codes(sources.size());
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (sources[s]->kind() == Kind::kNull) continue;
    const ColumnPtr& dictionary = sources[s]->dictionary();
    owners.push_back(dictionary);
    for (const std::string_view text : dictionary->string_values()) {
      const auto [place, added] = known.emplace(text, static_cast<std::uint32_t>(entries.size()));
      if (added) entries.push_back(text);
      new_codes[s].push_back(place->second);
    }
  }
  std::vector<std::uint32_t> codes(choice.size());
  NullBitmap nulls;
  for (std::size_t row = 0; row < choice.size(); ++row) {
    if (choice[row] == kNoSource || sources[choice[row]]->is_null(row))
      nulls.set(row);
    else
      codes[row] = new_codes[choice[row]][sources[choice[row]]->codes()[row]];
  }
  return Column::dictionary(
      std::move(codes), Column::strings(std::move(entries), std::move(owners)), std::move(nulls));
}

ColumnPtr choose_strings(std::span<const ColumnPtr> sources, std::span<const std::uint8_t> choice) {
  if (all_dictionaries(sources)) return choose_entries(sources, choice);
  std::vector<ColumnPtr> flat;
  std::vector<Column::Owner> owners;
  for (const ColumnPtr& source : sources) {
    flat.push_back(event::flatten(source));
    owners.push_back(flat.back());
  }
  auto values = choose_values<std::string_view>(flat, choice,
                                                [](const Column& c) { return c.string_values(); });
  // Shared here, but copied as soon as an operator keeps the rows.
  std::size_t bytes = 0;
  for (const std::string_view value : values) bytes += value.size();
  if (!take_expression_memory(bytes)) return Column::nulls(choice.size());
  return Column::strings(std::move(values), std::move(owners), choose_nulls(sources, choice));
}

}  // namespace

ColumnPtr choose(std::span<const ColumnPtr> sources, std::span<const std::uint8_t> choice) {
  const auto ints = [](const Column& c) { return c.int_values(); };
  switch (common_kind(sources)) {
    case Kind::kNull:
      return Column::nulls(choice.size());
    case Kind::kBool:
      return Column::bools(choose_values<std::uint8_t>(
                               sources, choice, [](const Column& c) { return c.bool_values(); }),
                           choose_nulls(sources, choice));
    case Kind::kInt:
      return Column::ints(choose_values<std::int64_t>(sources, choice, ints),
                          choose_nulls(sources, choice));
    case Kind::kTimestamp:
      return Column::timestamps(choose_values<std::int64_t>(sources, choice, ints),
                                choose_nulls(sources, choice));
    case Kind::kFloat:
      return Column::floats(
          choose_values<double>(sources, choice, [](const Column& c) { return c.float_values(); }),
          choose_nulls(sources, choice));
    case Kind::kString:
      return choose_strings(sources, choice);
    default:
      break;
  }
  event::ColumnBuilder builder;
  for (std::size_t row = 0; row < choice.size(); ++row) {
    const event::ValueView value =
        choice[row] == kNoSource ? event::ValueView() : sources[choice[row]]->view(row);
    // A copy: many rows may have the same long text.
    if (!value.is_null() && take_expression_memory(made_bytes(value)))
      builder.append(value);
    else
      builder.append_null();
  }
  return builder.finish();
}

}  // namespace lynxdb::query
