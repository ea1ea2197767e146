#include "tests/oracle/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace lynxdb::oracle {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower_ascii(std::string_view s) {
  std::string result(s);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string float_text(double d) {
  if (d == 0) return "0";
  char buffer[400];
  const double size = std::fabs(d);
  const auto format =
      size >= 1e21 || size < 1e-6 ? std::chars_format::scientific : std::chars_format::fixed;
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, format).ptr;
  return {buffer, end};
}

std::string time_text(std::int64_t ns) {
  std::int64_t seconds = ns / kSecond;
  std::int64_t fraction = ns % kSecond;
  if (fraction < 0) {
    fraction += kSecond;
    --seconds;
  }
  const std::time_t t = seconds;
  std::tm parts{};
  ::gmtime_r(&t, &parts);
  char buffer[64];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string result = buffer;
  if (fraction != 0) {
    std::snprintf(buffer, sizeof buffer, "%09lld", static_cast<long long>(fraction));
    std::string digits = buffer;
    while (digits.back() == '0') digits.pop_back();
    result += "." + digits;
  }
  return result + "Z";
}

// Numbers as exactly as both int64 and double need.
long double wide(const Value& number) {
  return number.kind == Kind::kInt ? static_cast<long double>(number.integer)
                                   : static_cast<long double>(number.number);
}

Tri holds(Comparison op, int order) {
  switch (op) {
    case Comparison::kEq:
      return order == 0;
    case Comparison::kNe:
      return order != 0;
    case Comparison::kLt:
      return order < 0;
    case Comparison::kLe:
      return order <= 0;
    case Comparison::kGt:
      return order > 0;
    case Comparison::kGe:
      return order >= 0;
  }
  return std::nullopt;
}

template <typename T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Values that cannot be compared: not equal, and neither less nor greater.
Tri incomparable(Comparison op) {
  if (op == Comparison::kEq) return false;
  if (op == Comparison::kNe) return true;
  return std::nullopt;
}

Comparison mirrored(Comparison op) {
  switch (op) {
    case Comparison::kLt:
      return Comparison::kGt;
    case Comparison::kLe:
      return Comparison::kGe;
    case Comparison::kGt:
      return Comparison::kLt;
    case Comparison::kGe:
      return Comparison::kLe;
    default:
      return op;
  }
}

Tri compare_strings(Comparison op, const std::string& a, const std::string& b) {
  if (op == Comparison::kEq || op == Comparison::kNe) return holds(op, three_way(a, b));
  const Value x = parse_number(a);
  const Value y = parse_number(b);
  if (!x.is_null() && !y.is_null()) return holds(op, three_way(wide(x), wide(y)));
  return holds(op, three_way(a, b));
}

Tri compare_bool(Comparison op, bool a, const Value& b) {
  if (b.kind == Kind::kBool)
    return holds(op, three_way(static_cast<int>(a), static_cast<int>(b.boolean)));
  if (b.is_number()) return holds(op, three_way(static_cast<long double>(a ? 1 : 0), wide(b)));
  if (b.kind == Kind::kString) {
    const std::string text = lower_ascii(b.text);
    if (text == "true" || text == "false")
      return holds(op, three_way(static_cast<int>(a), static_cast<int>(text == "true")));
  }
  return incomparable(op);
}

Tri compare_time(Comparison op, std::int64_t ns, const Value& b) {
  if (b.kind == Kind::kTime) return holds(op, three_way(ns, b.integer));
  if (b.is_number()) return holds(op, three_way(static_cast<long double>(ns), wide(b) * 1e9L));
  if (b.kind == Kind::kString)
    if (const auto parsed = parse_time(b.text)) return holds(op, three_way(ns, *parsed));
  return incomparable(op);
}

Tri compare_single(Comparison op, const Value& a, const Value& b) {
  if (a.kind == Kind::kTime) return compare_time(op, a.integer, b);
  if (b.kind == Kind::kTime) return compare_time(mirrored(op), b.integer, a);
  if (a.kind == Kind::kBool) return compare_bool(op, a.boolean, b);
  if (b.kind == Kind::kBool) return compare_bool(mirrored(op), b.boolean, a);
  if (a.kind == Kind::kString && b.kind == Kind::kString)
    return compare_strings(op, a.text, b.text);
  const Value x = as_number(a);
  const Value y = as_number(b);
  if (x.is_null() || y.is_null()) return incomparable(op);
  return holds(op, three_way(wide(x), wide(y)));
}

