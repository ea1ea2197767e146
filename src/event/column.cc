#include "event/column.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace lynxdb::event {

// --- NullBitmap
// ------------------------------------------------------------------------------------

void NullBitmap::set(std::size_t row) {
  const std::size_t word = row >> 6U;
  if (word >= words_.size()) words_.resize(std::max(word + 1, words_.size() * 2));
  words_[word] |= std::uint64_t{1} << (row & 63U);
}

std::size_t NullBitmap::count() const {
  std::size_t bits = 0;
  for (const std::uint64_t word : words_) bits += static_cast<std::size_t>(std::popcount(word));
  return bits;
}

// --- Construction
// ----------------------------------------------------------------------------------

// Columns are immutable to the world; only the makers in this file write their parts.
struct ColumnAccess {
  static std::shared_ptr<Column> make(Kind kind, std::size_t rows, NullBitmap nulls = {}) {
    const std::shared_ptr<Column> column(new Column());
    column->kind_ = kind;
    column->rows_ = rows;
    column->nulls_ = std::move(nulls);
    return column;
  }
};

ColumnPtr Column::nulls(std::size_t rows) { return ColumnAccess::make(Kind::kNull, rows); }

ColumnPtr Column::bools(std::vector<std::uint8_t> values, NullBitmap nulls) {
  auto column = ColumnAccess::make(Kind::kBool, values.size(), std::move(nulls));
  column->bools_ = std::move(values);
  return column;
}

ColumnPtr Column::ints(std::vector<std::int64_t> values, NullBitmap nulls) {
  auto column = ColumnAccess::make(Kind::kInt, values.size(), std::move(nulls));
  column->ints_ = std::move(values);
  return column;
}

ColumnPtr Column::floats(std::vector<double> values, NullBitmap nulls) {
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (std::isfinite(values[row])) continue;
    values[row] = 0;
    nulls.set(row);
  }
  auto column = ColumnAccess::make(Kind::kFloat, values.size(), std::move(nulls));
  column->floats_ = std::move(values);
  return column;
}

ColumnPtr Column::timestamps(std::vector<std::int64_t> ns, NullBitmap nulls) {
  auto column = ColumnAccess::make(Kind::kTimestamp, ns.size(), std::move(nulls));
  column->ints_ = std::move(ns);
  return column;
}

ColumnPtr Column::strings(std::vector<std::string_view> values, std::vector<Owner> owners,
                          NullBitmap nulls) {
  auto column = ColumnAccess::make(Kind::kString, values.size(), std::move(nulls));
  column->strings_ = std::move(values);
  column->owners_ = std::move(owners);
  return column;
}

ColumnPtr Column::distinct_strings(std::vector<std::string_view> values,
                                   std::vector<Owner> owners) {
  auto column = ColumnAccess::make(Kind::kString, values.size(), {});
  column->strings_ = std::move(values);
  column->owners_ = std::move(owners);
  column->distinct_ = true;
  return column;
}

ColumnPtr Column::dictionary(std::vector<std::uint32_t> codes, ColumnPtr dictionary,
                             NullBitmap nulls) {
  LYNXDB_CHECK(dictionary != nullptr && dictionary->kind_ == Kind::kString);
  auto column = ColumnAccess::make(Kind::kDictionary, codes.size(), std::move(nulls));
  column->codes_ = std::move(codes);
  column->child_ = std::move(dictionary);
  return column;
}

ColumnPtr Column::lists(std::vector<std::uint32_t> offsets, ColumnPtr elements) {
  LYNXDB_CHECK(!offsets.empty() && elements != nullptr && offsets.back() <= elements->size());
  LYNXDB_CHECK(elements->kind_ != Kind::kList);
  NullBitmap nulls;
  for (std::size_t row = 0; row + 1 < offsets.size(); ++row) {
    LYNXDB_CHECK(offsets[row] <= offsets[row + 1]);
    if (offsets[row] == offsets[row + 1]) nulls.set(row);
  }
  auto column = ColumnAccess::make(Kind::kList, offsets.size() - 1, std::move(nulls));
  column->codes_ = std::move(offsets);
  column->child_ = std::move(elements);
  return column;
}

