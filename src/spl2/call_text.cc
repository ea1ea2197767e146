#include "spl2/call_text.h"

#include "spl2/ascii_case.h"
#include "spl2/lexer.h"

namespace lynxdb::spl2 {
namespace {

bool is_keyword(std::string_view word) {
  for (const std::string_view keyword : {"and", "or", "not", "in", "like", "ilike", "between"})
    if (equal_ignoring_case(word, keyword)) return true;
  return false;
}

}  // namespace

std::string call_text(std::string_view written) {
  Cursor cursor(written);
  std::string result;
  while (!cursor.at_text_end()) {
    const std::size_t start = cursor.position();
    const char c = cursor.at(start);
    std::string_view token;
    if (c == '"' || c == '\'' || c == '`') {
      if (!cursor.read_quoted_raw()) cursor.seek(written.size());
      token = written.substr(start, cursor.position() - start);
    } else {
      token = cursor.word_at(start);
      if (token.empty()) token = written.substr(start, 1);
      cursor.seek(start + token.size());
    }
    const bool word = is_name_char(token.front()) || token.front() == '@';
    const bool call =
        word && cursor.at(cursor.after_space(cursor.position())) == '(' && !is_keyword(token);
    result += call ? to_lower(token) : std::string(token);
  }
  return result == "count()" ? "count" : result;
}

}  // namespace lynxdb::spl2
