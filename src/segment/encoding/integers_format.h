// The first byte of a run of integers: which form follows. Values are part of the format.
#pragma once

#include <cstdint>

namespace lynxdb::segment {

inline constexpr std::uint8_t kConstantForm = 0;
inline constexpr std::uint8_t kFramesForm = 1;
inline constexpr std::uint8_t kDeltasForm = 2;
inline constexpr std::uint8_t kDictionaryForm = 3;
inline constexpr std::uint8_t kRunsForm = 4;

}  // namespace lynxdb::segment
