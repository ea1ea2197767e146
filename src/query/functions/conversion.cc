// tonumber, tostring, tobool, typeof and the type tests.
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "query/expression_memory.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;
using event::Kind;
using event::Type;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

ValueView to_plain_number(ValueView value) {
  if (value.type() == Type::kTimestamp)
    return ValueView::floating(event::epoch_seconds(value.as_int()));
  return event::to_number(value);
}

// Digits of `base` with sign and outer spaces; null for anything else and beyond 64 bits.
ValueView parse_in_base(std::string_view text, int base) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
  std::uint64_t digits = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, digits, base);
  if (error != std::errc{} || stop != end) return {};
  constexpr std::uint64_t kIntMax = 0x7fffffffffffffffU;
  if (digits > kIntMax + (negative ? 1 : 0))
    return ValueView::floating((negative ? -1.0 : 1.0) * static_cast<double>(digits));
  return ValueView::integer(static_cast<std::int64_t>(negative ? 0 - digits : digits));
}

void tonumber(Arguments arguments, ColumnBuilder& out) {
  if (arguments.size() == 1) return out.append(to_plain_number(arguments[0]));
  const ValueView base = event::to_number(arguments[1]);
  if (base.type() != Type::kInt || base.as_int() < 2 || base.as_int() > 36)
    return out.append_null();
  if (base.as_int() == 10) return out.append(to_plain_number(arguments[0]));
  std::string scratch;
  out.append(parse_in_base(text_of(arguments[0], scratch), static_cast<int>(base.as_int())));
}

// Columns of numbers are their own numbers.
ColumnPtr tonumber_of_column(const Column& column) {
  if (column.kind() == Kind::kInt)
    return Column::ints({column.int_values().begin(), column.int_values().end()},
                        column.null_bitmap());
  if (column.kind() == Kind::kFloat)
    return Column::floats({column.float_values().begin(), column.float_values().end()},
                          column.null_bitmap());
  return nullptr;
}

Result<ExpressionPtr> build_tonumber(FunctionArguments arguments, const FunctionContext&) {
  const auto whole = arguments.size() == 1 ? tonumber_of_column : nullptr;
  return make_call(std::move(arguments), {.row = tonumber, .whole = whole});
}

void tostring(Arguments arguments, ColumnBuilder& out) {
  std::string scratch;
  append_made(text_of(arguments[0], scratch), out);
}

Result<ExpressionPtr> build_tostring(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments), {.row = tostring, .lists = ListMode::kWhole});
}

void tobool(Arguments arguments, ColumnBuilder& out) {
  const ValueView value = arguments[0];
  if (value.type() == Type::kBool) return out.append(value);
  if (value.type() == Type::kString)
    if (const std::optional<bool> parsed = parse_bool(value.as_string()))
      return out.append_bool(*parsed);
  const ValueView number = event::to_number(value);
  if (number.is_null() || value.type() == Type::kTimestamp) return out.append_null();
  out.append_bool(*truth(number));
}

Result<ExpressionPtr> build_tobool(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments), {.row = tobool});
}

Result<ExpressionPtr> build_typeof(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    out.append_string(event::to_string(single(values[0]).type()));
  };
  return make_call(std::move(arguments),
                   {.row = row, .lists = ListMode::kWhole, .sees_nulls = true});
}

// True for values of type A or B, false for others and null.
template <Type A, Type B = A>
Result<ExpressionPtr> build_type_test(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    const Type type = single(values[0]).type();
    out.append_bool(type == A || type == B);
  };
  return make_call(std::move(arguments),
                   {.row = row, .lists = ListMode::kWhole, .sees_nulls = true});
}

constexpr std::array kFunctions = {
    Function{"tonumber", 1, 2, build_tonumber},
    Function{"tostring", 1, 1, build_tostring},
    Function{"tobool", 1, 1, build_tobool},
    Function{"typeof", 1, 1, build_typeof},
    Function{"isnum", 1, 1, build_type_test<Type::kInt, Type::kFloat>},
    Function{"isint", 1, 1, build_type_test<Type::kInt>},
    Function{"isstr", 1, 1, build_type_test<Type::kString>},
    Function{"isbool", 1, 1, build_type_test<Type::kBool>},
    Function{"ismv", 1, 1, build_type_test<Type::kList>},
};

}  // namespace

std::span<const Function> conversion_functions() { return kFunctions; }

}  // namespace lynxdb::query
