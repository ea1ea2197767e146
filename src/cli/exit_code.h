// Exit codes: part of what scripts rely on (docs/guide/cli.md).
#pragma once

#include "base/error.h"

namespace lynxdb::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,      // I/O, out of memory budget, anything without a code of its own.
  kExitUsage = 2,        // Flags, arguments, values, unknown command, bad configuration.
  kExitUnreachable = 3,  // No server.
  kExitQuery = 4,        // The query does not parse or plan.
  kExitTimeout = 5,      // Of a query.
  kExitEmpty = 6,        // No results and --fail-on-empty.
  kExitAccess = 7,       // The server wants a key, or another one.
  kExitOtherTimeout = 124,
  kExitInterrupted = 130,
};

// Of a failure while a query runs.
ExitCode exit_code_of(base::ErrorCode code);

}  // namespace lynxdb::cli
