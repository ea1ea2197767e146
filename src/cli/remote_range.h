// The time range that flags ask for, as a server takes it: in words, for its clock decides.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/session.h"

namespace lynxdb::cli {

// Pairs for "from" and "to"; none when all data is meant. Errors: those of time_range.
Result<std::vector<std::pair<std::string, std::string>>> remote_range(const Session& session);

// Flags that mean something for files and standard input only. Errors: kInvalidArgument.
Result<> refuse_input_flags(const Session& session);

}  // namespace lynxdb::cli
