// The bytes of a segment entry, shared by states and commands (docs/formats/metadata-log.md).
#pragma once

#include <string>

#include "base/bytes.h"
#include "metadata/state.h"

namespace lynxdb::metadata {

void put_segment(const SegmentEntry& segment, std::string& out);
// Any bytes: the reader has failed when they are not what put_segment wrote.
SegmentEntry read_segment(base::ByteReader& in);

// A count of things that take at least one byte each: more than are left is a failure, so that
// nobody reserves memory for them.
std::size_t read_count(base::ByteReader& in);

// A varint that fits.
std::uint32_t read_u32(base::ByteReader& in);

}  // namespace lynxdb::metadata
