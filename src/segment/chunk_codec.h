// The encoding of one column chunk: the values of one field for one row group of a segment.
//
// The encoder looks at the values and takes the smallest of a few encodings that can all be decoded
// at memory speed; docs/formats/segment-chunks.md gives the bytes. A chunk stands alone unless it
// was encoded with `siblings`: then text that repeats other columns of the same rows (an address
// within a message, every field within a JSON line) may be stored as references to these, and
// `EncodedChunk::needs` names them.
//
// Values and nulls come back exactly. The kind of a column may not: strings may come back as
// kDictionary, a column without values as kNull. No code may depend on that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/column.h"
#include "event/event_batch.h"

namespace lynxdb::base {
struct RunPattern;
}

namespace lynxdb::segment {

class LiteralQuery;  // encoding/text_hits.h
struct Stretch;
struct TextHits;
class NumberDictionaries;  // number_dictionaries.h

// The most rows of one chunk; decoders refuse more, encoders must not be asked.
inline constexpr std::size_t kChunkRowsMax = 1U << 20U;

enum class Compression : std::uint8_t { kNone = 0, kLz4 = 1, kZstd = 2 };

struct ChunkOptions {
  Compression compression = Compression::kZstd;
  // Other columns of the same rows that will be at hand whenever this chunk is decoded. Two chunks
  // must not need each other, not even by way of others: row_group_codec.h sees to the order.
  const event::EventBatch* siblings = nullptr;
};

// What is known of a chunk without reading it; for the footer.
struct ChunkStats {
  std::uint64_t rows = 0;
  std::uint64_t null_count = 0;
  // The one type of all values; kNull when there are none, or when `mixed`.
  event::Type type = event::Type::kNull;
  bool mixed = false;
  // Bounds of all values: min <= value <= max. Numbers and times by value, bools false < true,
  // strings by bytes and cut to kBoundBytesMax (max is then rounded up, or missing when it cannot
  // be). Null for mixed columns, lists and columns without values.
  event::Value min;
  event::Value max;
  // Distinct values (not null), when they were counted on the way; 0 when unknown.
  std::uint64_t distinct = 0;

  static constexpr std::size_t kBoundBytesMax = 32;
};

struct EncodedChunk {
  std::string bytes;  // Carries its own version and crc32c.
  ChunkStats stats;
  std::vector<std::string> needs;  // Siblings without which it cannot be decoded.
};

// At most kChunkRowsMax rows.
EncodedChunk encode_chunk(const event::Column& column, const ChunkOptions& options);

// One chunk, checked and open for reading. Borrows `bytes`; columns it gives out keep `owner`
// alive and may borrow from the bytes (a null owner: the caller keeps them). Immutable and
// thread-safe. Hostile bytes give kCorruption, and never take more memory than kChunkRowsMax rows
// or a fixed multiple of the bytes need.
class ChunkReader {
 public:
  // Checks version and crc32c; with `checked` the caller has compared the crc of these very bytes.
  static Result<ChunkReader> open(std::string_view bytes, event::Column::Owner owner,
                                  bool checked = false);

  std::size_t rows() const { return rows_; }
  // As EncodedChunk::needs.
  Result<std::vector<std::string>> needs() const;

  // All rows. A chunk of repeated strings gives a kDictionary column: filters and groups can work
  // on its codes. `siblings` must have the columns of needs(), with rows() rows. With
  // `dictionaries` texts that differ in a number alone may come as a column over one of these,
  // whose entries are more than the rows.
  Result<event::ColumnPtr> column(const event::EventBatch* siblings = nullptr,
                                  NumberDictionaries* dictionaries = nullptr) const;

  // All rows, of texts no more than what a search for `pattern` has to see; null when that would be
  // no less. `siblings`: as text_hits, for pattern.first; `fetch`: gives a column of needs() by
  // its place, with rows() rows.
  Result<event::ColumnPtr> excerpts(
      const base::RunPattern& pattern, std::span<const TextHits* const> siblings,
      const std::function<Result<event::ColumnPtr>(std::size_t)>& fetch) const;

  // The rows named, in their order: each above the one before and below rows(). Reads no more
  // blocks than needed.
  // Row i of `siblings` belongs to rows[i]: take these with rows_at, too.
  Result<event::ColumnPtr> rows_at(std::span<const std::uint32_t> rows,
                                   const event::EventBatch* siblings = nullptr) const;

  // The distinct strings (a kString column) of a chunk that is stored as a dictionary, without
  // looking at a single row; null when it is stored otherwise. Every string of the chunk is among
  // them, so a filter that fits none of them fits no row.
  Result<event::ColumnPtr> dictionary() const;

  // Which rows' text form may hold a literal, of a stretch of rows, without building the text.
  // `siblings`: the same of the columns of needs(), in their order.
  Result<TextHits> text_hits(const LiteralQuery& query, const Stretch& rows,
                             std::span<const TextHits* const> siblings) const;

 private:
  ChunkReader() = default;

  std::string_view content_;  // Without the checksum.
  std::size_t rows_ = 0;
  event::Column::Owner owner_;
};

// open + column.
Result<event::ColumnPtr> decode_chunk(std::string_view bytes, const event::Column::Owner& owner,
                                      const event::EventBatch* siblings = nullptr);

}  // namespace lynxdb::segment
