// What a segment's footer says of a column chunk without reading it.
#pragma once

#include "event/column.h"
#include "segment/chunk_codec.h"

namespace lynxdb::segment {

// All but `distinct`.
ChunkStats chunk_stats(const event::Column& column);

}  // namespace lynxdb::segment
