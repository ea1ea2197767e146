// The oracle's own values: what the language says about them, written for reading, not for speed.
//
// Nothing here comes from the engine. Sections named in comments are those of the behaviour
// specification; docs/guide says the same to users.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lynxdb::oracle {

enum class Kind { kNull, kBool, kInt, kFloat, kString, kTime, kList };

struct Value {
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;  // Of kInt; nanoseconds of kTime.
  double number = 0;
  std::string text;
  std::vector<Value> list;

  static Value null() { return {}; }
  static Value of_bool(bool b);
  static Value of_int(std::int64_t i);
  static Value of_float(double d);  // NaN and infinity become null.
  static Value of_string(std::string_view s);
  static Value of_time(std::int64_t ns);
  static Value of_list(const std::vector<Value>& elements);  // Flat, without nulls; none: null.

  bool is_null() const { return kind == Kind::kNull; }
  bool is_number() const { return kind == Kind::kInt || kind == Kind::kFloat; }
};

// Comparisons and conditions: true, false or null.
using Tri = std::optional<bool>;

// Text form (1.2); "" for null.
std::string text_form(const Value& v);

// As NDJSON prints it.
std::string json_form(const Value& v);
std::string json_string(std::string_view s);

// The number that all of the text is (1.2): int or float; null if it is none.
Value parse_number(std::string_view text);

// Int or float of numbers and numeric strings; null of anything else.
Value as_number(const Value& v);
// The same, and bools are 1 and 0, times their epoch seconds (1.5).
Value operand(const Value& v);

// Truth (1.3): null for null.
Tri truth(const Value& v);
Value from_tri(Tri t);

// A list of one behaves as its element, but prints as an array.
const Value& single(const Value& v);

// The elements of a list, a single value as a list of one, nothing for null.
std::vector<Value> elements(const Value& v);

enum class Comparison { kEq, kNe, kLt, kLe, kGt, kGe };

// Comparison of where and eval (1.4). `now` is for time expressions such as "-1h".
Tri compare(Comparison op, const Value& a, const Value& b);

// The total order of sort, min, max and group output (1.4): negative, 0, positive.
int sort_order(const Value& a, const Value& b);

// null < bool < int < float < string ...: "the lowest type" that a group of equal texts prints.
int type_rank(const Value& v);

// Absolute times that events and queries of the oracle use: YYYY-MM-DD[(T| )hh:mm[:ss[.f]][Z]].
std::optional<std::int64_t> parse_time(std::string_view text);

double to_double(const Value& number);

}  // namespace lynxdb::oracle
