// The rules of comparison and arithmetic for single values: the truth that the typed column loops
// must agree with.
#pragma once

#include <cstdint>
#include <optional>

#include "event/value.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// `a op b` for the comparison operators; nullopt = null (an operand is null, or they have no
// order). Lists: true when any element fits; `!=` when none is equal. `now_ns` gives relative times
// in text
// ("-1h") compared with timestamps their meaning.
std::optional<bool> compare_values(spl2::Op op, event::ValueView a, event::ValueView b,
                                   std::int64_t now_ns);

// The point in time that a value compared with a timestamp stands for: a timestamp; a number as
// epoch seconds; text as a time expression. Nullopt when it is none, or outside 64 bits of ns.
std::optional<std::int64_t> time_of(event::ValueView value, std::int64_t now_ns);

// Epoch seconds to ns; nullopt outside the range of timestamps.
std::optional<std::int64_t> timestamp_of_seconds(double seconds);
std::optional<std::int64_t> timestamp_of_seconds(std::int64_t seconds);

// `a op b` for + - * / %. Null for null operands, non-numbers and domain errors. Two strings of
// which one is no number are joined by `+`; `joined` holds the text then.
event::ValueView arithmetic_values(spl2::Op op, event::ValueView a, event::ValueView b,
                                   std::string& joined);

event::ValueView negate_value(event::ValueView value);

// A list of one behaves as its element.
inline event::ValueView single(event::ValueView value) {
  if (value.type() == event::Type::kList && value.list_size() == 1) return value.list_at(0);
  return value;
}

// The text form; `scratch` holds it unless the value is a string already.
std::string_view text_of(event::ValueView value, std::string& scratch);

// `true` / `false` in any case.
std::optional<bool> parse_bool(std::string_view text);

}  // namespace lynxdb::query
