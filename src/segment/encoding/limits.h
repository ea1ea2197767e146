// What every decoder of the module agrees on: how damage is reported, and how much memory a few
// bytes may ask for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lynxdb::segment {

// The most text of one chunk, decoded. Writers cut row groups long before.
inline constexpr std::size_t kTextBytesMax = std::size_t{1} << 30U;

// Counts up to this may stand for values that take no bytes at all (one value for all rows).
inline constexpr std::size_t kFreeValuesMax = std::size_t{1} << 20U;

// Whether `bytes` may stand for `count` values. Beyond the first kFreeValuesMax, every form spends
// at least a byte on 128 of them.
constexpr bool plausible_count(std::size_t count, std::size_t bytes) {
  return count <= kFreeValuesMax || count / 128 <= bytes;
}

inline Error corrupt(std::string_view what) {
  return Error{ErrorCode::kCorruption, std::string(what)};
}

// Decoding ends early where nobody waits for it (base/stop_scope.h); looked for after so many rows.
inline constexpr std::size_t kRowsPerLook = 2048;

inline Error stopped_decoding() { return {ErrorCode::kCancelled, "nobody waits for it"}; }

}  // namespace lynxdb::segment
