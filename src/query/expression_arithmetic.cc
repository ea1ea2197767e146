// + - * / %, unary minus and `.`. Numbers in typed columns run in loops; everything else goes row
// by row through arithmetic_values.
#include <cmath>
#include <utility>

#include "query/expression_column.h"
#include "query/expression_memory.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Kind;
using event::NullBitmap;
using event::Type;
using event::ValueView;
using spl2::Op;

namespace {

// One side of an operator: a column, or a value for all rows.
struct Side {
  ColumnPtr column;  // Null for a constant.
  ValueView constant;

  Kind kind() const {
    if (column != nullptr) return column->kind();
    switch (constant.type()) {
      case Type::kInt:
        return Kind::kInt;
      case Type::kFloat:
        return Kind::kFloat;
      case Type::kTimestamp:
        return Kind::kTimestamp;
      case Type::kNull:
        return Kind::kNull;
      default:
        return Kind::kMixed;
    }
  }
  ValueView view(std::size_t row) const { return column != nullptr ? column->view(row) : constant; }
  NullBitmap nulls() const { return column != nullptr ? column->null_bitmap() : NullBitmap{}; }
};

template <typename T>
struct EveryRow {
  T value;
  T operator[](std::size_t) const { return value; }
};

// Calls `function(a, b)` with both sides indexable by row.
template <typename Function>
auto with_ints(const Side& a, const Side& b, Function function) {
  if (a.column == nullptr)
    return function(EveryRow<std::int64_t>{a.constant.as_int()}, b.column->int_values());
  if (b.column == nullptr)
    return function(a.column->int_values(), EveryRow<std::int64_t>{b.constant.as_int()});
  return function(a.column->int_values(), b.column->int_values());
}

// Stops at the first overflow: that row's result is a float, so the column is no int column.
template <typename A, typename B, typename Overflows>
bool int_loop(const A& a, const B& b, std::vector<std::int64_t>& out, Overflows overflows) {
  bool any = false;
  for (std::size_t row = 0; row < out.size(); ++row) any |= overflows(a[row], b[row], &out[row]);
  return !any;
}

// Null when a row overflows (or divides): the general way deals with it. Rows that are null hold
// any value and may overflow, too; that costs time only.
ColumnPtr ints_fast(Op op, const Side& a, const Side& b, std::size_t rows) {
  using Int = std::int64_t;
  std::vector<Int> out(rows);
  const bool ok = with_ints(a, b, [&](const auto& x, const auto& y) {
    switch (op) {
      case Op::kAdd:
        return int_loop(x, y, out,
                        [](Int p, Int q, Int* r) { return __builtin_add_overflow(p, q, r); });
      case Op::kSub:
        return int_loop(x, y, out,
                        [](Int p, Int q, Int* r) { return __builtin_sub_overflow(p, q, r); });
      case Op::kMul:
        return int_loop(x, y, out,
                        [](Int p, Int q, Int* r) { return __builtin_mul_overflow(p, q, r); });
      default:
        return int_loop(x, y, out, [](Int p, Int q, Int* r) {
          *r = q == 0 || q == -1 ? 0 : p % q;
          return q == 0;
        });
    }
  });
  if (!ok) return nullptr;
  return Column::ints(std::move(out), merge_nulls(a.nulls(), b.nulls()));
}

std::vector<double> as_doubles(const Side& side, std::size_t rows) {
  if (side.column == nullptr) {
    const double value = side.constant.type() == Type::kInt
                             ? static_cast<double>(side.constant.as_int())
                             : side.constant.as_float();
    return std::vector<double>(rows, value);
  }
  if (side.kind() == Kind::kFloat)
    return {side.column->float_values().begin(), side.column->float_values().end()};
  std::vector<double> result(rows);
  const std::span<const std::int64_t> ints = side.column->int_values();
  for (std::size_t row = 0; row < rows; ++row) result[row] = static_cast<double>(ints[row]);
  return result;
}

// Division by zero gives NaN or infinity here, which Column::floats turns into null.
ColumnPtr floats_fast(Op op, const Side& a, const Side& b, std::size_t rows) {
  std::vector<double> x = as_doubles(a, rows);
  const std::vector<double> y = as_doubles(b, rows);
  switch (op) {
    case Op::kAdd:
      for (std::size_t row = 0; row < rows; ++row) x[row] += y[row];
      break;
    case Op::kSub:
      for (std::size_t row = 0; row < rows; ++row) x[row] -= y[row];
      break;
    case Op::kMul:
      for (std::size_t row = 0; row < rows; ++row) x[row] *= y[row];
      break;
    case Op::kDiv:
      for (std::size_t row = 0; row < rows; ++row) x[row] /= y[row];
      break;
    default:
      for (std::size_t row = 0; row < rows; ++row) x[row] = std::fmod(x[row], y[row]);
  }
  return Column::floats(std::move(x), merge_nulls(a.nulls(), b.nulls()));
}

bool is_number(Kind kind) { return kind == Kind::kInt || kind == Kind::kFloat; }

ColumnPtr numbers_fast(Op op, const Side& a, const Side& b, std::size_t rows) {
  if (!is_number(a.kind()) || !is_number(b.kind())) return nullptr;
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt && op != Op::kDiv)
    return ints_fast(op, a, b, rows);
  return floats_fast(op, a, b, rows);
}