namespace {

ColumnPtr lists_of(std::span<const Value> values) {
  std::vector<std::uint32_t> offsets;
  offsets.reserve(values.size() + 1);
  offsets.push_back(0);
  ColumnBuilder elements;
  for (const Value& value : values) {
    for (const Value& element : value.as_list()) elements.append(element);
    offsets.push_back(static_cast<std::uint32_t>(elements.size()));
  }
  return Column::lists(std::move(offsets), elements.finish());
}

}  // namespace

ColumnPtr Column::mixed(std::vector<Value> values) {
  Type only = Type::kNull;
  bool uniform = true;
  for (const Value& value : values) {
    if (value.is_null()) continue;
    if (only == Type::kNull) only = value.type();
    uniform = uniform && value.type() == only;
  }
  if (uniform && only == Type::kList) return lists_of(values);
  if (uniform) {
    ColumnBuilder builder;
    for (const Value& value : values) builder.append(value);
    return builder.finish();
  }
  auto column = ColumnAccess::make(Kind::kMixed, values.size());
  column->mixed_ = std::move(values);
  return column;
}

ColumnPtr Column::constant(const Value& value, std::size_t rows) {
  switch (value.type()) {
    case Type::kNull:
      return nulls(rows);
    case Type::kBool:
      return bools(std::vector<std::uint8_t>(rows, value.as_bool() ? 1 : 0));
    case Type::kInt:
      return ints(std::vector<std::int64_t>(rows, value.as_int()));
    case Type::kFloat:
      return floats(std::vector<double>(rows, value.as_float()));
    case Type::kTimestamp:
      return timestamps(std::vector<std::int64_t>(rows, value.as_int()));
    case Type::kString: {
      ColumnBuilder one;
      one.append_string(value.as_string());
      return dictionary(std::vector<std::uint32_t>(rows, 0), one.finish());
    }
    case Type::kList: {
      const std::vector<std::uint32_t> same(rows, 0);
      return take(lists_of(std::span(&value, 1)), same);
    }
  }
  return nulls(rows);
}

// --- Reading
// ---------------------------------------------------------------------------------------

bool Column::has_nulls() const { return null_count() > 0; }

std::size_t Column::null_count() const {
  if (kind_ == Kind::kNull) return rows_;
  if (kind_ != Kind::kMixed) return nulls_.count();
  return static_cast<std::size_t>(std::count_if(
      mixed_.begin(), mixed_.end(), [](const Value& value) { return value.is_null(); }));
}

ValueView Column::view(std::size_t row) const {
  LYNXDB_DCHECK(row < rows_);
  if (nulls_.test(row)) return {};
  switch (kind_) {
    case Kind::kNull:
      return {};
    case Kind::kBool:
      return ValueView::boolean(bools_[row] != 0);
    case Kind::kInt:
      return ValueView::integer(ints_[row]);
    case Kind::kFloat:
      return ValueView::floating(floats_[row]);
    case Kind::kTimestamp:
      return ValueView::timestamp(ints_[row]);
    case Kind::kString:
      return ValueView::string(strings_[row]);
    case Kind::kDictionary:
      return ValueView::string(child_->strings_[codes_[row]]);
    case Kind::kList:
      return ValueView::list(*child_, codes_[row], codes_[row + 1] - codes_[row]);
    case Kind::kMixed:
      return {mixed_[row]};
  }
  return {};
}

namespace {

std::size_t value_bytes(const Value& value) {
  std::size_t bytes = sizeof(Value) + value.as_string().capacity();
  for (const Value& element : value.as_list()) bytes += value_bytes(element);
  return bytes;
}

}  // namespace

std::size_t Column::memory_bytes() const {
  std::size_t bytes = sizeof(Column) + bools_.capacity() + ints_.capacity() * 8 +
                      floats_.capacity() * 8 + strings_.capacity() * sizeof(std::string_view) +
                      codes_.capacity() * 4 + nulls_.words().size() * 8;
  for (const std::string_view text : strings_) bytes += text.size();
  for (const Value& value : mixed_) bytes += value_bytes(value);
  if (child_ != nullptr) bytes += child_->memory_bytes();
  return bytes;
}

// --- Whole-column operations
// -------------------------------------------------------------------------

namespace {

template <typename T>
std::vector<T> take_values(std::span<const T> values, std::span<const std::uint32_t> rows) {
  std::vector<T> result(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] != kNoRow) result[i] = values[rows[i]];
  return result;
}

