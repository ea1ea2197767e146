#include "segment/chunk_codec.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "segment/chunk_stats.h"
#include "segment/encoding/column_body.h"
#include "segment/encoding/limits.h"
#include "segment/encoding/text_hits.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kCrcBytes = 4;
constexpr std::size_t kNeedsMax = 65'536;

struct Head {
  std::size_t rows = 0;
  std::vector<std::string> needs;
};

void put_head(std::size_t rows, std::span<const std::string> needs, std::string& out) {
  base::put_fixed(kVersion, out);
  base::put_varint(rows, out);
  base::put_varint(needs.size(), out);
  for (const std::string& name : needs) base::put_string(name, out);
}

Result<Head> take_head(base::ByteReader& in) {
  const auto version = in.fixed<std::uint8_t>();
  if (!in.failed() && version != kVersion) {
    return corrupt("a column chunk of unknown version " + std::to_string(version));
  }
  Head head;
  const std::uint64_t rows = in.varint();
  const std::uint64_t needs = in.varint();
  if (in.failed() || needs > std::min(in.remaining(), kNeedsMax)) {
    return corrupt("a column chunk ends early");
  }
  if (rows > kChunkRowsMax) return corrupt("a column chunk of too many rows");
  head.rows = static_cast<std::size_t>(rows);
  for (std::uint64_t i = 0; i < needs; ++i) head.needs.emplace_back(in.string());
  if (in.failed()) return corrupt("a column chunk ends early");
  return head;
}

// The columns that the chunk needs, in its order.
Result<std::vector<ColumnPtr>> needed(const Head& head, std::size_t rows,
                                      const EventBatch* siblings) {
  std::vector<ColumnPtr> columns;
  for (const std::string& name : head.needs) {
    const ColumnPtr* column = siblings == nullptr ? nullptr : siblings->find(name);
    if (column == nullptr) return corrupt("the column " + name + " that it refers to is not there");
    if ((*column)->size() != rows) {
      return corrupt("the column " + name + " that it refers to has another number of rows");
    }
    columns.push_back(*column);
  }
  return columns;
}

Result<ColumnPtr> whole(base::ByteReader& in, Result<ColumnPtr> column) {
  if (column && (in.failed() || in.remaining() != 0)) {
    return corrupt("a column chunk with bytes behind its end");
  }
  return column;
}

}  // namespace

EncodedChunk encode_chunk(const Column& column, const ChunkOptions& options) {
  LYNXDB_CHECK(column.size() <= kChunkRowsMax);
  EncodedChunk chunk;
  std::vector<ColumnPtr> siblings;
  std::vector<std::string_view> names;
  if (options.siblings != nullptr) {
    LYNXDB_CHECK(options.siblings->rows() == column.size());
    for (const event::Field& field : options.siblings->fields()) {
      siblings.push_back(field.column);
      names.push_back(field.name);
    }
  }
  std::vector<std::uint32_t> used;
  std::string body;
  std::uint64_t distinct = 0;
  std::optional<TextBounds> text_bounds;
  put_column(column, {options.compression, siblings, &used, &distinct, &text_bounds}, body);
  chunk.stats = chunk_stats(column, text_bounds);
  chunk.stats.distinct = distinct;

  for (const std::uint32_t sibling : used) chunk.needs.emplace_back(names[sibling]);
  put_head(column.size(), chunk.needs, chunk.bytes);
  chunk.bytes += body;
  base::put_fixed(base::crc32c(chunk.bytes), chunk.bytes);
  return chunk;
}

Result<ChunkReader> ChunkReader::open(std::string_view bytes, Column::Owner owner, bool checked) {
  if (bytes.size() < kCrcBytes) return corrupt("a column chunk ends early");
  const std::string_view content = bytes.substr(0, bytes.size() - kCrcBytes);
  const auto crc = base::ByteReader(bytes.substr(content.size())).fixed<std::uint32_t>();
  if (!checked && crc != base::crc32c(content))
    return corrupt("a column chunk with a bad checksum");
  base::ByteReader in(content);
  ChunkReader reader;
  reader.rows_ = TRY(take_head(in)).rows;
  reader.content_ = content;
  reader.owner_ = std::move(owner);
  return reader;
}

Result<std::vector<std::string>> ChunkReader::needs() const {
  base::ByteReader in(content_);
  return TRY(take_head(in)).needs;
}

Result<ColumnPtr> ChunkReader::column(const EventBatch* siblings,
                                      NumberDictionaries* dictionaries) const {
  base::ByteReader in(content_);
  const Head head = TRY(take_head(in));
  const std::vector<ColumnPtr> columns = TRY(needed(head, rows_, siblings));
  return whole(in, take_column(in, rows_, std::nullopt, columns, dictionaries));
}

Result<ColumnPtr> ChunkReader::excerpts(const base::RunPattern& pattern,
                                        std::span<const TextHits* const> siblings,
                                        const FetchSibling& fetch) const {
  base::ByteReader in(content_);
  const Head head = TRY(take_head(in));
  LYNXDB_CHECK(siblings.size() == head.needs.size());
  return take_excerpts(in, rows_, pattern, siblings, fetch);
}

Result<ColumnPtr> ChunkReader::rows_at(std::span<const std::uint32_t> rows,
                                       const EventBatch* siblings) const {
  LYNXDB_CHECK(std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) == rows.end());
  LYNXDB_CHECK(rows.empty() || rows.back() < rows_);
  base::ByteReader in(content_);
  const Head head = TRY(take_head(in));
  const std::vector<ColumnPtr> columns = TRY(needed(head, rows.size(), siblings));
  return whole(in, take_column(in, rows_, WantedRows(rows), columns));
}

Result<ColumnPtr> ChunkReader::dictionary() const {
  base::ByteReader in(content_);
  const Head head = TRY(take_head(in));
  return take_dictionary(in, rows_, head.needs.size());
}

Result<TextHits> ChunkReader::text_hits(const LiteralQuery& query, const Stretch& rows,
                                        std::span<const TextHits* const> siblings) const {
  LYNXDB_CHECK(rows.begin <= rows.end && rows.end <= rows_);
  base::ByteReader in(content_);
  const Head head = TRY(take_head(in));
  LYNXDB_CHECK(siblings.size() == head.needs.size());
  return take_text_hits(in, rows_, rows, query, siblings);
}

Result<ColumnPtr> decode_chunk(std::string_view bytes, const Column::Owner& owner,
                               const EventBatch* siblings) {
  return TRY(ChunkReader::open(bytes, owner)).column(siblings);
}

}  // namespace lynxdb::segment
