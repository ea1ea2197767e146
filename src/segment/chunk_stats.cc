#include "segment/chunk_stats.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "segment/encoding/row_strings.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::Kind;
using event::Value;

template <typename T>
struct Bounds {
  T min;
  T max;
};

// Of the rows that are not null, of which there is at least one.
template <typename T, typename At>
Bounds<T> bounds(const Column& column, At at) {
  std::optional<Bounds<T>> found;
  const bool some_null = column.has_nulls();
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (some_null && column.is_null(row)) continue;
    const T value = at(row);
    if (!found) found = Bounds<T>{value, value};
    if (value < found->min) found->min = value;
    if (found->max < value) found->max = value;
  }
  return *found;
}

Value lower_bound_of(std::string_view text) {
  return Value::string(std::string(text.substr(0, ChunkStats::kBoundBytesMax)));
}

// The shortest string of that length or less that is not below `text`; null when all its bytes are
// 0xff and nothing of the length is.
Value upper_bound_of(std::string_view text) {
  if (text.size() <= ChunkStats::kBoundBytesMax) return Value::string(std::string(text));
  std::string bound(text.substr(0, ChunkStats::kBoundBytesMax));
  while (!bound.empty() && static_cast<unsigned char>(bound.back()) == 0xff) bound.pop_back();
  if (bound.empty()) return {};
  bound.back() = static_cast<char>(bound.back() + 1);
  return Value::string(std::move(bound));
}

TextBounds text_bounds(const Column& column) {
  const RowStrings strings(column);
  const auto found =
      bounds<std::string_view>(column, [&](std::size_t row) { return strings.at(row); });
  return {found.min, found.max};
}

void set_bounds(const Column& column, const std::optional<TextBounds>& texts, ChunkStats& stats) {
  switch (column.kind()) {
    case Kind::kBool: {
      const auto found =
          bounds<bool>(column, [&](std::size_t row) { return column.bool_values()[row] != 0; });
      stats.type = event::Type::kBool;
      stats.min = Value::boolean(found.min);
      stats.max = Value::boolean(found.max);
      return;
    }
    case Kind::kInt:
    case Kind::kTimestamp: {
      const auto found =
          bounds<std::int64_t>(column, [&](std::size_t row) { return column.int_values()[row]; });
      const bool is_int = column.kind() == Kind::kInt;
      stats.type = is_int ? event::Type::kInt : event::Type::kTimestamp;
      stats.min = is_int ? Value::integer(found.min) : Value::timestamp(found.min);
      stats.max = is_int ? Value::integer(found.max) : Value::timestamp(found.max);
      return;
    }
    case Kind::kFloat: {
      const auto found =
          bounds<double>(column, [&](std::size_t row) { return column.float_values()[row]; });
      stats.type = event::Type::kFloat;
      stats.min = Value::floating(found.min);
      stats.max = Value::floating(found.max);
      return;
    }
    case Kind::kString:
    case Kind::kDictionary: {
      const TextBounds found = texts ? *texts : text_bounds(column);
      stats.type = event::Type::kString;
      stats.min = lower_bound_of(found.min);
      stats.max = upper_bound_of(found.max);
      return;
    }
    case Kind::kList:
      stats.type = event::Type::kList;
      return;
    case Kind::kMixed:
      stats.mixed = true;
      return;
    case Kind::kNull:
      return;
  }
}

}  // namespace

ChunkStats chunk_stats(const Column& column, const std::optional<TextBounds>& texts) {
  ChunkStats stats;
  stats.rows = column.size();
  stats.null_count = column.null_count();
  if (stats.null_count < stats.rows) set_bounds(column, texts, stats);
  return stats;
}

}  // namespace lynxdb::segment
