#include "query/expression_value.h"

#include <strings.h>
#include <cmath>
#include <limits>
#include <string>

#include "event/time/time_expression.h"

namespace lynxdb::query {

using event::Type;
using event::ValueView;
using spl2::Op;

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// How two scalars stand to each other. kUnequal: different, and without an order.
enum class Relation { kLess, kEqual, kGreater, kUnequal };

Relation relation_of(int order) {
  if (order == 0) return Relation::kEqual;
  return order < 0 ? Relation::kLess : Relation::kGreater;
}

template <typename T>
Relation relate(const T& a, const T& b) {
  if (a == b) return Relation::kEqual;
  return a < b ? Relation::kLess : Relation::kGreater;
}

Relation flip(Relation relation) {
  if (relation == Relation::kLess) return Relation::kGreater;
  if (relation == Relation::kGreater) return Relation::kLess;
  return relation;
}

bool is_number(Type type) { return type == Type::kInt || type == Type::kFloat; }

Relation relate_numbers(ValueView a, ValueView b) {
  if (a.type() == Type::kInt && b.type() == Type::kInt) return relate(a.as_int(), b.as_int());
  if (a.type() == Type::kInt)
    return relation_of(event::compare_int_float(a.as_int(), b.as_float()));
  if (b.type() == Type::kInt)
    return relation_of(-event::compare_int_float(b.as_int(), a.as_float()));
  return relate(a.as_float(), b.as_float());
}

Relation relate_number_to_text(ValueView number, std::string_view text) {
  const std::optional<ValueView> parsed = event::parse_number(text);
  if (!parsed || parsed->is_null()) return Relation::kUnequal;
  return relate_numbers(number, *parsed);
}

// Strings are equal by bytes; in order, two numbers go by value.
Relation relate_texts(std::string_view a, std::string_view b, bool ordering) {
  if (ordering) {
    const std::optional<ValueView> left = event::parse_number(a);
    if (left && !left->is_null()) {
      const std::optional<ValueView> right = event::parse_number(b);
      if (right && !right->is_null()) return relate_numbers(*left, *right);
    }
  }
  return relation_of(a.compare(b));
}

Relation relate_bool(bool a, ValueView b) {
  const ValueView number = ValueView::integer(a ? 1 : 0);
  if (b.type() == Type::kBool) return relate(a, b.as_bool());
  if (is_number(b.type())) return relate_numbers(number, b);
  if (b.type() != Type::kString) return Relation::kUnequal;
  const std::optional<bool> parsed = parse_bool(b.as_string());
  return parsed ? relate(a, *parsed) : Relation::kUnequal;
}

Relation relate_timestamp(std::int64_t ns, ValueView b, std::int64_t now_ns) {
  // A float carries epoch seconds to about 200 ns only: equality must not ask for more.
  if (b.type() == Type::kFloat) return relate(event::epoch_seconds(ns), b.as_float());
  if (b.type() == Type::kInt) {
    const __int128 other = static_cast<__int128>(b.as_int()) * kNsPerSecond;
    return relate(static_cast<__int128>(ns), other);
  }
  if (b.type() == Type::kBool) return Relation::kUnequal;
  const std::optional<std::int64_t> other = time_of(b, now_ns);
  return other ? relate(ns, *other) : Relation::kUnequal;
}

Relation relate_scalars(ValueView a, ValueView b, bool ordering, std::int64_t now_ns) {
  if (a.type() == Type::kString && b.type() == Type::kString)
    return relate_texts(a.as_string(), b.as_string(), ordering);
  if (a.type() == Type::kTimestamp) return relate_timestamp(a.as_int(), b, now_ns);
  if (b.type() == Type::kTimestamp) return flip(relate_timestamp(b.as_int(), a, now_ns));
  if (a.type() == Type::kBool) return relate_bool(a.as_bool(), b);
  if (b.type() == Type::kBool) return flip(relate_bool(b.as_bool(), a));
  if (is_number(a.type()) && is_number(b.type())) return relate_numbers(a, b);
  if (is_number(a.type())) return relate_number_to_text(a, b.as_string());
  return flip(relate_number_to_text(b, a.as_string()));
}

std::optional<bool> holds(Op op, Relation relation) {
  switch (op) {
    case Op::kEq:
      return relation == Relation::kEqual;
    case Op::kNe:
      return relation != Relation::kEqual;
    default:
      break;
  }
  if (relation == Relation::kUnequal) return std::nullopt;
  switch (op) {
    case Op::kLt:
      return relation == Relation::kLess;
    case Op::kLe:
      return relation != Relation::kGreater;
    case Op::kGt:
      return relation == Relation::kGreater;
    default:
      return relation != Relation::kLess;
  }
}

// True when any pair of elements fits; null when none does but some have no order.
std::optional<bool> any_element(Op op, ValueView a, ValueView b, std::int64_t now_ns) {
  const bool list_left = a.type() == Type::kList;
  const ValueView list = list_left ? a : b;
  std::optional<bool> result = false;
  for (std::size_t i = 0; i < list.list_size(); ++i) {
    const std::optional<bool> one = list_left ? compare_values(op, list.list_at(i), b, now_ns)
                                              : compare_values(op, a, list.list_at(i), now_ns);
    if (one == true) return true;
    if (!one) result = std::nullopt;
  }
  return result;
}

}  // namespace

std::optional<bool> compare_values(Op op, ValueView a, ValueView b, std::int64_t now_ns) {
  if (a.is_null() || b.is_null()) return std::nullopt;
  if (a.type() == Type::kList || b.type() == Type::kList) {
    if (op == Op::kNe) return !*any_element(Op::kEq, a, b, now_ns);
    return any_element(op, a, b, now_ns);
  }
  const bool ordering = op != Op::kEq && op != Op::kNe;
  return holds(op, relate_scalars(a, b, ordering, now_ns));
}

