#include "event/value.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "base/ascii.h"
#include "base/check.h"
#include "event/column.h"

namespace lynxdb::event {

std::string_view to_string(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kBool:
      return "bool";
    case Type::kInt:
      return "int";
    case Type::kFloat:
      return "float";
    case Type::kTimestamp:
      return "timestamp";
    case Type::kString:
      return "string";
    case Type::kList:
      return "list";
  }
  return "unknown";
}

// --- Value ---------------------------------------------------------------------------------------

Value Value::boolean(bool v) {
  Value value;
  value.type_ = Type::kBool;
  value.word_ = v ? 1 : 0;
  return value;
}

Value Value::integer(std::int64_t v) {
  Value value;
  value.type_ = Type::kInt;
  value.word_ = v;
  return value;
}

Value Value::floating(double v) {
  Value value;
  if (!std::isfinite(v)) return value;
  value.type_ = Type::kFloat;
  value.word_ = std::bit_cast<std::int64_t>(v);
  return value;
}

Value Value::timestamp(std::int64_t ns) {
  Value value;
  value.type_ = Type::kTimestamp;
  value.word_ = ns;
  return value;
}

Value Value::string(std::string v) {
  Value value;
  value.type_ = Type::kString;
  value.string_ = std::move(v);
  return value;
}

Value Value::list(std::vector<Value> v) {
  Value value;
  for (Value& element : v) {
    if (element.is_null()) continue;
    if (element.type_ == Type::kList) {
      for (Value& inner : element.list_) value.list_.push_back(std::move(inner));
    } else {
      value.list_.push_back(std::move(element));
    }
  }
  if (!value.list_.empty()) value.type_ = Type::kList;
  return value;
}

double Value::as_float() const { return std::bit_cast<double>(word_); }

bool operator==(const Value& a, const Value& b) {
  if (a.type_ != b.type_) return false;
  switch (a.type_) {
    case Type::kNull:
      return true;
    case Type::kFloat:
      return a.as_float() == b.as_float();
    case Type::kString:
      return a.string_ == b.string_;
    case Type::kList:
      return a.list_ == b.list_;
    default:
      return a.word_ == b.word_;
  }
}

// --- ValueView -----------------------------------------------------------------------------------

ValueView::ValueView(const Value& value) : type_(value.type()), word_(value.as_int()) {
  if (type_ == Type::kString) {
    pointer_ = value.as_string().data();
    word_ = static_cast<std::int64_t>(value.as_string().size());
  } else if (type_ == Type::kList) {
    list_is_values_ = true;
    pointer_ = value.as_list().data();
    size_ = static_cast<std::uint32_t>(value.as_list().size());
    word_ = 0;
  }
}

ValueView ValueView::floating(double v) {
  if (!std::isfinite(v)) return {};
  return {Type::kFloat, std::bit_cast<std::int64_t>(v)};
}

ValueView ValueView::string(std::string_view v) {
  ValueView view(Type::kString, static_cast<std::int64_t>(v.size()));
  view.pointer_ = v.data();
  return view;
}

ValueView ValueView::list(const Column& elements, std::uint32_t begin, std::uint32_t size) {
  if (size == 0) return {};
  ValueView view(Type::kList, begin);
  view.pointer_ = &elements;
  view.size_ = size;
  return view;
}

double ValueView::as_float() const { return std::bit_cast<double>(word_); }

ValueView ValueView::list_at(std::size_t i) const {
  LYNXDB_DCHECK(i < size_);
  if (list_is_values_) return {static_cast<const Value*>(pointer_)[i]};
  return static_cast<const Column*>(pointer_)->view(static_cast<std::size_t>(word_) + i);
}

Value ValueView::to_value() const {
  switch (type_) {
    case Type::kNull:
      return {};
    case Type::kBool:
      return Value::boolean(as_bool());
    case Type::kInt:
      return Value::integer(word_);
    case Type::kFloat:
      return Value::floating(as_float());
    case Type::kTimestamp:
      return Value::timestamp(word_);
    case Type::kString:
      return Value::string(std::string(as_string()));
    case Type::kList: {
      std::vector<Value> elements;
      elements.reserve(size_);
      for (std::size_t i = 0; i < size_; ++i) elements.push_back(list_at(i).to_value());
      return Value::list(std::move(elements));
    }
  }
  return {};
}

// --- Numbers -------------------------------------------------------------------------------------

namespace {

using base::is_digit;
using base::is_space;

}  // namespace

