// abs, ceil, floor, round, sqrt, exp, ln, log, pow, max, min.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"

namespace lynxdb::query {

using event::ColumnBuilder;
using event::ColumnPtr;
using event::Type;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

// What acts as a number (numeric text, bools, times as epoch seconds), or null.
ValueView number_of(ValueView value) {
  if (value.type() == Type::kTimestamp)
    return ValueView::floating(event::epoch_seconds(value.as_int()));
  return event::to_number(value);
}

double as_double(ValueView number) {
  return number.type() == Type::kInt ? static_cast<double>(number.as_int()) : number.as_float();
}

// 2^63: every whole float below it in magnitude is an int.
constexpr double kIntLimit = 9223372036854775808.0;

// A whole float as int when it fits.
ValueView whole(double value) {
  if (value >= -kIntLimit && value < kIntLimit)
    return ValueView::integer(static_cast<std::int64_t>(value));
  return ValueView::floating(value);
}

// --- Functions of one number
// ----------------------------------------------------------------------

ValueView absolute(ValueView number) {
  if (number.type() == Type::kFloat) return ValueView::floating(std::abs(number.as_float()));
  if (number.as_int() == std::numeric_limits<std::int64_t>::min())
    return ValueView::floating(kIntLimit);
  return ValueView::integer(std::abs(number.as_int()));
}

ValueView ceiling(ValueView number) {
  return number.type() == Type::kInt ? number : whole(std::ceil(number.as_float()));
}

ValueView floor(ValueView number) {
  return number.type() == Type::kInt ? number : whole(std::floor(number.as_float()));
}

// Domain errors give NaN or infinity, which is null.
ValueView square_root(ValueView number) {
  return ValueView::floating(std::sqrt(as_double(number)));
}
ValueView exponential(ValueView number) { return ValueView::floating(std::exp(as_double(number))); }
ValueView natural_log(ValueView number) { return ValueView::floating(std::log(as_double(number))); }

template <ValueView (*Compute)(ValueView)>
Result<ExpressionPtr> build_unary(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    const ValueView number = number_of(values[0]);
    out.append(number.is_null() ? number : Compute(number));
  };
  return make_call(std::move(arguments), {.row = row});
}

// --- round
// ----------------------------------------------------------------------------------------

constexpr int kIntDigits = 18;  // 10^18 is the largest power of ten in 64 bits.
constexpr int kFloatDigits = 308;

// To a multiple of 10^digits, half away from zero; a float when that is beyond 64 bits.
ValueView round_int(std::int64_t value, std::int64_t digits) {
  if (digits > kIntDigits + 1) return ValueView::integer(0);
  __int128 power = 1;
  for (std::int64_t i = 0; i < digits; ++i) power *= 10;
  const __int128 half = value < 0 ? -(power / 2) : power / 2;
  const __int128 rounded = (static_cast<__int128>(value) + half) / power * power;
  if (rounded > std::numeric_limits<std::int64_t>::max() ||
      rounded < std::numeric_limits<std::int64_t>::min())
    return ValueView::floating(static_cast<double>(rounded));
  return ValueView::integer(static_cast<std::int64_t>(rounded));
}

// The number as people see it, its shortest decimal text, rounded half away from zero. 1.005 is a
// little less than its text says and 2.675 a little more: in binary one would go down, one up.
double round_text(double value, std::int64_t digits) {
  std::array<char, 32> buffer;  // d.ddde+xx
  const char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                        std::abs(value), std::chars_format::scientific)
                              .ptr;
  std::string kept(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t exponent_at = kept.find('e');
  const std::int64_t exponent = std::stoi(kept.substr(exponent_at + 1));  // Of the first digit.
  kept.resize(exponent_at);
  std::erase(kept, '.');

  const std::int64_t count = exponent + 1 + digits;
  if (count >= static_cast<std::int64_t>(kept.size())) return value;
  if (count < 0) return 0;
  const bool up = kept[static_cast<std::size_t>(count)] >= '5';
  kept.resize(static_cast<std::size_t>(count));
  kept.insert(kept.begin(), '0');  // For the carry.
  for (std::size_t i = kept.size(); up && i-- > 0;) {
    kept[i] = kept[i] == '9' ? '0' : static_cast<char>(kept[i] + 1);
    if (kept[i] != '0') break;
  }
  kept += 'e' + std::to_string(-digits);
  double rounded = 0;
  std::from_chars(kept.data(), kept.data() + kept.size(), rounded);
  return std::copysign(rounded, value);
}