// Groups of 1.4's total order.
int order_class(const Value& v) {
  switch (v.kind) {
    case Kind::kNull:
      return 0;
    case Kind::kBool:
      return 1;
    case Kind::kInt:
    case Kind::kFloat:
      return 2;
    case Kind::kTime:
      return 3;
    case Kind::kString:
      return parse_number(v.text).is_null() ? 4 : 2;
    case Kind::kList:
      break;
  }
  return 0;
}

}  // namespace

Value Value::of_bool(bool b) {
  Value v;
  v.kind = Kind::kBool;
  v.boolean = b;
  return v;
}
Value Value::of_int(std::int64_t i) {
  Value v;
  v.kind = Kind::kInt;
  v.integer = i;
  return v;
}
Value Value::of_float(double d) {
  Value v;
  if (!std::isfinite(d)) return v;
  v.kind = Kind::kFloat;
  v.number = d;
  return v;
}
Value Value::of_string(std::string_view s) {
  Value v;
  v.kind = Kind::kString;
  v.text = s;
  return v;
}
Value Value::of_time(std::int64_t ns) {
  Value v;
  v.kind = Kind::kTime;
  v.integer = ns;
  return v;
}
Value Value::of_list(const std::vector<Value>& values) {
  Value v;
  v.kind = Kind::kList;
  for (const Value& value : values)
    for (const Value& element : elements(value)) v.list.push_back(element);
  if (v.list.empty()) return {};
  return v;
}

const Value& single(const Value& v) {
  return v.kind == Kind::kList && v.list.size() == 1 ? v.list.front() : v;
}

std::string text_form(const Value& list) {
  const Value& v = single(list);
  switch (v.kind) {
    case Kind::kNull:
      return "";
    case Kind::kBool:
      return v.boolean ? "true" : "false";
    case Kind::kInt:
      return std::to_string(v.integer);
    case Kind::kFloat:
      return float_text(v.number);
    case Kind::kString:
      return v.text;
    case Kind::kTime:
      return time_text(v.integer);
    case Kind::kList:
      return json_form(v);
  }
  return "";
}

std::string json_string(std::string_view s) {
  std::string result = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c == '\r') {
      result += "\\r";
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string json_form(const Value& v) {
  switch (v.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
      return text_form(v);
    case Kind::kString:
    case Kind::kTime:
      return json_string(text_form(v));
    case Kind::kList:
      break;
  }
  std::string result = "[";
  for (const Value& element : v.list) {
    if (result.size() > 1) result += ',';
    result += json_form(element);
  }
  return result + "]";
}

Value parse_number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > begin;
  };
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  if (!digits()) return {};
  bool integral = true;
  if (i < text.size() && text[i] == '.') {
    ++i;
    integral = false;
    if (!digits()) return {};
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    integral = false;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return {};
  }
  if (i != text.size()) return {};
  const std::string whole(text);
  if (integral) {
    errno = 0;
    const long long value = std::strtoll(whole.c_str(), nullptr, 10);
    if (errno == 0) return Value::of_int(value);
  }
  return Value::of_float(std::strtod(whole.c_str(), nullptr));
}

Value as_number(const Value& list) {
  const Value& v = single(list);
  if (v.is_number()) return v;
  if (v.kind == Kind::kString) return parse_number(v.text);
  return {};
}

Value operand(const Value& list) {
  const Value& v = single(list);
  if (v.kind == Kind::kBool) return Value::of_int(v.boolean ? 1 : 0);
  if (v.kind == Kind::kTime)
    return Value::of_float(static_cast<double>(static_cast<long double>(v.integer) / 1e9L));
  return as_number(v);
}

