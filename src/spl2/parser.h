// SPL2 text to syntax tree.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spl2/ast.h"

namespace lynxdb::spl2 {

struct ParseOptions {
  std::size_t query_bytes_max = 256U << 10U;
  std::size_t nesting_max = 128;     // Parentheses, brackets, calls.
  std::size_t commands_max = 256;    // Per pipeline.
  std::size_t subsearches_max = 64;  // Subsearches and CTEs per query.
  std::size_t in_list_max = 10'000;
  std::size_t names_max = 1'000;  // Fields, keys, aggregates or assignments of one command.
  // What is wrong with a regex, or nullopt: whoever compiles them says so here, so that a bad one
  // is an error with its place, wherever it stands. Unset: only what no linear-time engine can do
  // is.
  std::function<std::optional<std::string>(std::string_view regex)> regex_problem{};
};

// Parses and normalises a whole query (`level=error | stats count` is `FROM main | search ... |
// ...`). Either a query, or 1 to 5 errors in text order: after an error the parser goes on behind
// the next
// `|`. Pure; never throws; time linear in the text (but for suggestions).
std::variant<Query, std::vector<ParseError>> parse(std::string_view text,
                                                   const ParseOptions& options = {});

// The error display of the command line:
//
//   parse error: unknown command 'staats'
//     level=error | staats count
//                   ^^^^^^
//   did you mean: stats
//
// Multi-line queries show the line of the error; control characters are shown as spaces.
std::string render_error(std::string_view query, const ParseError& error);

// Every name of the language, for completion and suggestions.
std::vector<std::string_view> command_names();
std::vector<std::string_view> function_names();
std::vector<std::string_view> aggregate_names();

}  // namespace lynxdb::spl2
