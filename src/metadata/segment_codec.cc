#include "metadata/segment_codec.h"

#include <limits>

namespace lynxdb::metadata {

std::uint32_t read_u32(base::ByteReader& in) {
  const std::uint64_t value = in.varint();
  if (value > std::numeric_limits<std::uint32_t>::max()) in.fail();
  return in.failed() ? 0 : static_cast<std::uint32_t>(value);
}

std::size_t read_count(base::ByteReader& in) {
  const std::uint64_t count = in.varint();
  if (count > in.remaining()) in.fail();
  return in.failed() ? 0 : static_cast<std::size_t>(count);
}

void put_segment(const SegmentEntry& segment, std::string& out) {
  base::put_varint(segment.id.value(), out);
  base::put_string(segment.object_key, out);
  base::put_varint(segment.size_bytes, out);
  base::put_fixed(segment.crc32c, out);
  base::put_varint(segment.rows, out);
  base::put_string(segment.index, out);
  base::put_varint(segment.level, out);
  base::put_fixed(segment.time_min_ns, out);
  base::put_fixed(segment.time_max_ns, out);
  base::put_varint(segment.parts.size(), out);
  for (const SegmentPart& part : segment.parts) {
    base::put_varint(part.partition.value(), out);
    base::put_varint(part.offsets.begin, out);
    base::put_varint(part.offsets.end, out);
    base::put_varint(part.rows, out);
  }
}

SegmentEntry read_segment(base::ByteReader& in) {
  SegmentEntry segment;
  segment.id = SegmentId(in.varint());
  segment.object_key = std::string(in.string());
  segment.size_bytes = in.varint();
  segment.crc32c = in.fixed<std::uint32_t>();
  segment.rows = in.varint();
  segment.index = std::string(in.string());
  segment.level = read_u32(in);
  segment.time_min_ns = in.fixed<std::int64_t>();
  segment.time_max_ns = in.fixed<std::int64_t>();
  const std::size_t parts = read_count(in);
  for (std::size_t i = 0; i < parts && !in.failed(); ++i) {
    SegmentPart part;
    part.partition = PartitionId(read_u32(in));
    part.offsets.begin = in.varint();
    part.offsets.end = in.varint();
    part.rows = in.varint();
    segment.parts.push_back(part);
  }
  return segment;
}

}  // namespace lynxdb::metadata
