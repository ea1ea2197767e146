// The fields that a server's events have, or the values of one.
#pragma once

#include "cli/session.h"

namespace lynxdb::cli {

// The rows are those that `fields` gives for files. Arguments were checked. Gives the exit code.
int run_remote_fields(const Session& session);

}  // namespace lynxdb::cli
