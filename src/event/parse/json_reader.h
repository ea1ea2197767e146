// Reads JSON text token by token: strict (RFC 8259), bounded, without copying. The text must be
// valid UTF-8; nothing beyond its end is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "event/column.h"
#include "event/value.h"

namespace lynxdb::event {

// A string as it stands between its quotes.
struct JsonString {
  std::string_view raw;
  bool has_escapes = false;
};

// Every function that returns false leaves the reader where the text is wrong.
class JsonReader {
 public:
  static constexpr std::size_t kDepthMax = 1024;  // Deeper text is not taken for JSON.

  explicit JsonReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  void skip_spaces() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool at_end() const { return at_ == end_; }
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  const char* position() const { return at_; }
  void rewind(const char* position) { at_ = position; }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  // A string, the reader standing at its quote.
  bool read_string(JsonString& out);
  // A name with its colon, and the spaces around.
  bool read_name(JsonString& out);
  // A number, true, false or null. Numbers beyond the range of a float become null.
  bool read_plain(ValueView& out);
  // Any value, checked but not kept.
  bool skip_value();

 private:
  bool skip_scalar();
  bool read_number(ValueView& out);
  bool read_word(std::string_view word);

  const char* at_;
  const char* end_;
};

// The text of a string with escapes, as a copy in `arena`. Half surrogates become U+FFFD.
std::string_view unescaped_copy(std::string_view raw, Arena& arena);

// The text of any string: escapes are rare, and without them it is borrowed.
inline std::string_view unescaped(const JsonString& string, Arena& arena) {
  return string.has_escapes ? unescaped_copy(string.raw, arena) : string.raw;
}

// Without the spaces between tokens: `text` itself when it has none, or a copy in `arena`. `text`
// must be valid JSON.
std::string_view compacted(std::string_view text, Arena& arena);

// `text` with every malformed UTF-8 sequence replaced by U+FFFD.
std::string with_valid_utf8(std::string_view text);

}  // namespace lynxdb::event
