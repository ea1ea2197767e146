// What a segment's footer says of a column chunk without reading it.
#pragma once

#include <optional>
#include <string_view>

#include "event/column.h"
#include "segment/chunk_codec.h"

namespace lynxdb::segment {

// The first and the last of a column's strings, by bytes.
struct TextBounds {
  std::string_view min;
  std::string_view max;
};

// All but `distinct`. `texts`: the bounds of a column of strings, when they are known already.
ChunkStats chunk_stats(const event::Column& column,
                       const std::optional<TextBounds>& texts = std::nullopt);

}  // namespace lynxdb::segment
