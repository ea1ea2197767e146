// Comparisons. Typed columns against a constant or each other run in loops without branches; every
// other pairing goes row by row through compare_values, which says what the loops must give.
#include <cmath>
#include <functional>
#include <utility>

#include "query/expression_column.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::Kind;
using event::Type;
using event::ValueView;
using spl2::Op;

namespace {

Op mirrored(Op op) {
  switch (op) {
    case Op::kLt:
      return Op::kGt;
    case Op::kLe:
      return Op::kGe;
    case Op::kGt:
      return Op::kLt;
    case Op::kGe:
      return Op::kLe;
    default:
      return op;
  }
}

// Calls `function` with the comparison as a functor, so that the loop inside is compiled per
// operator.
template <typename Function>
auto with_operator(Op op, Function function) {
  switch (op) {
    case Op::kEq:
      return function(std::equal_to<>());
    case Op::kNe:
      return function(std::not_equal_to<>());
    case Op::kLt:
      return function(std::less<>());
    case Op::kLe:
      return function(std::less_equal<>());
    case Op::kGt:
      return function(std::greater<>());
    default:
      return function(std::greater_equal<>());
  }
}

template <typename T>
std::vector<std::uint8_t> against_constant(Op op, std::span<const T> values, T constant) {
  std::vector<std::uint8_t> result(values.size());
  with_operator(op, [&](auto compare) {
    for (std::size_t row = 0; row < values.size(); ++row)
      result[row] = compare(values[row], constant) ? 1 : 0;
  });
  return result;
}

template <typename T>
std::vector<std::uint8_t> against_column(Op op, std::span<const T> a, std::span<const T> b) {
  std::vector<std::uint8_t> result(a.size());
  with_operator(op, [&](auto compare) {
    for (std::size_t row = 0; row < a.size(); ++row) result[row] = compare(a[row], b[row]) ? 1 : 0;
  });
  return result;
}

template <typename Order>
std::vector<std::uint8_t> by_order(Op op, std::size_t rows, Order order) {
  std::vector<std::uint8_t> result(rows);
  with_operator(op, [&](auto compare) {
    for (std::size_t row = 0; row < rows; ++row) result[row] = compare(order(row), 0) ? 1 : 0;
  });
  return result;
}

// No value of the column is comparable with the other side: `=` is false, `!=` true, order null.
ColumnPtr incomparable(Op op, const Column& column) {
  if (op == Op::kEq || op == Op::kNe) return constant_where_present(column, op == Op::kNe);
  return Column::nulls(column.size());
}

// The number that a constant stands for beside a number column, if any.
ValueView number_beside_numbers(ValueView constant) {
  if (constant.type() == Type::kTimestamp || constant.type() == Type::kList) return {};
  return event::to_number(constant);
}

// 2^53: below it every int is a float of the same value.
constexpr double kExactIntMax = 9007199254740992.0;

ColumnPtr ints_against(Op op, const Column& column, ValueView number) {
  const std::span<const std::int64_t> values = column.int_values();
  if (number.type() == Type::kInt)
    return Column::bools(against_constant(op, values, number.as_int()), column.null_bitmap());
  const double limit = number.as_float();
  return Column::bools(
      by_order(op, values.size(),
               [&](std::size_t row) { return event::compare_int_float(values[row], limit); }),
      column.null_bitmap());
}

ColumnPtr floats_against(Op op, const Column& column, ValueView number) {
  const std::span<const double> values = column.float_values();
  if (number.type() == Type::kInt) {
    const std::int64_t limit = number.as_int();
    if (std::abs(static_cast<double>(limit)) >= kExactIntMax)
      return Column::bools(
          by_order(op, values.size(),
                   [&](std::size_t row) { return -event::compare_int_float(limit, values[row]); }),
          column.null_bitmap());
    return Column::bools(against_constant(op, values, static_cast<double>(limit)),
                         column.null_bitmap());
  }
  return Column::bools(against_constant(op, values, number.as_float()), column.null_bitmap());
}

ColumnPtr texts_against(Op op, const Column& column, std::string_view text) {
  const std::span<const std::string_view> values = column.string_values();
  if (op == Op::kEq || op == Op::kNe) {
    std::vector<std::uint8_t> result(values.size());
    const std::uint8_t equal = op == Op::kEq ? 1 : 0;
    for (std::size_t row = 0; row < values.size(); ++row)
      result[row] = values[row] == text ? equal : 1 - equal;
    return Column::bools(std::move(result), column.null_bitmap());
  }
  return Column::bools(
      by_order(op, values.size(), [&](std::size_t row) { return values[row].compare(text); }),
      column.null_bitmap());
}

ColumnPtr times_against(Op op, const Column& column, ValueView constant, std::int64_t now_ns) {
  const std::span<const std::int64_t> values = column.int_values();
  const std::optional<std::int64_t> limit = time_of(constant, now_ns);
  if (!limit) return nullptr;
  return Column::bools(against_constant(op, values, *limit), column.null_bitmap());
}

// --- The general way
// ------------------------------------------------------------------------------

ColumnPtr rows_against(Op op, const Column& column, ValueView constant, std::int64_t now_ns) {
  std::vector<std::uint8_t> result(column.size());
  for (std::size_t row = 0; row < result.size(); ++row)
    result[row] = ternary(compare_values(op, column.view(row), constant, now_ns));
  return from_ternary(std::move(result));
}

ColumnPtr rows_against_rows(Op op, const Column& a, const Column& b, std::int64_t now_ns) {
  std::vector<std::uint8_t> result(a.size());
  for (std::size_t row = 0; row < result.size(); ++row)
    result[row] = ternary(compare_values(op, a.view(row), b.view(row), now_ns));
  return from_ternary(std::move(result));
}

// --- Choice of the loop
// ---------------------------------------------------------------------------

ColumnPtr compare_to_constant(Op op, const ColumnPtr& column, ValueView constant,
                              std::int64_t now_ns) {
  if (constant.is_null() || column->kind() == Kind::kNull) return Column::nulls(column->size());
  constant = single(constant);
  switch (column->kind()) {
    case Kind::kInt:
    case Kind::kFloat: {
      if (constant.type() == Type::kTimestamp || constant.type() == Type::kList) break;
      const ValueView number = number_beside_numbers(constant);
      if (number.is_null()) return incomparable(op, *column);
      return column->kind() == Kind::kInt ? ints_against(op, *column, number)
                                          : floats_against(op, *column, number);
    }
    case Kind::kTimestamp:
      if (constant.type() == Type::kTimestamp || constant.type() == Type::kInt ||
          constant.type() == Type::kString) {
        if (ColumnPtr result = times_against(op, *column, constant, now_ns)) return result;
        if (constant.type() == Type::kString) return incomparable(op, *column);
      }
      break;
    case Kind::kBool:
      if (constant.type() == Type::kBool)
        return Column::bools(against_constant(op, column->bool_values(),
                                              static_cast<std::uint8_t>(constant.as_bool())),
                             column->null_bitmap());
      break;
    case Kind::kString: {
      if (constant.type() != Type::kString) break;
      const bool bytes_only = op == Op::kEq || op == Op::kNe;
      if (!bytes_only && event::parse_number(constant.as_string())) break;
      return texts_against(op, *column, constant.as_string());
    }
    case Kind::kDictionary:
      return map_dictionary(column, [&](const ColumnPtr& entries) {
        return compare_to_constant(op, entries, constant, now_ns);
      });
    default:
      break;
  }
  return rows_against(op, *column, constant, now_ns);
}

ColumnPtr compare_int_to_float_column(Op op, const Column& ints, const Column& floats) {
  const std::span<const std::int64_t> a = ints.int_values();
  const std::span<const double> b = floats.float_values();
  return Column::bools(
      by_order(op, a.size(),
               [&](std::size_t row) { return event::compare_int_float(a[row], b[row]); }),
      merge_nulls(ints.null_bitmap(), floats.null_bitmap()));
}

ColumnPtr compare_columns(Op op, const Column& a, const Column& b, std::int64_t now_ns) {
  const auto nulls = [&] { return merge_nulls(a.null_bitmap(), b.null_bitmap()); };
  if (a.kind() == Kind::kNull || b.kind() == Kind::kNull) return Column::nulls(a.size());
  if (a.kind() == b.kind()) {
    switch (a.kind()) {
      case Kind::kInt:
      case Kind::kTimestamp:
        return Column::bools(against_column(op, a.int_values(), b.int_values()), nulls());
      case Kind::kFloat:
        return Column::bools(against_column(op, a.float_values(), b.float_values()), nulls());
      case Kind::kBool:
        return Column::bools(against_column(op, a.bool_values(), b.bool_values()), nulls());
      case Kind::kString:
        if (op == Op::kEq || op == Op::kNe)
          return Column::bools(against_column(op, a.string_values(), b.string_values()), nulls());
        break;
      default:
        break;
    }
  }
  if (a.kind() == Kind::kInt && b.kind() == Kind::kFloat)
    return compare_int_to_float_column(op, a, b);
  if (a.kind() == Kind::kFloat && b.kind() == Kind::kInt)
    return compare_int_to_float_column(mirrored(op), b, a);
  return rows_against_rows(op, a, b, now_ns);
}

class Compare final : public Expression {
 public:
  Compare(Op op, ExpressionPtr a, ExpressionPtr b, std::int64_t now_ns)
      : op_(op), a_(std::move(a)), b_(std::move(b)), now_ns_(now_ns) {}

  ColumnPtr evaluate(const event::EventBatch& batch) const override {
    if (b_.is_constant())
      return compare_to_constant(op_, a_.evaluate(batch), b_.constant(), now_ns_);
    if (a_.is_constant())
      return compare_to_constant(mirrored(op_), b_.evaluate(batch), a_.constant(), now_ns_);
    return compare_columns(op_, *a_.evaluate(batch), *b_.evaluate(batch), now_ns_);
  }

  void collect_fields(std::set<std::string>& fields) const override {
    a_.collect_fields(fields);
    b_.collect_fields(fields);
  }

 private:
  Op op_;
  Operand a_;
  Operand b_;
  std::int64_t now_ns_;
};

}  // namespace

ExpressionPtr make_compare(Op op, ExpressionPtr a, ExpressionPtr b, std::int64_t now_ns) {
  return std::make_shared<Compare>(op, std::move(a), std::move(b), now_ns);
}

}  // namespace lynxdb::query
