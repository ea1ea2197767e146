// SPL2 text to a query that can be planned: what the parser finds, and what only the compilers of
// patterns know.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "spl2/parser.h"

namespace lynxdb::query {

// As spl2::parse; a regex literal that does not compile is an error at its place, also where the
// optimiser would never look at it.
std::variant<spl2::Query, std::vector<spl2::ParseError>> parse_query(
    std::string_view text, spl2::ParseOptions options = {});

}  // namespace lynxdb::query
