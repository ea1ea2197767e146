// The chunks of one row group, encoded and decoded together: which columns are stored by reference
// to which others, and in what order they must be read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/run_pattern.h"
#include "event/event_batch.h"
#include "segment/check_mark.h"
#include "segment/chunk_codec.h"

namespace lynxdb::segment {

// Of texts in this field nothing is wanted but the first match of the pattern, with its runs:
// decoders may leave out what does not matter for it, and give "" where there is none.
struct FieldExcerpt {
  std::string field;
  base::RunPattern pattern;
};

// One chunk for each field of `batch`, in their order. Texts may refer to other columns; `_raw` of
// JSON events mostly consists of references. A chunk's `needs` never lead back to itself.
std::vector<EncodedChunk> encode_row_group(const event::EventBatch& batch, Compression compression);

struct NamedChunk {
  std::string_view name;
  std::string_view bytes;
  // Whether its checksum was compared before; set when it is. Null: it is compared each time.
  CheckMark* mark = nullptr;
};

// The columns `wanted`, in their order. `chunks` holds theirs and all that these need, directly or
// not. With `rows` (each above the one before): only these. `dictionaries`: as ChunkReader::column.
// A wanted name without a chunk is left out. Errors: kCorruption, also when chunks disagree about
// the number of rows, need each other in a circle, or need one that is not there.
Result<event::EventBatch> decode_row_group(std::span<const NamedChunk> chunks,
                                           std::span<const std::string> wanted,
                                           const event::Column::Owner& owner,
                                           NumberDictionaries* dictionaries = nullptr,
                                           const FieldExcerpt* excerpt = nullptr);
Result<event::EventBatch> decode_row_group(std::span<const NamedChunk> chunks,
                                           std::span<const std::string> wanted,
                                           const event::Column::Owner& owner,
                                           std::span<const std::uint32_t> rows);

// Rows of [begin, end) whose text form of the column `name` may hold every one of `literals` (ASCII
// case ignored), ascending; those left out do not. Looks at dictionaries, templates and digits, and
// builds no text. None when the column is not there. Errors: as decode_row_group.
Result<std::vector<std::uint32_t>> rows_that_may_hold(std::span<const NamedChunk> chunks,
                                                      const std::string& name,
                                                      std::span<const std::string> literals,
                                                      std::size_t begin, std::size_t end);

}  // namespace lynxdb::segment
