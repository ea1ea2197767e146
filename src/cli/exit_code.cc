#include "cli/exit_code.h"

namespace lynxdb::cli {

ExitCode exit_code_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidArgument:
    case base::ErrorCode::kParse:
      return kExitQuery;
    case base::ErrorCode::kUnavailable:
      return kExitUnreachable;
    case base::ErrorCode::kCancelled:
      return kExitInterrupted;
    case base::ErrorCode::kTimeout:
      return kExitTimeout;
    case base::ErrorCode::kNotFound:
    case base::ErrorCode::kConflict:
    case base::ErrorCode::kOverloaded:
    case base::ErrorCode::kOutOfBudget:
    case base::ErrorCode::kCorruption:
    case base::ErrorCode::kIo:
      break;
  }
  return kExitFailure;
}

}  // namespace lynxdb::cli
