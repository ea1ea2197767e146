// Many ranges of one source in few reads.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "segment/byte_source.h"
#include "segment/footer.h"

namespace lynxdb::segment {

// The bytes of each range, in the order of `ranges`. Ranges that overlap, touch or lie within
// source.gap_bytes() of each other are read together, up to kJoinedBytesMax at a time. Ranges must
// lie within the source. Errors: those of the source.
Result<std::vector<SharedBytes>> read_ranges(ByteSource& source, std::span<const ByteRange> ranges);

inline constexpr std::uint64_t kJoinedBytesMax = 16U << 20U;

}  // namespace lynxdb::segment