std::optional<ValueView> parse_number(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string_view digits = text;
  if (!digits.empty() && (digits.front() == '+' || digits.front() == '-')) digits.remove_prefix(1);
  std::size_t i = 0;
  while (i < digits.size() && is_digit(digits[i])) ++i;
  if (i == 0) return std::nullopt;
  bool integral = true;
  if (i < digits.size() && digits[i] == '.') {
    const std::size_t fraction = ++i;
    while (i < digits.size() && is_digit(digits[i])) ++i;
    if (i == fraction) return std::nullopt;
    integral = false;
  }
  if (i < digits.size() && (digits[i] == 'e' || digits[i] == 'E')) {
    ++i;
    if (i < digits.size() && (digits[i] == '+' || digits[i] == '-')) ++i;
    const std::size_t exponent = i;
    while (i < digits.size() && is_digit(digits[i])) ++i;
    if (i == exponent) return std::nullopt;
    integral = false;
  }
  if (i != digits.size()) return std::nullopt;

  // std::from_chars takes a minus but no plus.
  const std::string_view number = text.front() == '+' ? digits : text;
  if (integral) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error == std::errc{}) return ValueView::integer(value);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too large is no finite number; too small is zero. from_chars does not say which: the exponent
    // does.
    const std::size_t e = number.find_first_of("eE");
    const bool tiny = e != std::string_view::npos && e + 1 < number.size() && number[e + 1] == '-';
    return tiny ? ValueView::floating(0.0) : ValueView();
  }
  return ValueView::floating(value);
}

double epoch_seconds(std::int64_t ns) {
  // Whole seconds and the fraction are exact on their own; only their sum is rounded.
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const std::int64_t seconds = ns / kNsPerSecond;
  return static_cast<double>(seconds) + static_cast<double>(ns - seconds * kNsPerSecond) / 1e9;
}

ValueView to_number(ValueView value) {
  switch (value.type()) {
    case Type::kInt:
    case Type::kFloat:
      return value;
    case Type::kBool:
      return ValueView::integer(value.as_bool() ? 1 : 0);
    case Type::kTimestamp:
      return ValueView::floating(epoch_seconds(value.as_int()));
    case Type::kString:
      return parse_number(value.as_string()).value_or(ValueView());
    case Type::kList:
      return value.list_size() == 1 ? to_number(value.list_at(0)) : ValueView();
    case Type::kNull:
      return {};
  }
  return {};
}

// --- Order ---------------------------------------------------------------------------------------

int compare_int_float(std::int64_t a, double b) {
  // 2^63 is exact in double: everything at or beyond it is outside int64.
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const double whole = std::trunc(b);
  const auto b_int = static_cast<std::int64_t>(whole);
  if (a != b_int) return a < b_int ? -1 : 1;
  if (b == whole) return 0;
  return b > whole ? -1 : 1;
}

namespace {

template <typename T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

enum Rank { kRankNull, kRankBool, kRankNumber, kRankTimestamp, kRankText };

struct Ranked {
  Rank rank = kRankNull;
  ValueView value;  // A number for kRankNumber, also when it came as text.
};

Ranked ranked(ValueView value) {
  switch (value.type()) {
    case Type::kNull:
      return {};
    case Type::kBool:
      return {kRankBool, value};
    case Type::kInt:
    case Type::kFloat:
      return {kRankNumber, value};
    case Type::kTimestamp:
      return {kRankTimestamp, value};
    case Type::kString: {
      const std::optional<ValueView> number = parse_number(value.as_string());
      if (number && !number->is_null()) return {kRankNumber, *number};
      return {kRankText, value};
    }
    case Type::kList:
      return ranked(value.list_at(0));
  }
  return {};
}

int compare_numbers(ValueView a, ValueView b) {
  if (a.type() == Type::kInt && b.type() == Type::kInt) return three_way(a.as_int(), b.as_int());
  if (a.type() == Type::kInt) return compare_int_float(a.as_int(), b.as_float());
  if (b.type() == Type::kInt) return -compare_int_float(b.as_int(), a.as_float());
  return three_way(a.as_float(), b.as_float());
}

}  // namespace

int sort_compare(ValueView a, ValueView b) {
  const Ranked left = ranked(a);
  const Ranked right = ranked(b);
  if (left.rank != right.rank) return left.rank < right.rank ? -1 : 1;
  switch (left.rank) {
    case kRankNull:
      return 0;
    case kRankBool:
      return three_way(left.value.as_bool(), right.value.as_bool());
    case kRankNumber:
      return compare_numbers(left.value, right.value);
    case kRankTimestamp:
      return three_way(left.value.as_int(), right.value.as_int());
    case kRankText:
      return left.value.as_string().compare(right.value.as_string());
  }
  return 0;
}

}  // namespace lynxdb::event
