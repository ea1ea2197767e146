// Reads tokens of SPL2 from the original text, so that every position is one of the text.
//
// There is no token stream: what `web-01` is depends on where it stands (a word of a search, a name
// in a field list, a subtraction), so the parsers ask for the kind of token that fits. Functions
// that look ahead take a position and change nothing; those that read move the cursor.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "spl2/ast.h"

namespace lynxdb::spl2 {

using base::is_digit;
using base::is_space;
bool is_name_start(char c);  // Letter, `_`, `@`, any byte of a UTF-8 letter.
bool is_name_char(char c);   // Those without `@`, and digits.

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }
  std::size_t position() const { return position_; }
  void seek(std::size_t position) { position_ = position; }
  Span span_from(std::size_t start) const;  // Up to the cursor, without the space before it.
  Span span(std::size_t start, std::size_t end) const;

  // The byte `ahead` of `position`, 0 behind the end.
  char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

  // The first position at or after `position` that is neither space nor comment.
  std::size_t after_space(std::size_t position) const;
  void skip_space() { position_ = after_space(position_); }

  // The next byte after space, 0 at the end of the text.
  char peek() {
    skip_space();
    return at(position_);
  }
  bool at_text_end() {
    skip_space();
    return position_ >= text_.size();
  }
  bool accept(char c);

  // The word [A-Za-z0-9_]* at `position`; empty if there is none.
  std::string_view word_at(std::size_t position) const;
  std::string_view peek_word() {
    skip_space();
    return word_at(position_);
  }
  // Is the next word `keyword` in any case?
  bool next_is(std::string_view keyword);
  bool accept_keyword(std::string_view keyword);

  // End of the name at `position`, `position` itself if there is none. In expressions a name has
  // `.name` parts; in field lists `-`, `:`, `/` and `.` inside a word belong to it, too.
  std::size_t expression_name_end(std::size_t position) const;
  std::size_t list_name_end(std::size_t position, bool globs) const;

  // A comparison operator at `position` (no space skipped): = == != < <= > >=. Length 0: none.
  struct Operator {
    Op op = Op::kNone;
    std::size_t length = 0;
  };
  Operator comparison_at(std::size_t position) const;

  // Is the cursor's next token the first of its line?
  bool first_on_line(std::size_t position) const;

  // Reads the quoted text at the cursor (", ' or `), unescaped. nullopt: it is never closed; the
  // cursor has not moved.
  std::optional<std::string> read_quoted();
  // The same without unescaping: the text between the quotes.
  std::optional<std::string_view> read_quoted_raw();

 private:
  bool comment_at(std::size_t position) const;

  std::string_view text_;
  std::size_t position_ = 0;
};

// \" \' \\ \n \t \r (and \` ); any other backslash stays.
std::string unescape(std::string_view raw);

// A number with an optional minus; the text must be one as a whole. Ints that do not fit become
// floats; nullopt for anything else and for numbers that do not fit a float.
std::optional<Literal> parse_number(std::string_view text);

// Length of the number at the front of `text`: digits[.digits][e[+-]digits].
std::size_t number_length(std::string_view text);

}  // namespace lynxdb::spl2
