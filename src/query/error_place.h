// Mistakes in a query that only show when it is planned or runs say where in its text they are.
#pragma once

#include <utility>

#include "base/result.h"

namespace lynxdb::query {

// The error with its place, unless it knows a better one or is not about the text.
inline Error placed(Error error, base::TextSpan span) {
  if (!error.span && error.code == ErrorCode::kInvalidArgument) error.span = span;
  return error;
}

template <typename T>
Result<T> placed(Result<T> result, base::TextSpan span) {
  if (!result.has_value()) return placed(std::move(result).error(), span);
  return result;
}

}  // namespace lynxdb::query