Tri truth(const Value& list) {
  const Value& v = single(list);
  switch (v.kind) {
    case Kind::kNull:
      return std::nullopt;
    case Kind::kBool:
      return v.boolean;
    case Kind::kInt:
      return v.integer != 0;
    case Kind::kFloat:
      return v.number != 0;
    case Kind::kString:
      return !v.text.empty();
    case Kind::kTime:
    case Kind::kList:
      return true;
  }
  return std::nullopt;
}

Value from_tri(Tri t) { return t ? Value::of_bool(*t) : Value(); }

std::vector<Value> elements(const Value& v) {
  if (v.kind == Kind::kNull) return {};
  if (v.kind == Kind::kList) return v.list;
  return {v};
}

Tri compare(Comparison op, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return std::nullopt;
  if (a.kind != Kind::kList && b.kind != Kind::kList) return compare_single(op, a, b);
  // `!=` holds if no element is equal; the others if any element fits.
  if (op == Comparison::kNe) return !*compare(Comparison::kEq, a, b);
  Tri result = false;
  for (const Value& x : elements(a))
    for (const Value& y : elements(b)) {
      const Tri one = compare_single(op, x, y);
      if (one && *one) return true;
      if (!one) result = std::nullopt;
    }
  return result;
}

int sort_order(const Value& a, const Value& b) {
  const Value& x = a.kind == Kind::kList ? a.list.front() : a;
  const Value& y = b.kind == Kind::kList ? b.list.front() : b;
  const int class_x = order_class(x);
  const int class_y = order_class(y);
  if (class_x != class_y) return class_x < class_y ? -1 : 1;
  switch (class_x) {
    case 1:
      return three_way(static_cast<int>(x.boolean), static_cast<int>(y.boolean));
    case 2:
      return three_way(wide(as_number(x)), wide(as_number(y)));
    case 3:
      return three_way(x.integer, y.integer);
    case 4:
      return three_way(x.text, y.text);
    default:
      return 0;
  }
}

int type_rank(const Value& v) {
  switch (single(v).kind) {
    case Kind::kNull:
      return 0;
    case Kind::kBool:
      return 1;
    case Kind::kInt:
      return 2;
    case Kind::kFloat:
      return 3;
    case Kind::kTime:
      return 4;
    case Kind::kString:
      return 5;
    case Kind::kList:
      return 6;
  }
  return 7;
}

namespace {

// Digits of an epoch number, its unit by magnitude; below 1e8 and beyond 2262 it is no time.
std::optional<std::int64_t> epoch_time(const std::string& digits) {
  if (digits.empty() || digits.size() > 18 || !std::ranges::all_of(digits, is_digit))
    return std::nullopt;
  const std::int64_t number = std::stoll(digits);
  if (number < 100'000'000) return std::nullopt;
  std::int64_t unit = kSecond;
  for (const std::int64_t below : {100'000'000'000, 100'000'000'000'000, 100'000'000'000'000'000})
    if (number >= below) unit /= 1000;
  if (number > INT64_MAX / unit) return std::nullopt;
  return number * unit;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::string whole(text);
  if (const auto time = epoch_time(whole)) return time;
  if (!whole.empty() && whole.back() == 'Z') whole.pop_back();
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  char separator = 0;
  std::int64_t fraction = 0;
  if (std::sscanf(whole.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3)
    return std::nullopt;
  if (static_cast<std::size_t>(used) != 10) return std::nullopt;
  if (whole.size() > 10) {
    if (std::sscanf(whole.c_str() + 10, "%c%2d:%2d:%2d%n", &separator, &hour, &minute, &second,
                    &used) != 4)
      return std::nullopt;
    if (separator != 'T' && separator != ' ') return std::nullopt;
    std::string rest = whole.substr(10 + static_cast<std::size_t>(used));
    if (!rest.empty()) {
      if (rest[0] != '.' || rest.size() > 10) return std::nullopt;
      rest.erase(0, 1);
      for (const char c : rest)
        if (!is_digit(c)) return std::nullopt;
      rest.resize(9, '0');
      fraction = std::stoll(rest);
    }
  }
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  return static_cast<std::int64_t>(::timegm(&parts)) * kSecond + fraction;
}

double to_double(const Value& number) {
  return number.kind == Kind::kInt ? static_cast<double>(number.integer) : number.number;
}

}  // namespace lynxdb::oracle
