// A JSON value where it stands in a line: validated, its kind known, not converted yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

// Of kInt.
std::int64_t json_int(std::string_view text);
// Of kFloat (and kInt): the nearest double.
double json_float(std::string_view text);
// Of kEscapedString: at most text.size() bytes to `out`; the answer is how many.
std::size_t json_unescape(std::string_view text, char* out);
// The elements of a kArray, in order.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array) : p_(array.data() + 1) {}
  std::optional<JsonSlice> next();

 private:
  const char* p_;
};

}  // namespace lynxdb::event
