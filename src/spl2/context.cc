#include "spl2/context.h"

#include <fmt/format.h>

#include <algorithm>

#include "spl2/ascii_case.h"

namespace lynxdb::spl2 {
namespace {

// Longer tokens are cut in messages.
constexpr std::size_t kShownTokenBytes = 40;

// `$name =` or FROM, as the first of a line.
bool starts_statement(const Cursor& cursor, std::size_t position) {
  if (cursor.at(position) == '$') {
    const std::size_t name_end = position + 1 + cursor.word_at(position + 1).size();
    if (name_end == position + 1) return false;
    const std::size_t next = cursor.after_space(name_end);
    return cursor.at(next) == '=' && cursor.first_on_line(position);
  }
  return equal_ignoring_case(cursor.word_at(position), "from") && cursor.first_on_line(position);
}

// The cut must not leave half a UTF-8 character.
std::string shown(std::string_view token) {
  if (token.size() <= kShownTokenBytes) return std::string(token);
  std::size_t end = kShownTokenBytes;
  while (end > 0 && (static_cast<unsigned char>(token[end]) & 0xC0U) == 0x80U) --end;
  return std::string(token.substr(0, end)) + "...";
}

}  // namespace

Failure Context::fail(Span span, std::string message, std::string suggestion) {
  if (!full()) errors.push_back({span, std::move(message), std::move(suggestion)});
  return {};
}

Failure Context::fail_here(std::string message, std::string suggestion) {
  const Span span = token_span();
  message += span.length == 0 ? " at the end" : fmt::format(" before '{}'", token_text());
  return fail(span, std::move(message), std::move(suggestion));
}

void Context::hint(Span span, std::string message) {
  const bool known = std::any_of(hints.begin(), hints.end(),
                                 [&](const Hint& hint) { return hint.message == message; });
  if (!known && hints.size() < kHintsMax) hints.push_back({std::move(message), span});
}

bool Context::at_statement_end(std::size_t position) const {
  if (!in_cte || brackets > 0) return false;
  return cursor.at(position) == ';' || starts_statement(cursor, position);
}

bool Context::allows_names(std::size_t count) {
  if (count <= options.names_max) return true;
  return fail_here(fmt::format("a command names at most {} fields", options.names_max));
}

bool Context::at_command_end() {
  if (cursor.at_text_end()) return true;
  const char c = cursor.at(cursor.position());
  return c == '|' || (c == ']' && brackets > 0) || at_statement_end(cursor.position());
}

Span Context::token_span() {
  cursor.skip_space();
  const std::size_t start = cursor.position();
  std::size_t end = std::max(cursor.list_name_end(start, false),
                             start + number_length(cursor.text().substr(start)));
  end = std::max(end, start + cursor.word_at(start).size());
  const char c = cursor.at(start);
  if (c == '"' || c == '\'' || c == '`') {
    Cursor ahead = cursor;
    if (ahead.read_quoted_raw()) end = ahead.position();
  } else if (end == start) {
    end += std::max<std::size_t>(cursor.comparison_at(start).length, 1);
  }
  return cursor.span(start, std::min(end, cursor.text().size()));
}

std::string Context::token_text() {
  const Span span = token_span();
  return shown(cursor.text().substr(span.offset, span.length));
}

bool NestingGuard::allowed() const {
  if (context_.nesting <= context_.options.nesting_max) return true;
  return context_.fail(context_.token_span(), fmt::format("the query nests deeper than {} levels",
                                                          context_.options.nesting_max));
}

}  // namespace lynxdb::spl2
