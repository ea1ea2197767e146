// The fixed text that every match of a regular expression must contain.
#pragma once

#include <string>
#include <string_view>

namespace lynxdb::query {

// The longest run of plain characters that each match of `pattern` (valid RE2 syntax) contains, or
// "" when none is certain: alternatives, flags and optional parts prove nothing. Searching for it
// first is much cheaper than the automaton.
std::string required_literal(std::string_view pattern);

}  // namespace lynxdb::query