ColumnPtr by_row(Op op, const Side& a, const Side& b, std::size_t rows) {
  event::ColumnBuilder builder;
  std::string joined;
  for (std::size_t row = 0; row < rows; ++row) {
    const ValueView value = arithmetic_values(op, a.view(row), b.view(row), joined);
    if (value.type() == event::Type::kString)
      append_made(value.as_string(), builder);
    else
      builder.append(value);
  }
  return builder.finish();
}

ColumnPtr concat_by_row(const Side& a, const Side& b, std::size_t rows) {
  event::ColumnBuilder builder;
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    const ValueView x = a.view(row);
    const ValueView y = b.view(row);
    if (x.is_null() || y.is_null()) {
      builder.append_null();
      continue;
    }
    text.clear();
    event::append_text(x, text);
    event::append_text(y, text);
    append_made(text, builder);
  }
  return builder.finish();
}

ColumnPtr apply(Op op, const Side& a, const Side& b, std::size_t rows) {
  if (a.kind() == Kind::kNull || b.kind() == Kind::kNull) return Column::nulls(rows);
  if (a.kind() == Kind::kDictionary && b.column == nullptr)
    return map_dictionary(a.column, [&](const ColumnPtr& entries) {
      return apply(op, {entries, {}}, b, entries->size());
    });
  if (b.kind() == Kind::kDictionary && a.column == nullptr)
    return map_dictionary(b.column, [&](const ColumnPtr& entries) {
      return apply(op, a, {entries, {}}, entries->size());
    });
  if (op == Op::kConcat) return concat_by_row(a, b, rows);
  if (ColumnPtr result = numbers_fast(op, a, b, rows)) return result;
  return by_row(op, a, b, rows);
}

class Arithmetic final : public Expression {
 public:
  Arithmetic(Op op, ExpressionPtr a, ExpressionPtr b)
      : op_(op), a_(std::move(a)), b_(std::move(b)) {}

  ColumnPtr evaluate(const EventBatch& batch) const override {
    // Constant on both sides is folded when compiled, but for the fold itself.
    if (a_.is_constant() && b_.is_constant())
      return apply(op_, {a_.evaluate(batch), {}}, side(b_, batch), batch.rows());
    return apply(op_, side(a_, batch), side(b_, batch), batch.rows());
  }
  void collect_fields(std::set<std::string>& fields) const override {
    a_.collect_fields(fields);
    b_.collect_fields(fields);
  }

 private:
  static Side side(const Operand& operand, const EventBatch& batch) {
    if (operand.is_constant()) return {nullptr, single(operand.constant())};
    return {operand.evaluate(batch), {}};
  }

  Op op_;
  Operand a_;
  Operand b_;
};

class Negate final : public Expression {
 public:
  explicit Negate(ExpressionPtr value) : value_(std::move(value)) {}
  ColumnPtr evaluate(const EventBatch& batch) const override {
    return negated(value_->evaluate(batch));
  }
  void collect_fields(std::set<std::string>& fields) const override {
    value_->collect_fields(fields);
  }

 private:
  static ColumnPtr negated(const ColumnPtr& column) {
    if (column->kind() == Kind::kDictionary) return map_dictionary(column, negated);
    if (column->kind() == Kind::kFloat) {
      std::vector<double> values(column->float_values().begin(), column->float_values().end());
      for (double& value : values) value = -value;
      return Column::floats(std::move(values), column->null_bitmap());
    }
    event::ColumnBuilder builder;
    for (std::size_t row = 0; row < column->size(); ++row)
      builder.append(negate_value(column->view(row)));
    return builder.finish();
  }

  ExpressionPtr value_;
};

}  // namespace

ExpressionPtr make_arithmetic(Op op, ExpressionPtr a, ExpressionPtr b) {
  return std::make_shared<Arithmetic>(op, std::move(a), std::move(b));
}

ExpressionPtr make_concat(ExpressionPtr a, ExpressionPtr b) {
  return std::make_shared<Arithmetic>(Op::kConcat, std::move(a), std::move(b));
}

ExpressionPtr make_negate(ExpressionPtr value) {
  return std::make_shared<Negate>(std::move(value));
}

}  // namespace lynxdb::query
