// mvcount, mvjoin, mvdedup, mvappend, mvindex, mvsort. A single value is a list of one.
#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "query/expression_memory.h"
#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"

namespace lynxdb::query {

using event::ColumnBuilder;
using event::Type;
using event::Value;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

std::size_t element_count(ValueView value) {
  if (value.is_null()) return 0;
  return value.type() == Type::kList ? value.list_size() : 1;
}

ValueView element_at(ValueView value, std::size_t i) {
  return value.type() == Type::kList ? value.list_at(i) : value;
}

ExpressionPtr make_list_call(FunctionArguments arguments, RowFunction::Row row,
                             bool sees_nulls = false) {
  return make_call(std::move(arguments),
                   {.row = std::move(row), .lists = ListMode::kWhole, .sees_nulls = sees_nulls});
}

Result<ExpressionPtr> build_mvcount(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    out.append_int(static_cast<std::int64_t>(element_count(values[0])));
  };
  return make_list_call(std::move(arguments), row, true);
}

void mvjoin(Arguments values, ColumnBuilder& out) {
  const std::string delimiter = event::text(values[1]);
  std::string joined;
  for (std::size_t i = 0; i < element_count(values[0]); ++i) {
    if (i > 0) joined += delimiter;
    event::append_text(element_at(values[0], i), joined);
    if (!fits_as_value(joined.size())) return out.append_null();
  }
  append_made(joined, out);
}

Result<ExpressionPtr> build_mvjoin(FunctionArguments arguments, const FunctionContext&) {
  return make_list_call(std::move(arguments), mvjoin);
}

// First occurrences; values with the same text form are the same, as in group keys.
void mvdedup(Arguments values, ColumnBuilder& out) {
  if (values[0].type() != Type::kList) return out.append(values[0]);
  std::unordered_set<std::string> seen;
  std::vector<Value> kept;
  for (std::size_t i = 0; i < values[0].list_size(); ++i) {
    const ValueView element = values[0].list_at(i);
    if (seen.insert(event::text(element)).second) kept.push_back(element.to_value());
  }
  append_made(std::move(kept), out);
}

Result<ExpressionPtr> build_mvdedup(FunctionArguments arguments, const FunctionContext&) {
  return make_list_call(std::move(arguments), mvdedup);
}

void mvappend(Arguments values, ColumnBuilder& out) {
  std::vector<Value> elements;
  std::size_t bytes = 0;
  for (const ValueView value : values)
    for (std::size_t i = 0; i < element_count(value); ++i) {
      elements.push_back(element_at(value, i).to_value());
      bytes += made_bytes(elements.back());
      if (!fits_as_value(bytes)) return out.append_null();
    }
  append_made(std::move(elements), out);
}

Result<ExpressionPtr> build_mvappend(FunctionArguments arguments, const FunctionContext&) {
  return make_list_call(std::move(arguments), mvappend, true);
}

// A position as given: from 0, negative from the end; below 0 when before the start.
std::optional<std::int64_t> position(ValueView value, std::int64_t size) {
  const ValueView number = event::to_number(value);
  if (number.type() != Type::kInt) return std::nullopt;
  return number.as_int() < 0 ? std::max<std::int64_t>(number.as_int(), -size - 1) + size
                             : number.as_int();
}

void mvindex(Arguments values, ColumnBuilder& out) {
  const auto size = static_cast<std::int64_t>(element_count(values[0]));
  const std::optional<std::int64_t> first = position(values[1], size);
  if (!first) return out.append_null();
  if (values.size() == 2) {
    if (*first < 0 || *first >= size) return out.append_null();
    return out.append(element_at(values[0], static_cast<std::size_t>(*first)));
  }
  const std::optional<std::int64_t> last = position(values[2], size);
  if (!last) return out.append_null();
  std::vector<Value> elements;
  for (std::int64_t i = std::max<std::int64_t>(*first, 0); i <= std::min(*last, size - 1); ++i)
    elements.push_back(element_at(values[0], static_cast<std::size_t>(i)).to_value());
  append_made(std::move(elements), out);
}

Result<ExpressionPtr> build_mvindex(FunctionArguments arguments, const FunctionContext&) {
  return make_list_call(std::move(arguments), mvindex);
}

void mvsort(Arguments values, ColumnBuilder& out) {
  if (values[0].type() != Type::kList) return out.append(values[0]);
  std::vector<std::size_t> order(values[0].list_size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int compared = event::sort_compare(values[0].list_at(a), values[0].list_at(b));
    return compared != 0 ? compared < 0 : a < b;
  });
  std::vector<Value> sorted;
  for (const std::size_t i : order) sorted.push_back(values[0].list_at(i).to_value());
  append_made(std::move(sorted), out);
}

Result<ExpressionPtr> build_mvsort(FunctionArguments arguments, const FunctionContext&) {
  return make_list_call(std::move(arguments), mvsort);
}

constexpr std::array kFunctions = {
    Function{"mvcount", 1, 1, build_mvcount},
    Function{"mvjoin", 2, 2, build_mvjoin},
    Function{"mvdedup", 1, 1, build_mvdedup},
    Function{"mvappend", 1, kManyArguments, build_mvappend},
    Function{"mvindex", 2, 3, build_mvindex},
    Function{"mvsort", 1, 1, build_mvsort},
};

}  // namespace

std::span<const Function> multivalue_functions() { return kFunctions; }

}  // namespace lynxdb::query
