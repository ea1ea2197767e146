// What went wrong, for those who must act on it: a code (what the caller can do), a message (lower
// case, no full stop) and, where there is one, a suggestion (what the user can do).
#pragma once

#include <string>
#include <string_view>

namespace lynxdb::base {

enum class ErrorCode {
  kInvalidArgument,  // The request is wrong; repeating it cannot help.
  kParse,            // Text that is not in the language or format it should be in.
  kNotFound,
  kConflict,
  kOverloaded,   // Retry later.
  kUnavailable,  // Retry, perhaps elsewhere.
  kCancelled,
  kTimeout,
  kOutOfBudget,  // A limit of memory or temporary disk space was reached; the message names it.
  kCorruption,
  kIo,
};

// "invalid_argument", "parse", ...
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  std::string suggestion{};  // May be empty.

  // The same error seen from one layer up: "segment 42: bad footer checksum".
  Error in(std::string_view where) &&;
};

}  // namespace lynxdb::base
