// One scalar (or list) of the data model: what a field of one event holds.
//
// Columns (column.h) hold the data; a Value is for literals, group keys, slow paths and tests.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lynxdb::event {

// Missing and null are the same thing.
enum class Type : std::uint8_t { kNull, kBool, kInt, kFloat, kTimestamp, kString, kList };

// "null", "bool", "int", "float", "timestamp", "string", "list".
std::string_view to_string(Type type);

// Owns what it holds. A list's elements are scalars, never lists or nulls. Floats are finite:
// NaN and infinity become null on construction.
class Value {
 public:
  Value() = default;
  static Value boolean(bool v);
  static Value integer(std::int64_t v);
  static Value floating(double v);          // Null when v is not finite.
  static Value timestamp(std::int64_t ns);  // ns since 1970 UTC.
  static Value string(std::string v);
  // A list of one is kept as a list; an empty list is null; nulls are left out; lists are spliced.
  static Value list(std::vector<Value> v);

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::kNull; }
  bool as_bool() const { return word_ != 0; }
  std::int64_t as_int() const { return word_; }  // kInt, or ns of kTimestamp.
  double as_float() const;
  const std::string& as_string() const { return string_; }
  const std::vector<Value>& as_list() const { return list_; }

  // Same type and content: Value::integer(1) != Value::floating(1).
  friend bool operator==(const Value& a, const Value& b);

 private:
  Type type_ = Type::kNull;
  std::int64_t word_ = 0;  // bool, int, timestamp, or the bits of the float.
  std::string string_;
  std::vector<Value> list_;
};

class Column;

// A borrowed value: one row of a column, or a Value. Valid as long as what it was taken from.
// Trivially copyable; strings and lists are not copied.
class ValueView {
 public:
  ValueView() = default;
  ValueView(
      const Value& value);  // NOLINT(google-explicit-constructor): views are passed for values.
  static ValueView boolean(bool v) { return {Type::kBool, v ? 1 : 0}; }
  static ValueView integer(std::int64_t v) { return {Type::kInt, v}; }
  static ValueView floating(double v);  // Null when v is not finite.
  static ValueView timestamp(std::int64_t ns) { return {Type::kTimestamp, ns}; }
  static ValueView string(std::string_view v);
  // Rows [begin, begin + size) of `elements`; a null when size is 0.
  static ValueView list(const Column& elements, std::uint32_t begin, std::uint32_t size);

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::kNull; }
  bool as_bool() const { return word_ != 0; }
  std::int64_t as_int() const { return word_; }
  double as_float() const;
  std::string_view as_string() const {
    return {static_cast<const char*>(pointer_), static_cast<std::size_t>(word_)};
  }
  std::size_t list_size() const { return size_; }
  ValueView list_at(std::size_t i) const;

  Value to_value() const;  // A deep copy.

 private:
  ValueView(Type type, std::int64_t word) : type_(type), word_(word) {}

  Type type_ = Type::kNull;
  bool list_is_values_ = false;    // The list is a Value's, not a column's.
  std::uint32_t size_ = 0;         // Elements of a list.
  std::int64_t word_ = 0;          // As in Value; a string's length; a list's first row.
  const void* pointer_ = nullptr;  // String bytes, element Column, or first element Value.
};

// --- Text form: tostring, `.`, group keys, CSV -------------------------------------------------

// Ints in decimal; floats shortest round-trip, integral ones without ".0", exponent only when
// |x| >= 1e21 or < 1e-6; true/false; RFC 3339 UTC with Z, fraction as long as needed; lists as a
// JSON array; null as nothing. Appends to `out`.
void append_text(ValueView value, std::string& out);
std::string text(ValueView value);

// Appends the JSON form: strings quoted and escaped (invalid UTF-8 as U+FFFD), timestamps as
// strings, lists as arrays, null as `null`.
void append_json(ValueView value, std::string& out);
void append_json_string(std::string_view text, std::string& out);

void append_int(std::int64_t v, std::string& out);
void append_float(double v, std::string& out);
void append_timestamp(std::int64_t ns, std::string& out);

// --- Numbers in text ---------------------------------------------------------------------------

// A string is a number when all of it, outer spaces aside, is [+-]digits[.digits][e[+-]digits].
// Without fraction and exponent and within 64 bits: int. Else float (null when not finite).
std::optional<ValueView> parse_number(std::string_view text);

// The number that `value` stands for in arithmetic: ints, floats, numeric strings, bools as 1/0,
// timestamps as epoch seconds (float). Null for everything else.
ValueView to_number(ValueView value);

// A timestamp's epoch seconds, as near as a float can be.
double epoch_seconds(std::int64_t ns);

// --- Order: sort, min, max, group output -------------------------------------------------------

// A total order: null < bool < numbers and numeric strings by value < timestamps < other strings by
// bytes; lists by their first element. <0, 0, >0. Int and float compare exactly.
int sort_compare(ValueView a, ValueView b);
int compare_int_float(std::int64_t a, double b);

// For test messages: the JSON form.
void PrintTo(const Value& value,
             std::ostream* out);  // NOLINT(readability-identifier-naming): GoogleTest's name.

}  // namespace lynxdb::event