double round_float(double value, std::int64_t digits) {
  if (digits > kFloatDigits) return value;
  if (digits < -kFloatDigits) return 0;
  if (digits == 0) return std::round(value);
  // Far from a half, and with nothing lost on the way, arithmetic says the same sooner.
  constexpr std::int64_t kExactPower = 22;  // 10^22 is the largest that a float has exactly.
  constexpr double kLarge = 0x1p50;
  if (std::abs(digits) > kExactPower) return round_text(value, digits);
  const double power = std::pow(10.0, static_cast<double>(std::abs(digits)));
  const double scaled = digits > 0 ? value * power : value / power;
  const double magnitude = std::abs(scaled);
  const double from_half = std::abs(magnitude - std::floor(magnitude) - 0.5);
  if (!(magnitude < kLarge && from_half > magnitude * 0x1p-50)) return round_text(value, digits);
  return digits > 0 ? std::round(scaled) / power : std::round(scaled) * power;
}

ValueView round_number(ValueView number, std::int64_t digits) {
  digits = std::clamp<std::int64_t>(digits, -kFloatDigits - 1, kFloatDigits + 1);
  if (digits > 0) return ValueView::floating(round_float(as_double(number), digits));
  if (number.type() == Type::kFloat) return whole(round_float(number.as_float(), digits));
  return digits == 0 ? number : round_int(number.as_int(), -digits);
}

void round_row(Arguments values, ColumnBuilder& out) {
  const ValueView number = number_of(values[0]);
  const ValueView digits = values.size() > 1 ? number_of(values[1]) : ValueView::integer(0);
  if (number.is_null() || digits.is_null()) return out.append_null();
  if (digits.type() == Type::kInt) return out.append(round_number(number, digits.as_int()));
  if (std::abs(digits.as_float()) > kFloatDigits) return out.append_null();
  out.append(round_number(number, static_cast<std::int64_t>(digits.as_float())));
}

Result<ExpressionPtr> build_round(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments), {.row = round_row});
}

// --- log, pow
// -------------------------------------------------------------------------------------

void log_row(Arguments values, ColumnBuilder& out) {
  const ValueView number = number_of(values[0]);
  const ValueView base = values.size() > 1 ? number_of(values[1]) : ValueView::integer(10);
  if (number.is_null() || base.is_null()) return out.append_null();
  const double x = as_double(number);
  const double b = as_double(base);
  if (x <= 0 || b <= 0 || b == 1) return out.append_null();
  if (b == 10) return out.append_float(std::log10(x));
  if (b == 2) return out.append_float(std::log2(x));
  out.append_float(std::log(x) / std::log(b));
}

Result<ExpressionPtr> build_log(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments), {.row = log_row});
}

void pow_row(Arguments values, ColumnBuilder& out) {
  const ValueView x = number_of(values[0]);
  const ValueView y = number_of(values[1]);
  if (x.is_null() || y.is_null()) return out.append_null();
  out.append_float(std::pow(as_double(x), as_double(y)));
}

Result<ExpressionPtr> build_pow(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments), {.row = pow_row});
}

// --- max, min
// -------------------------------------------------------------------------------------

// The extreme by sort order; elements of lists take part one by one, the first of equals wins.
template <int Sign>
Result<ExpressionPtr> build_extreme(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    ValueView best;
    const auto consider = [&](ValueView value) {
      if (value.is_null()) return;
      if (best.is_null() || Sign * event::sort_compare(value, best) > 0) best = value;
    };
    for (const ValueView value : values) {
      if (value.type() != Type::kList) consider(value);
      for (std::size_t i = 0; i < value.list_size(); ++i) consider(value.list_at(i));
    }
    out.append(best);
  };
  return make_call(std::move(arguments),
                   {.row = row, .lists = ListMode::kWhole, .sees_nulls = true});
}

constexpr std::array kFunctions = {
    Function{"abs", 1, 1, build_unary<absolute>},
    Function{"ceil", 1, 1, build_unary<ceiling>},
    Function{"ceiling", 1, 1, build_unary<ceiling>},
    Function{"floor", 1, 1, build_unary<floor>},
    Function{"sqrt", 1, 1, build_unary<square_root>},
    Function{"exp", 1, 1, build_unary<exponential>},
    Function{"ln", 1, 1, build_unary<natural_log>},
    Function{"log", 1, 2, build_log},
    Function{"pow", 2, 2, build_pow},
    Function{"round", 1, 2, build_round},
    Function{"max", 1, kManyArguments, build_extreme<1>},
    Function{"min", 1, kManyArguments, build_extreme<-1>},
};

}  // namespace

std::span<const Function> math_functions() { return kFunctions; }

}  // namespace lynxdb::query
