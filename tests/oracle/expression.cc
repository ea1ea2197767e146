#include "tests/oracle/expression.h"

#include <cmath>
#include <regex>

namespace lynxdb::oracle {
namespace {

using spl2::ExprKind;
using spl2::Op;

Comparison comparison_of(Op op) {
  switch (op) {
    case Op::kNe:
      return Comparison::kNe;
    case Op::kLt:
      return Comparison::kLt;
    case Op::kLe:
      return Comparison::kLe;
    case Op::kGt:
      return Comparison::kGt;
    case Op::kGe:
      return Comparison::kGe;
    default:
      return Comparison::kEq;
  }
}

Tri tri_not(Tri t) { return t ? Tri(!*t) : Tri(); }
Tri tri_and(Tri a, Tri b) {
  if ((a && !*a) || (b && !*b)) return false;
  if (!a || !b) return std::nullopt;
  return true;
}
Tri tri_or(Tri a, Tri b) { return tri_not(tri_and(tri_not(a), tri_not(b))); }

Value float_arithmetic(Op op, double x, double y) {
  switch (op) {
    case Op::kAdd:
      return Value::of_float(x + y);
    case Op::kSub:
      return Value::of_float(x - y);
    case Op::kMul:
      return Value::of_float(x * y);
    case Op::kDiv:
      return y == 0 ? Value() : Value::of_float(x / y);
    case Op::kMod:
      return y == 0 ? Value() : Value::of_float(std::fmod(x, y));
    default:
      return {};
  }
}

Value int_arithmetic(Op op, std::int64_t x, std::int64_t y) {
  std::int64_t result = 0;
  switch (op) {
    case Op::kAdd:
      if (!__builtin_add_overflow(x, y, &result)) return Value::of_int(result);
      break;
    case Op::kSub:
      if (!__builtin_sub_overflow(x, y, &result)) return Value::of_int(result);
      break;
    case Op::kMul:
      if (!__builtin_mul_overflow(x, y, &result)) return Value::of_int(result);
      break;
    case Op::kMod:
      if (y == 0) return {};
      return Value::of_int(y == -1 ? 0 : x % y);
    default:
      break;
  }
  return float_arithmetic(op, static_cast<double>(x), static_cast<double>(y));
}

Value move_time(std::int64_t ns, const Value& seconds, bool back) {
  const double factor = back ? -1 : 1;
  if (seconds.kind == Kind::kInt)
    return Value::of_time(ns + (back ? -1 : 1) * seconds.integer * 1'000'000'000);
  return Value::of_time(ns + std::llround(factor * seconds.number * 1e9));
}

Value arithmetic(Op op, const Value& list_a, const Value& list_b) {
  const Value& a = single(list_a);
  const Value& b = single(list_b);
  if (a.is_null() || b.is_null()) return {};
  if (op == Op::kConcat) return Value::of_string(text_form(a) + text_form(b));
  if (a.kind == Kind::kTime && b.kind == Kind::kTime && op == Op::kSub)
    return Value::of_float(static_cast<double>(a.integer - b.integer) / 1e9);
  if (a.kind == Kind::kTime && b.kind != Kind::kTime && (op == Op::kAdd || op == Op::kSub)) {
    const Value seconds = operand(b);
    return seconds.is_null() ? Value() : move_time(a.integer, seconds, op == Op::kSub);
  }
  if (b.kind == Kind::kTime && a.kind != Kind::kTime && op == Op::kAdd) return arithmetic(op, b, a);
  const Value x = operand(a);
  const Value y = operand(b);
  if (op == Op::kAdd && a.kind == Kind::kString && b.kind == Kind::kString &&
      (x.is_null() || y.is_null()))
    return Value::of_string(a.text + b.text);
  if (x.is_null() || y.is_null()) return {};
  if (x.kind == Kind::kInt && y.kind == Kind::kInt && op != Op::kDiv)
    return int_arithmetic(op, x.integer, y.integer);
  return float_arithmetic(op, to_double(x), to_double(y));
}

Value negate(const Value& v) {
  const Value x = operand(v);
  if (x.is_null()) return {};
  return arithmetic(Op::kSub, Value::of_int(0), x);
}

// True when any element fits.
template <typename Fits>
Tri any_element(const Value& v, const Value& pattern, const Fits& fits) {
  if (v.is_null() || pattern.is_null()) return std::nullopt;
  for (const Value& element : elements(v))
    if (fits(text_form(element), text_form(pattern))) return true;
  return false;
}

Tri evaluate_in(const Value& v, const std::vector<Value>& candidates) {
  Tri result = false;
  for (const Value& candidate : candidates)
    result = tri_or(result, compare(Comparison::kEq, v, candidate));
  return v.is_null() ? Tri() : result;
}

}  // namespace

Value evaluate(const spl2::Expr& expr, const Row& row, const Context& context) {
  std::vector<Value> args;
  if (expr.kind == ExprKind::kCall)
    if (const Field* made = row.find(expr.call_text)) return made->value;
  for (const spl2::ExprPtr& arg : expr.args) args.push_back(evaluate(*arg, row, context));
  const auto negated = [&](Tri t) { return from_tri(expr.negated ? tri_not(t) : t); };

  switch (expr.kind) {
    case ExprKind::kLiteral: {
      if (const auto* b = std::get_if<bool>(&expr.literal)) return Value::of_bool(*b);
      if (const auto* i = std::get_if<std::int64_t>(&expr.literal)) return Value::of_int(*i);
      if (const auto* d = std::get_if<double>(&expr.literal)) return Value::of_float(*d);
      if (const auto* s = std::get_if<std::string>(&expr.literal)) return Value::of_string(*s);
      return {};
    }
    case ExprKind::kField:
      return row.read(expr.name);
    case ExprKind::kCall:
      return call_function(expr.name, args, context);
    case ExprKind::kAnd: {
      Tri result = true;
      for (const Value& arg : args) result = tri_and(result, truth(arg));
      return from_tri(result);
    }
    case ExprKind::kOr: {
      Tri result = false;
      for (const Value& arg : args) result = tri_or(result, truth(arg));
      return from_tri(result);
    }
    case ExprKind::kNot:
      return from_tri(tri_not(truth(args[0])));
    case ExprKind::kNegate:
      return negate(args[0]);
    case ExprKind::kCompare:
      return from_tri(compare(comparison_of(expr.op), args[0], args[1]));
    case ExprKind::kArithmetic:
      return arithmetic(expr.op, args[0], args[1]);
    case ExprKind::kCoalesce:
      return args[0].is_null() ? args[1] : args[0];
    case ExprKind::kIn:
      return negated(evaluate_in(args[0], {args.begin() + 1, args.end()}));
    case ExprKind::kBetween: {
      // Of a list, one element must lie in the range.
      if (args[0].is_null()) return {};
      Tri result = false;
      for (const Value& element : elements(args[0]))
        result = tri_or(result, tri_and(compare(Comparison::kGe, element, args[1]),
                                        compare(Comparison::kLe, element, args[2])));
      return negated(result);
    }
    case ExprKind::kLike:
    case ExprKind::kILike:
      return negated(
          any_element(args[0], args[1], [&](const std::string& text, const std::string& pattern) {
            return like(text, pattern, expr.kind == ExprKind::kILike);
          }));
    case ExprKind::kIsNull:
      return Value::of_bool(args[0].is_null() != expr.negated);
    case ExprKind::kRegex:
      return negated(
          any_element(args[0], args[1], [](const std::string& text, const std::string& pattern) {
            return std::regex_search(text, std::regex(pattern));
          }));
  }
  return {};
}

}  // namespace lynxdb::oracle
