// What the encoder and the decoder of a footer share (docs/formats/segment.md).
#pragma once

#include <cstddef>
#include <cstdint>

namespace lynxdb::segment {

// In the byte that names a chunk's type.
inline constexpr unsigned kTypeBits = 0x0f;
inline constexpr unsigned kBoundsFlag = 0x40;  // min and max follow.
inline constexpr unsigned kMixedFlag = 0x80;   // Values of several types.

// Beyond what writers make.
inline constexpr std::size_t kColumnsMax = 1U << 20U;

}  // namespace lynxdb::segment
