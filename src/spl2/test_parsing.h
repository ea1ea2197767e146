// Verbs of the parser's tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "spl2/parser.h"
#include "spl2/printer.h"

namespace lynxdb::spl2 {

inline Query query_of(std::string_view text) {
  auto result = parse(text);
  if (auto* query = std::get_if<Query>(&result)) return *query;
  ADD_FAILURE() << render_error(text, std::get<1>(result).front());
  return Query{.ctes = {}, .main = std::make_shared<const Pipeline>(), .hints = {}};
}

inline std::vector<ParseError> errors_of(std::string_view text, const ParseOptions& options = {}) {
  auto result = parse(text, options);
  if (auto* errors = std::get_if<1>(&result)) return *errors;
  ADD_FAILURE() << "no error in: " << text;
  return {{}};
}

// The canonical text of what `text` means.
inline std::string canonical(std::string_view text) { return to_text(query_of(text)); }

// "message; suggestion" of the first error.
inline std::string error_of(std::string_view text) {
  const ParseError error = errors_of(text).front();
  return error.suggestion.empty() ? error.message : error.message + "; " + error.suggestion;
}

// The part of `text` that its first error points at.
inline std::string marked_by_error(std::string_view text) {
  const Span span = errors_of(text).front().span;
  return std::string(text.substr(span.offset, span.length));
}

template <typename T>
T only_command(std::string_view text) {
  const Query query = query_of(text);
  if (query.main->commands.size() == 1)
    if (const T* node = std::get_if<T>(&query.main->commands[0].node)) return *node;
  ADD_FAILURE() << "not the one command expected: " << text;
  return {};
}

inline std::vector<std::string> hints_of(std::string_view text) {
  std::vector<std::string> messages;
  for (const Hint& hint : query_of(text).hints) messages.push_back(hint.message);
  return messages;
}

}  // namespace lynxdb::spl2
