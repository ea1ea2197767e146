// What all parsers of one query share: the cursor, the errors and hints found so far, the limits.
//
// A parser that fails records one error with fail() and returns its result, which converts to
// false, null or nullopt; callers pass the failure up until the pipeline skips to the next `|`.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spl2/ast.h"
#include "spl2/lexer.h"
#include "spl2/parser.h"

namespace lynxdb::spl2 {

struct Failure {
  operator bool() const { return false; }  // NOLINT(google-explicit-constructor)
  template <typename T>
  operator std::shared_ptr<T>() const {  // NOLINT(google-explicit-constructor)
    return nullptr;
  }
  template <typename T>
  operator std::optional<T>() const {  // NOLINT(google-explicit-constructor)
    return std::nullopt;
  }
};

// One query, one thread.
struct Context {
  Context(std::string_view text, const ParseOptions& parse_options)
      : cursor(text), options(parse_options) {}

  Cursor cursor;
  const ParseOptions& options;
  std::vector<ParseError> errors;
  std::vector<Hint> hints;
  std::vector<std::string> cte_names;
  std::size_t nesting = 0;
  std::size_t subsearches = 0;
  std::size_t brackets = 0;               // Open `[`.
  std::vector<std::string> seen_options;  // Of the command that is parsed.
  bool in_cte = false;                    // `;` and a new statement's line end the pipeline.

  Failure fail(Span span, std::string message, std::string suggestion = {});
  // Fails at the next token: `message` gets "before 'token'" or "at the end".
  Failure fail_here(std::string message, std::string suggestion = {});
  void hint(Span span, std::string message);
  bool full() const { return errors.size() >= kErrorsMax; }

  // False, with an error recorded, when a command has more than that many names of a kind.
  bool allows_names(std::size_t count);

  // Ends of a command's text: the end, `|`, `]` of an open bracket, `;` or a new statement.
  bool at_command_end();
  // Are `;` and new statements ends at this point?
  bool at_statement_end(std::size_t position) const;

  // The token at the cursor, as messages quote it.
  Span token_span();
  std::string token_text();

  static constexpr std::size_t kErrorsMax = 5;
  static constexpr std::size_t kHintsMax = 10;
};

// One level of parentheses, brackets, calls or prefix operators.
class NestingGuard {
 public:
  explicit NestingGuard(Context& context) : context_(context) { ++context_.nesting; }
  ~NestingGuard() { --context_.nesting; }
  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;

  // False, with an error recorded, when the query nests too deeply.
  bool allowed() const;

 private:
  Context& context_;
};

}  // namespace lynxdb::spl2
