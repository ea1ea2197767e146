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
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/column.h"
#include "event/event_batch.h"

namespace lynxdb::segment {

// The most rows of one chunk; decoders refuse more, encoders must not be asked.
inline constexpr std::size_t kChunkRowsMax = 1U << 20U;

enum class Compression : std::uint8_t { kNone = 0, kLz4 = 1, kZstd = 2 };

struct ChunkOptions {
  Compression compression = Compression::kZstd;
  // Columns of the same rows that will be at hand whenever this chunk is decoded. The column
  // itself may be among them; `field` is its name there. Columns that are stored with references of
  // their own must not be among them (encode those last, with stand-alone columns as siblings).
  const event::EventBatch* siblings = nullptr;
  std::string_view field;
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
// thread-safe after open. Hostile bytes give kCorruption, never more memory than kChunkRowsMax rows
// or a fixed multiple of the bytes take.
class ChunkReader {
 public:
  // Checks version and crc32c. `siblings`: columns of all rows of the row group, which must have
  // those that the chunk needs; it is used by the calls below and must outlive the reader.
  static Result<ChunkReader> open(std::string_view bytes, event::Column::Owner owner,
                                  const event::EventBatch* siblings = nullptr);

  std::size_t rows() const { return rows_; }
  // As EncodedChunk::needs; known without siblings.
  Result<std::vector<std::string>> needs() const;

  // All rows. A chunk of repeated strings gives a kDictionary column: filters and groups can work
  // on its codes.
  Result<event::ColumnPtr> column() const;

  // The rows named, in their order: ascending, each below rows(). Reads no more blocks than needed.
  Result<event::ColumnPtr> rows_at(std::span<const std::uint32_t> rows) const;

  // The distinct strings (a kString column) of a chunk that is stored as a dictionary, without
  // looking at a single row; null when it is stored otherwise. Every string of the chunk is among
  // them, so a filter that fits none of them fits no row.
  Result<event::ColumnPtr> dictionary() const;

  // The rows that may hold `literal` (a case-sensitive substring), ascending, where the encoding
  // can tell without building the text; nullopt where it cannot. Rows left out do not hold it.
  Result<std::optional<std::vector<std::uint32_t>>> rows_that_may_contain(
      std::string_view literal) const;

 private:
  ChunkReader() = default;

  std::string_view body_;
  std::size_t rows_ = 0;
  event::Column::Owner owner_;
  const event::EventBatch* siblings_ = nullptr;
};

// open + column.
Result<event::ColumnPtr> decode_chunk(std::string_view bytes, const event::Column::Owner& owner,
                                      const event::EventBatch* siblings = nullptr);

// "dictionary", "integers", ...: for EXPLAIN and segment dumps. "?" for bytes that are no chunk.
std::string_view encoding_name(std::string_view bytes);

}  // namespace lynxdb::segment
