#include "segment/range_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace lynxdb::segment {

namespace {

struct Joined {
  ByteRange bytes;
  std::size_t count = 0;  // Ranges in it, in the sorted order.
};

// The read that begins with the first of `order`.
Joined join(std::span<const ByteRange> ranges, std::span<const std::size_t> order,
            std::uint64_t gap_bytes) {
  Joined joined{ranges[order[0]], 1};
  std::uint64_t end = joined.bytes.offset + joined.bytes.size;
  for (const std::size_t i : order.subspan(1)) {
    const ByteRange& next = ranges[i];
    const std::uint64_t new_end = std::max(end, next.offset + next.size);
    const bool near = next.offset <= end || next.offset - end <= gap_bytes;
    if (!near || new_end - joined.bytes.offset > std::max(kJoinedBytesMax, joined.bytes.size))
      break;
    end = new_end;
    ++joined.count;
  }
  joined.bytes.size = end - joined.bytes.offset;
  return joined;
}

}  // namespace

Result<std::vector<SharedBytes>> read_ranges(ByteSource& source,
                                             std::span<const ByteRange> ranges) {
  std::vector<std::size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return ranges[i].offset; });

  std::vector<SharedBytes> parts(ranges.size());
  std::span<const std::size_t> rest = order;
  while (!rest.empty()) {
    const Joined joined = join(ranges, rest, source.gap_bytes());
    const SharedBytes bytes = TRY(source.read(joined.bytes.offset, joined.bytes.size));
    for (const std::size_t i : rest.first(joined.count)) {
      const std::uint64_t begin = ranges[i].offset - joined.bytes.offset;
      parts[i] = {bytes.view.substr(static_cast<std::size_t>(begin),
                                    static_cast<std::size_t>(ranges[i].size)),
                  bytes.owner};
    }
    rest = rest.subspan(joined.count);
  }
  return parts;
}

}  // namespace lynxdb::segment
