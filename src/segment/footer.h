// What a segment says about itself: who is in it, when, and where each part lies.
//
//   segment := magic parts footer trailer
//   trailer := footer_bytes:u32 footer_crc:u32 magic        the last 16 bytes of the file
//
// A reader needs the last few kilobytes of the file, no more, to know which parts to read.
// docs/formats/segment.md gives the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/value.h"

namespace lynxdb::segment {

inline constexpr std::string_view kSegmentMagic = "LYNXSEG1";
inline constexpr std::size_t kTrailerBytes = 16;
inline constexpr std::size_t kRowGroupRowsMax = 65'536;

// A range of bytes of the segment.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// Offsets [begin, end) of a partition's log are covered; `rows` of them are in this segment (the
// others belong to other indexes or time buckets).
struct OffsetRange {
  std::uint32_t partition = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t rows = 0;
  friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

// One column of one row group. min <= every value <= max where they are not null, as
// ChunkStats says (chunk_codec.h).
struct ColumnChunk {
  std::uint32_t column = 0;  // Place in Footer::columns.
  ByteRange bytes;
  event::Type type = event::Type::kNull;  // kNull: no values, or values of several types.
  bool mixed = false;                     // Values of several types.
  std::uint64_t null_count = 0;
  std::uint64_t distinct = 0;  // 0: unknown.
  event::Value min;
  event::Value max;
  // Columns (places in Footer::columns) without which the chunk cannot be decoded.
  std::vector<std::uint32_t> needs;
};

struct RowGroup {
  std::uint64_t rows = 0;
  std::int64_t time_min_ns = 0;
  std::int64_t time_max_ns = 0;
  ByteRange text_index;              // Of `_raw` (text_index.h); size 0: none.
  std::vector<ColumnChunk> columns;  // Ascending by `column`; one that is missing is all null.

  const ColumnChunk* find(std::uint32_t column) const;
};

struct Footer {
  std::string segment_id;
  std::string index;
  std::uint32_t level = 0;
  std::uint64_t rows = 0;
  std::int64_t time_min_ns = 0;
  std::int64_t time_max_ns = 0;
  std::uint64_t raw_bytes = 0;  // Bytes of `_raw` in all: what users sent.
  std::vector<OffsetRange> sources;
  std::vector<std::string> columns;  // Names, as they came first.
  std::vector<RowGroup> row_groups;  // Newest first.

  std::optional<std::uint32_t> column_named(std::string_view name) const;
};

// The footer with its trailer.
std::string encode_footer(const Footer& footer);

// How many bytes footer and trailer have together, from the trailer (the last kTrailerBytes of a
// file of `file_bytes`). Errors: kCorruption.
Result<std::uint64_t> footer_bytes(std::string_view trailer, std::uint64_t file_bytes);

// Reads what encode_footer wrote, as the end of a file of `file_bytes`: checks the crc and that
// every range lies in the file and every count adds up, so that nobody has to ask again.
// Errors: kCorruption.
Result<Footer> decode_footer(std::string_view bytes, std::uint64_t file_bytes);

}  // namespace lynxdb::segment
