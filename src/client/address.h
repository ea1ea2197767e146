// Which servers to talk to, and the text of the URLs that go to them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lynxdb::client {

// "http://localhost:3100, db2:3100" -> base URLs without a slash at the end; a server without a
// scheme is http, one without a port keeps the scheme's. Errors: kInvalidArgument (no server, other
// schemes, anything behind the path, control characters).
Result<std::vector<std::string>> parse_servers(std::string_view list);

// localhost, 127.x.y.z, [::1]: no proxy stands before it, and bytes cost nothing.
bool is_loopback(std::string_view base_url);

// For one segment of a path or one value of a query string: all but letters, digits and -._~
// escaped.
std::string percent_encoded(std::string_view text);

// "/api/v1/fields" and {{"prefix", "a b"}} -> "/api/v1/fields?prefix=a%20b".
std::string with_parameters(std::string_view path,
                            const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace lynxdb::client
