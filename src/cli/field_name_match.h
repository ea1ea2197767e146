// Field names taken loosely: part of one, in any case, or with a typing mistake.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace lynxdb::cli {

// Whether a field is asked for by the first positional and --prefix. `names` are all there are.
std::function<bool(const std::string&)> wanted_fields(const Arguments& arguments,
                                                      const std::vector<std::string>& names);

// Why no field is shown, of those that there are; without any, there was no event (of the prefix).
std::string no_fields_hint(const Arguments& arguments, const std::vector<std::string>& names);

}  // namespace lynxdb::cli
