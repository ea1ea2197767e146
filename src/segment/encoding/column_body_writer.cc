#include <algorithm>
#include <array>

#include "segment/encoding/codes.h"
#include "segment/encoding/column_body.h"
#include "segment/encoding/floats.h"
#include "segment/encoding/integers.h"
#include "segment/encoding/null_rows.h"
#include "segment/encoding/row_strings.h"
#include "segment/encoding/texts.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::Kind;

std::vector<std::uint32_t> present_rows(const Column& column) {
  std::vector<std::uint32_t> rows;
  rows.reserve(column.size());
  const bool some_null = column.has_nulls();
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!some_null || !column.is_null(row)) rows.push_back(static_cast<std::uint32_t>(row));
  }
  return rows;
}

template <typename T>
std::vector<T> values_of(std::span<const T> values, std::span<const std::uint32_t> rows) {
  std::vector<T> result;
  result.reserve(rows.size());
  for (const std::uint32_t row : rows) result.push_back(values[row]);
  return result;
}

BodyType body_type(const Column& column) {
  if (column.null_count() >= column.size()) return BodyType::kNothing;
  switch (column.kind()) {
    case Kind::kNull:
      return BodyType::kNothing;
    case Kind::kBool:
      return BodyType::kBools;
    case Kind::kInt:
      return BodyType::kInts;
    case Kind::kFloat:
      return BodyType::kFloats;
    case Kind::kTimestamp:
      return BodyType::kTimestamps;
    case Kind::kString:
    case Kind::kDictionary:
      return BodyType::kStrings;
    case Kind::kList:
      return BodyType::kLists;
    case Kind::kMixed:
      return BodyType::kMixed;
  }
  return BodyType::kNothing;
}

void put_bools(const Column& column, std::span<const std::uint32_t> rows, std::string& out) {
  std::vector<std::uint32_t> codes;
  codes.reserve(rows.size());
  for (const std::uint32_t row : rows) codes.push_back(column.bool_values()[row] != 0 ? 1 : 0);
  put_codes(codes, out);
}

void put_strings(const Column& column, std::span<const std::uint32_t> rows,
                 const BodyOptions& options, std::string& out) {
  const RowStrings strings(column);
  std::vector<std::string_view> values;
  values.reserve(rows.size());
  for (const std::uint32_t row : rows) values.push_back(strings.at(row));
  const std::optional<DistinctTexts> distinct = column.kind() == Kind::kDictionary
                                                    ? distinct_texts(column)
                                                    : distinct_texts(std::span(values));
  if (distinct && options.distinct != nullptr) *options.distinct = distinct->entries.size();
  if (distinct && !distinct->entries.empty() && options.text_bounds != nullptr)
    *options.text_bounds = TextBounds{distinct->entries.front(), distinct->entries.back()};
  TextOptions text_options;
  text_options.compression = options.compression;
  text_options.siblings.columns = options.siblings;
  if (rows.size() != column.size()) text_options.siblings.rows = rows;
  text_options.used_siblings = options.used_siblings;
  put_texts(values, distinct, text_options, out);
}

BodyOptions inner(const BodyOptions& options) {
  return {options.compression, {}, nullptr, nullptr, nullptr};
}

void put_lists(const Column& column, std::span<const std::uint32_t> rows,
               const BodyOptions& options, std::string& out) {
  const auto offsets = column.offsets();
  std::vector<std::int64_t> sizes;
  sizes.reserve(rows.size());
  for (const std::uint32_t row : rows) sizes.push_back(offsets[row + 1] - offsets[row]);
  put_integers(sizes, out);
  const std::uint32_t begin = offsets.front();
  put_column(*event::slice(column.elements(), begin, offsets.back() - begin), inner(options), out);
}

void put_mixed(const Column& column, std::span<const std::uint32_t> rows,
               const BodyOptions& options, std::string& out) {
  std::array<std::vector<event::Value>, 7> of_type;
  std::vector<std::uint32_t> types;
  types.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    const event::Value& value = column.mixed_values()[row];
    types.push_back(static_cast<std::uint32_t>(value.type()));
    of_type[types.back()].push_back(value);
  }
  put_codes(types, out);
  for (std::vector<event::Value>& values : of_type) {
    if (values.empty()) continue;
    // Values of one type make a plain column.
    put_column(*Column::mixed(std::move(values)), inner(options), out);
  }
}

}  // namespace

void put_column(const Column& column, const BodyOptions& options, std::string& out) {
  const BodyType type = body_type(column);
  out.push_back(static_cast<char>(type));
  if (type == BodyType::kNothing) return;
  put_null_rows(column, options.compression, out);
  const std::vector<std::uint32_t> rows = present_rows(column);
  switch (type) {
    case BodyType::kNothing:
      return;
    case BodyType::kBools:
      return put_bools(column, rows, out);
    case BodyType::kInts:
    case BodyType::kTimestamps:
      return put_integers(values_of(column.int_values(), rows), out);
    case BodyType::kFloats:
      return put_floats(values_of(column.float_values(), rows), options.compression, out);
    case BodyType::kStrings:
      return put_strings(column, rows, options, out);
    case BodyType::kLists:
      return put_lists(column, rows, options, out);
    case BodyType::kMixed:
      return put_mixed(column, rows, options, out);
  }
}

}  // namespace lynxdb::segment
