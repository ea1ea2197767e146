#include <algorithm>

#include "spl2/parser.h"

namespace lynxdb::spl2 {
namespace {

// Longer lines are cut around the error.
constexpr std::size_t kLineBytesMax = 160;
constexpr std::size_t kBytesBefore = 60;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Columns on a terminal, one per character.
std::size_t columns(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

struct Excerpt {
  std::string_view line;
  std::size_t start = 0;  // Offset of `line` in the query.
};

Excerpt line_around(std::string_view query, std::size_t offset) {
  const std::size_t before = offset == 0 ? std::string_view::npos : query.rfind('\n', offset - 1);
  std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  std::size_t end = std::min(query.find('\n', offset), query.size());
  if (end - start > kLineBytesMax) {
    start = offset - std::min(offset - start, kBytesBefore);
    end = std::min(end, start + kLineBytesMax);
    while (start > 0 && start < end && is_continuation(query[start])) ++start;
    while (end < query.size() && end > offset && is_continuation(query[end])) --end;
  }
  return {.line = query.substr(start, end - start), .start = start};
}

std::string printable(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return result;
}

}  // namespace

std::string render_error(std::string_view query, const ParseError& error) {
  const std::size_t offset = std::min<std::size_t>(error.span.offset, query.size());
  const Excerpt excerpt = line_around(query, offset);
  const std::size_t column = std::min(offset - excerpt.start, excerpt.line.size());
  const std::string_view marked = excerpt.line.substr(column, error.span.length);
  std::string result = "parse error: " + printable(error.message);
  result += "\n  " + printable(excerpt.line) + "\n  ";
  result.append(columns(excerpt.line.substr(0, column)), ' ');
  result.append(std::max<std::size_t>(columns(marked), 1), '^');
  if (!error.suggestion.empty()) result += "\ndid you mean: " + printable(error.suggestion);
  return result;
}

}  // namespace lynxdb::spl2
