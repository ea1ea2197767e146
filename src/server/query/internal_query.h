// Pieces of queries that the server writes itself.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/http/message.h"

namespace lynxdb::server {

// "a\"b" in quotes.
std::string spl2_string(std::string_view text);
// `a b` in backticks. Errors: kInvalidArgument for a name with a backtick.
Result<std::string> spl2_field(std::string_view name);

// "FROM idx | search source=..." by the parameters `index` (default: all indexes) and `source`.
// Errors: kInvalidArgument.
Result<std::string> from_clause(const Request& request, std::string_view source_parameter);

// A whole number from 1 to `max` from a parameter, `otherwise` when absent. Errors:
// kInvalidArgument.
Result<std::uint64_t> count_parameter(const Request& request, std::string_view name,
                                      std::uint64_t otherwise, std::uint64_t max);

}  // namespace lynxdb::server
