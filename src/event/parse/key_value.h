// key=value pairs in text (docs/guide/ingest.md, "key=value").
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "event/column.h"
#include "event/value.h"

namespace lynxdb::event {

struct KeyValue {
  std::string_view key;
  std::string_view text;  // Between the quotes, or bare.
  bool quoted = false;
  bool has_escapes = false;
};

// Walks the pairs of a text, left to right. Everything is borrowed from the text.
class KeyValueScanner {
 public:
  explicit KeyValueScanner(std::string_view text) : text_(text) {}

  // The next pair; nullopt at the end. Pairs without a value (`logname= uid=0`) are passed over.
  std::optional<KeyValue> next();

 private:
  std::string_view key_before(std::size_t equals) const;
  bool read_quoted(std::size_t quote, KeyValue& out);
  void read_bare(std::size_t begin, KeyValue& out);

  std::string_view text_;
  std::size_t at_ = 0;  // Nothing before it is looked at again.
};

// Quoted: a string. Bare: a number without leading zeros, `true`, `false`, else a string. Strings
// with escapes are copied to `arena`.
ValueView typed_value(const KeyValue& pair, Arena& arena);

// `\"` `\'` `\\` `\n` `\t` `\r` replaced; any other backslash stays.
std::string_view unescape_quoted(std::string_view text, Arena& arena);

}  // namespace lynxdb::event
