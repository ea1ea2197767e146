#include "segment/footer.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "event/value_codec.h"
#include "segment/footer_format.h"

namespace lynxdb::segment {

namespace {

void put_range(ByteRange range, std::string& out) {
  base::put_varint(range.offset, out);
  base::put_varint(range.size, out);
}

void put_column(const ColumnChunk& chunk, std::string& out) {
  const bool bounded = !chunk.min.is_null() || !chunk.max.is_null();
  base::put_varint(chunk.column, out);
  put_range(chunk.bytes, out);
  base::put_fixed(
      static_cast<std::uint8_t>(static_cast<unsigned>(chunk.type) | (chunk.mixed ? kMixedFlag : 0) |
                                (bounded ? kBoundsFlag : 0)),
      out);
  base::put_varint(chunk.null_count, out);
  base::put_varint(chunk.distinct, out);
  if (bounded) {
    event::encode_value(chunk.min, out);
    event::encode_value(chunk.max, out);
  }
  base::put_varint(chunk.needs.size(), out);
  for (const std::uint32_t column : chunk.needs) base::put_varint(column, out);
}

void put_row_group(const RowGroup& group, std::string& out) {
  base::put_varint(group.rows, out);
  base::put_fixed(group.time_min_ns, out);
  base::put_fixed(group.time_max_ns, out);
  put_range(group.text_index, out);
  base::put_varint(group.columns.size(), out);
  for (const ColumnChunk& chunk : group.columns) put_column(chunk, out);
}

void put_source(const OffsetRange& source, std::string& out) {
  base::put_varint(source.partition, out);
  base::put_varint(source.begin, out);
  base::put_varint(source.end, out);
  base::put_varint(source.rows, out);
}

}  // namespace

const ColumnChunk* RowGroup::find(std::uint32_t column) const {
  const auto place = std::ranges::lower_bound(columns, column, {}, &ColumnChunk::column);
  return place != columns.end() && place->column == column ? &*place : nullptr;
}

std::optional<std::uint32_t> Footer::column_named(std::string_view name) const {
  const auto place = std::ranges::find(columns, name);
  if (place == columns.end()) return std::nullopt;
  return static_cast<std::uint32_t>(place - columns.begin());
}

std::string encode_footer(const Footer& footer) {
  std::string out;
  base::put_string(footer.segment_id, out);
  base::put_string(footer.index, out);
  base::put_varint(footer.level, out);
  base::put_varint(footer.rows, out);
  base::put_fixed(footer.time_min_ns, out);
  base::put_fixed(footer.time_max_ns, out);
  base::put_varint(footer.raw_bytes, out);
  base::put_varint(footer.sources.size(), out);
  for (const OffsetRange& source : footer.sources) put_source(source, out);
  base::put_varint(footer.columns.size(), out);
  for (const std::string& name : footer.columns) base::put_string(name, out);
  base::put_varint(footer.row_groups.size(), out);
  for (const RowGroup& group : footer.row_groups) put_row_group(group, out);

  const std::uint32_t crc = base::crc32c(out);
  base::put_fixed(static_cast<std::uint32_t>(out.size()), out);
  base::put_fixed(crc, out);
  return out += kSegmentMagic;
}

}  // namespace lynxdb::segment