NullBitmap take_nulls(const Column& column, std::span<const std::uint32_t> rows) {
  NullBitmap nulls;
  const bool some = column.null_bitmap().any();
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] == kNoRow || (some && column.null_bitmap().test(rows[i]))) nulls.set(i);
  return nulls;
}

ColumnPtr take_lists(const Column& column, std::span<const std::uint32_t> rows) {
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t> element_rows;
  offsets.reserve(rows.size() + 1);
  offsets.push_back(0);
  for (const std::uint32_t row : rows) {
    if (row != kNoRow)
      for (std::uint32_t e = column.offsets()[row]; e < column.offsets()[row + 1]; ++e)
        element_rows.push_back(e);
    offsets.push_back(static_cast<std::uint32_t>(element_rows.size()));
  }
  return Column::lists(std::move(offsets), take(column.elements(), element_rows));
}

}  // namespace

ColumnPtr take(const ColumnPtr& column, std::span<const std::uint32_t> rows) {
  const Column& from = *column;
  switch (from.kind()) {
    case Kind::kNull:
      return Column::nulls(rows.size());
    case Kind::kBool:
      return Column::bools(take_values(from.bool_values(), rows), take_nulls(from, rows));
    case Kind::kInt:
      return Column::ints(take_values(from.int_values(), rows), take_nulls(from, rows));
    case Kind::kFloat:
      return Column::floats(take_values(from.float_values(), rows), take_nulls(from, rows));
    case Kind::kTimestamp:
      return Column::timestamps(take_values(from.int_values(), rows), take_nulls(from, rows));
    case Kind::kString:
      return Column::strings(take_values(from.string_values(), rows), from.owners(),
                             take_nulls(from, rows));
    case Kind::kDictionary:
      return Column::dictionary(take_values(from.codes(), rows), from.dictionary(),
                                take_nulls(from, rows));
    case Kind::kList:
      return take_lists(from, rows);
    case Kind::kMixed:
      return Column::mixed(take_values(from.mixed_values(), rows));
  }
  return Column::nulls(rows.size());
}

ColumnPtr slice(const ColumnPtr& column, std::size_t begin, std::size_t size) {
  LYNXDB_CHECK(begin <= column->size() && size <= column->size() - begin);
  if (begin == 0 && size == column->size()) return column;
  std::vector<std::uint32_t> rows(size);
  for (std::size_t i = 0; i < size; ++i) rows[i] = static_cast<std::uint32_t>(begin + i);
  return take(column, rows);
}

namespace {

template <typename T>
void append_values(std::vector<T>& out, std::span<const T> values, std::size_t rows) {
  if (values.empty())
    out.resize(out.size() + rows);  // A column of nulls among typed ones.
  else
    out.insert(out.end(), values.begin(), values.end());
}

// The kind that all columns share (nulls aside, dictionaries as strings), or kMixed.
Kind common_kind(std::span<const ColumnPtr> columns) {
  Kind common = Kind::kNull;
  for (const ColumnPtr& column : columns) {
    Kind kind = column->kind();
    if (kind == Kind::kDictionary) kind = Kind::kString;
    if (kind == Kind::kNull) continue;
    if (common == Kind::kNull) common = kind;
    if (common != kind) return Kind::kMixed;
  }
  return common;
}

bool same_dictionary(std::span<const ColumnPtr> columns) {
  return std::all_of(columns.begin(), columns.end(), [&](const ColumnPtr& column) {
    return column->kind() == Kind::kDictionary &&
           column->dictionary() == columns.front()->dictionary();
  });
}

ColumnPtr concat_lists(std::span<const ColumnPtr> columns) {
  std::vector<std::uint32_t> offsets{0};
  std::vector<ColumnPtr> elements;
  for (const ColumnPtr& column : columns) {
    const std::uint32_t base = offsets.back();
    if (column->kind() == Kind::kNull) {
      offsets.insert(offsets.end(), column->size(), base);
      continue;
    }
    for (std::size_t row = 0; row < column->size(); ++row)
      offsets.push_back(base + column->offsets()[row + 1]);
    elements.push_back(slice(column->elements(), 0, column->offsets()[column->size()]));
  }
  return Column::lists(std::move(offsets), concat(elements));
}

}  // namespace