std::optional<std::int64_t> timestamp_of_seconds(std::int64_t seconds) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, kNsPerSecond, &ns)) return std::nullopt;
  return ns;
}

std::optional<std::int64_t> timestamp_of_seconds(double seconds) {
  const double whole = std::floor(seconds);
  // One second inside the limits, so that adding the fraction cannot overflow.
  constexpr double kSecondsMax = 9'223'372'035.0;
  if (!(whole >= -kSecondsMax && whole <= kSecondsMax)) return std::nullopt;
  const double fraction = (seconds - whole) * static_cast<double>(kNsPerSecond);
  return static_cast<std::int64_t>(whole) * kNsPerSecond + std::llround(fraction);
}

std::optional<std::int64_t> time_of(ValueView value, std::int64_t now_ns) {
  value = single(value);
  switch (value.type()) {
    case Type::kTimestamp:
      return value.as_int();
    case Type::kInt:
      return timestamp_of_seconds(value.as_int());
    case Type::kFloat:
      return timestamp_of_seconds(value.as_float());
    case Type::kString:
      return event::try_time_expression(value.as_string(), now_ns);
    default:
      return std::nullopt;
  }
}

namespace {

ValueView int_arithmetic(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  switch (op) {
    case Op::kAdd:
      if (!__builtin_add_overflow(a, b, &result)) return ValueView::integer(result);
      return ValueView::floating(static_cast<double>(a) + static_cast<double>(b));
    case Op::kSub:
      if (!__builtin_sub_overflow(a, b, &result)) return ValueView::integer(result);
      return ValueView::floating(static_cast<double>(a) - static_cast<double>(b));
    case Op::kMul:
      if (!__builtin_mul_overflow(a, b, &result)) return ValueView::integer(result);
      return ValueView::floating(static_cast<double>(a) * static_cast<double>(b));
    case Op::kDiv:
      return ValueView::floating(static_cast<double>(a) / static_cast<double>(b));
    default:
      if (b == 0) return {};
      // The smallest int % -1 is 0, but traps on most machines.
      return ValueView::integer(b == -1 ? 0 : a % b);
  }
}

ValueView float_arithmetic(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return ValueView::floating(a + b);
    case Op::kSub:
      return ValueView::floating(a - b);
    case Op::kMul:
      return ValueView::floating(a * b);
    case Op::kDiv:
      return ValueView::floating(a / b);
    default:
      return ValueView::floating(std::fmod(a, b));
  }
}

double as_double(ValueView number) {
  return number.type() == Type::kInt ? static_cast<double>(number.as_int()) : number.as_float();
}

// timestamp +/- number: moved by seconds.
ValueView move_timestamp(std::int64_t ns, ValueView seconds, bool forward) {
  std::optional<std::int64_t> distance = seconds.type() == Type::kInt
                                             ? timestamp_of_seconds(seconds.as_int())
                                             : timestamp_of_seconds(as_double(seconds));
  std::int64_t result = 0;
  if (!distance) return {};
  const bool overflow = forward ? __builtin_add_overflow(ns, *distance, &result)
                                : __builtin_sub_overflow(ns, *distance, &result);
  return overflow ? ValueView() : ValueView::timestamp(result);
}

ValueView number_of(ValueView value) {
  if (value.type() == Type::kTimestamp)
    return ValueView::floating(event::epoch_seconds(value.as_int()));
  return event::to_number(value);
}

}  // namespace

ValueView arithmetic_values(Op op, ValueView a, ValueView b, std::string& joined) {
  a = single(a);
  b = single(b);
  const bool a_is_time = a.type() == Type::kTimestamp;
  const bool b_is_time = b.type() == Type::kTimestamp;
  if (a_is_time && b_is_time && op == Op::kSub) {
    const __int128 distance = static_cast<__int128>(a.as_int()) - b.as_int();
    return ValueView::floating(static_cast<double>(distance) / static_cast<double>(kNsPerSecond));
  }
  const ValueView x = number_of(a);
  const ValueView y = number_of(b);
  if (x.is_null() || y.is_null()) {
    if (op != Op::kAdd || a.type() != Type::kString || b.type() != Type::kString) return {};
    joined.assign(a.as_string()).append(b.as_string());
    return ValueView::string(joined);
  }
  if (a_is_time && !b_is_time && (op == Op::kAdd || op == Op::kSub))
    return move_timestamp(a.as_int(), y, op == Op::kAdd);
  if (b_is_time && !a_is_time && op == Op::kAdd) return move_timestamp(b.as_int(), x, true);
  if (x.type() == Type::kInt && y.type() == Type::kInt)
    return int_arithmetic(op, x.as_int(), y.as_int());
  return float_arithmetic(op, as_double(x), as_double(y));
}

ValueView negate_value(ValueView value) {
  const ValueView number = number_of(single(value));
  if (number.type() == Type::kInt) return int_arithmetic(Op::kSub, 0, number.as_int());
  return number.is_null() ? number : ValueView::floating(-number.as_float());
}

std::string_view text_of(ValueView value, std::string& scratch) {
  if (value.type() == Type::kString) return value.as_string();
  scratch.clear();
  event::append_text(value, scratch);
  return scratch;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text.size() == 4 && ::strncasecmp(text.data(), "true", 4) == 0) return true;
  if (text.size() == 5 && ::strncasecmp(text.data(), "false", 5) == 0) return false;
  return std::nullopt;
}

}  // namespace lynxdb::query
