// A JSON value where it stands in a line: validated, its kind known, not converted yet.
#pragma once

#include <cstdint>
#include <string_view>

namespace lynxdb::event {

enum class JsonKind : std::uint8_t {
  kNull,
  kFalse,
  kTrue,
  kInt,            // Without fraction and exponent, at most 18 digits.
  kFloat,          // At most 18 digits besides an exponent of at most two.
  kString,         // `text` is what it says, without the quotes.
  kEscapedString,  // `text` holds valid escapes, none of a surrogate.
  kArray,          // `text` is the array with its brackets: scalars only, perhaps none.
};

// A value where it stands in the line.
struct JsonSlice {
  const char* begin = nullptr;
  std::uint32_t size = 0;
  JsonKind kind = JsonKind::kNull;

  std::string_view text() const { return {begin, size}; }
};

}  // namespace lynxdb::event
