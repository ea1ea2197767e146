// What went wrong, for those who must act on it: a code (what the caller can do), a message (lower
// case, no full stop) and, where there is one, a suggestion (what the user can do).
#pragma once

#include <cstdint>
#include <optional>
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

// A piece of the text that the user wrote, a query for one: where it starts and how long it is, in
// bytes.
struct TextSpan {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  std::string suggestion{};        // May be empty.
  std::optional<TextSpan> span{};  // Of the request's text, when that is where it went wrong.

  // The same error seen from one layer up: "segment 42: bad footer checksum".
  Error in(std::string_view where) &&;
};

}  // namespace lynxdb::base