ColumnPtr concat(std::span<const ColumnPtr> columns) {
  if (columns.empty()) return Column::nulls(0);
  if (columns.size() == 1) return columns.front();
  const Kind kind = common_kind(columns);
  if (kind == Kind::kList) return concat_lists(columns);

  std::size_t rows = 0;
  NullBitmap nulls;
  std::vector<std::uint8_t> bools;
  std::vector<std::int64_t> ints;
  std::vector<double> floats;
  std::vector<std::string_view> strings;
  std::vector<std::uint32_t> codes;
  std::vector<Value> values;
  std::vector<Column::Owner> owners;
  const bool dictionary = kind == Kind::kString && same_dictionary(columns);
  for (const ColumnPtr& column : columns) {
    const ColumnPtr part = dictionary ? column : flatten(column);
    if (kind != Kind::kMixed && part->null_count() > 0)
      for (std::size_t row = 0; row < part->size(); ++row)
        if (part->is_null(row)) nulls.set(rows + row);
    if (dictionary) {
      append_values(codes, part->codes(), part->size());
    } else {
      switch (kind) {
        case Kind::kBool:
          append_values(bools, part->bool_values(), part->size());
          break;
        case Kind::kInt:
        case Kind::kTimestamp:
          append_values(ints, part->int_values(), part->size());
          break;
        case Kind::kFloat:
          append_values(floats, part->float_values(), part->size());
          break;
        case Kind::kString:
          append_values(strings, part->string_values(), part->size());
          for (const Column::Owner& owner : part->owners())
            if (owners.empty() || owners.back() != owner) owners.push_back(owner);
          break;
        case Kind::kMixed:
          for (std::size_t row = 0; row < part->size(); ++row) values.push_back(part->value(row));
          break;
        default:
          break;
      }
    }
    rows += part->size();
  }
  if (dictionary)
    return Column::dictionary(std::move(codes), columns.front()->dictionary(), std::move(nulls));
  switch (kind) {
    case Kind::kBool:
      return Column::bools(std::move(bools), std::move(nulls));
    case Kind::kInt:
      return Column::ints(std::move(ints), std::move(nulls));
    case Kind::kTimestamp:
      return Column::timestamps(std::move(ints), std::move(nulls));
    case Kind::kFloat:
      return Column::floats(std::move(floats), std::move(nulls));
    case Kind::kString:
      return Column::strings(std::move(strings), std::move(owners), std::move(nulls));
    case Kind::kMixed:
      return Column::mixed(std::move(values));
    default:
      return Column::nulls(rows);
  }
}

ColumnPtr flatten(const ColumnPtr& column) {
  if (column->kind() != Kind::kDictionary) return column;
  std::vector<std::string_view> strings(column->size());
  const std::span<const std::string_view> dictionary = column->dictionary()->string_values();
  for (std::size_t row = 0; row < column->size(); ++row)
    if (!column->is_null(row)) strings[row] = dictionary[column->codes()[row]];
  return Column::strings(std::move(strings), column->dictionary()->owners(), column->null_bitmap());
}

ColumnPtr compact(const ColumnPtr& column) {
  switch (column->kind()) {
    case Kind::kString: {
      if (column->owners().empty()) return column;
      std::vector<std::string_view> strings(column->size());
      std::size_t bytes = 0;
      for (std::size_t row = 0; row < column->size(); ++row)
        if (!column->is_null(row)) bytes += column->string_values()[row].size();
      // One block of the exact size: kept columns waste nothing.
      const std::shared_ptr<char[]> block = std::make_shared_for_overwrite<char[]>(bytes);
      char* place = block.get();
      for (std::size_t row = 0; row < column->size(); ++row) {
        const std::string_view text = column->string_values()[row];
        if (column->is_null(row) || text.empty()) continue;
        std::copy(text.begin(), text.end(), place);
        strings[row] = {place, text.size()};
        place += text.size();
      }
      return Column::strings(std::move(strings), {block}, column->null_bitmap());
    }
    case Kind::kDictionary: {
      // A dictionary larger than the rows that use it is not worth keeping.
      if (column->dictionary()->size() > column->size()) return compact(flatten(column));
      return Column::dictionary({column->codes().begin(), column->codes().end()},
                                compact(column->dictionary()), column->null_bitmap());
    }
    case Kind::kList:
      return Column::lists({column->offsets().begin(), column->offsets().end()},
                           compact(column->elements()));
    default:
      return column;
  }
}

}  // namespace lynxdb::event
