// The commands: which word is parsed by what, and what to say about words that are none.
#pragma once

#include <string_view>
#include <vector>

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// Reads the arguments behind the command word `word` (lower case) and appends the command, or the
// commands it stands for. False, with an error recorded, on a mistake.
using CommandParser = bool (*)(Context& context, std::string_view word,
                               std::vector<Command>& commands);

// Null if `word`, in lower case, is no command that is built.
CommandParser find_command(std::string_view word);
bool is_command(std::string_view word);

// Does a query that starts with `word` (any case) start with a command? Other command names need
// the `|`: at the start of a query they are search words.
bool is_leading_command(std::string_view word);

// The error for a command word that find_command() does not know.
Failure fail_unknown_command(Context& context, std::string_view word, Span span);

}  // namespace lynxdb::spl2
