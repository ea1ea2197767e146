#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "event/value_codec.h"
#include "segment/footer.h"
#include "segment/footer_format.h"

namespace lynxdb::segment {

namespace {

// Of the magic: what stands before the version.
constexpr std::size_t kMagicNameBytes = 7;

Error damaged(std::string what) { return {ErrorCode::kCorruption, "footer: " + std::move(what)}; }

// Reads one footer; every count is checked against the bytes left before room is made for it.
class FooterDecoder {
 public:
  // Parts lie between the file's magic and the footer.
  FooterDecoder(std::string_view body, std::uint64_t parts_end)
      : in_(body), parts_end_(parts_end) {}

  Result<Footer> decode();

 private:
  // A count of things of at least `bytes_each` bytes; 0, and a failed reader, when they cannot be
  // there.
  std::size_t count(std::size_t bytes_each) {
    const std::uint64_t n = in_.varint();
    if (n <= in_.remaining() / bytes_each) return static_cast<std::size_t>(n);
    in_.fail();
    return 0;
  }
  std::uint32_t number() {
    const std::uint64_t n = in_.varint();
    if (n <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(n);
    in_.fail();
    return 0;
  }

  Result<> read_labels();
  Result<> read_sources();
  Result<> read_names();
  Result<ByteRange> read_range();
  Result<ColumnChunk> read_chunk(std::uint64_t rows);
  Result<RowGroup> read_group();
  Result<> check_needs(const RowGroup& group) const;
  Result<> check_totals() const;

  base::ByteReader in_;
  const std::uint64_t parts_end_;
  Footer footer_;
};

Result<> FooterDecoder::read_labels() {
  footer_.segment_id = in_.string();
  footer_.index = in_.string();
  footer_.level = number();
  footer_.rows = in_.varint();
  footer_.time_min_ns = in_.fixed<std::int64_t>();
  footer_.time_max_ns = in_.fixed<std::int64_t>();
  footer_.raw_bytes = in_.varint();
  if (in_.failed()) return damaged("cut short");
  return {};
}

Result<> FooterDecoder::read_sources() {
  const std::size_t sources = count(4);
  footer_.sources.reserve(sources);
  for (std::size_t i = 0; i < sources; ++i) {
    OffsetRange source;
    source.partition = number();
    source.begin = in_.varint();
    source.end = in_.varint();
    source.rows = in_.varint();
    if (source.begin > source.end || source.rows > source.end - source.begin)
      return damaged("bad range of offsets");
    footer_.sources.push_back(source);
  }
  return {};
}

Result<> FooterDecoder::read_names() {
  const std::size_t columns = count(1);
  if (columns > kColumnsMax) return damaged("too many columns");
  footer_.columns.reserve(columns);
  for (std::size_t i = 0; i < columns; ++i) footer_.columns.emplace_back(in_.string());
  if (in_.failed()) return damaged("cut short");
  return {};
}

Result<ByteRange> FooterDecoder::read_range() {
  const ByteRange range{in_.varint(), in_.varint()};
  const bool inside = range.offset <= parts_end_ && range.size <= parts_end_ - range.offset &&
                      (range.size == 0 || range.offset >= kSegmentMagic.size());
  if (in_.failed() || !inside) return damaged("a part lies outside of the file");
  return range;
}

Result<ColumnChunk> FooterDecoder::read_chunk(std::uint64_t rows) {
  ColumnChunk chunk;
  chunk.column = number();
  chunk.bytes = TRY(read_range());
  const auto type = in_.fixed<std::uint8_t>();
  chunk.mixed = (type & kMixedFlag) != 0;
  chunk.null_count = in_.varint();
  chunk.distinct = in_.varint();
  if ((type & kTypeBits) > static_cast<unsigned>(event::Type::kList)) return damaged("bad type");
  chunk.type = static_cast<event::Type>(type & kTypeBits);
  if ((type & kBoundsFlag) != 0) {
    chunk.min = TRY(event::decode_value(in_, false));
    chunk.max = TRY(event::decode_value(in_, false));
  }
  const std::size_t needs = count(1);
  chunk.needs.reserve(needs);
  for (std::size_t i = 0; i < needs; ++i) chunk.needs.push_back(number());
  if (in_.failed()) return damaged("cut short");
  if (chunk.column >= footer_.columns.size() || chunk.null_count > rows || chunk.bytes.size == 0)
    return damaged("bad column");
  return chunk;
}

Result<> FooterDecoder::check_needs(const RowGroup& group) const {
  for (const ColumnChunk& chunk : group.columns)
    for (const std::uint32_t need : chunk.needs)
      if (need == chunk.column || group.find(need) == nullptr)
        return damaged("a column needs one that is not there");
  return {};
}

Result<RowGroup> FooterDecoder::read_group() {
  RowGroup group;
  group.rows = in_.varint();
  group.time_min_ns = in_.fixed<std::int64_t>();
  group.time_max_ns = in_.fixed<std::int64_t>();
  if (group.rows == 0 || group.rows > kRowGroupRowsMax || group.time_min_ns > group.time_max_ns)
    return damaged("bad row group");
  group.text_index = TRY(read_range());
  const std::size_t columns = count(8);
  group.columns.reserve(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    ColumnChunk chunk = TRY(read_chunk(group.rows));
    if (!group.columns.empty() && group.columns.back().column >= chunk.column)
      return damaged("columns out of order");
    group.columns.push_back(std::move(chunk));
  }
  if (in_.failed()) return damaged("cut short");
  TRY(check_needs(group));
  return group;
}

Result<> FooterDecoder::check_totals() const {
  std::uint64_t rows = 0;
  for (const RowGroup& group : footer_.row_groups) {
    rows += group.rows;  // Cannot wrap: each group costs bytes, and has at most kRowGroupRowsMax.
    if (group.time_min_ns < footer_.time_min_ns || group.time_max_ns > footer_.time_max_ns)
      return damaged("a row group lies outside of the segment's time");
  }
  if (rows != footer_.rows) return damaged("row counts do not add up");
  return {};
}

Result<Footer> FooterDecoder::decode() {
  TRY(read_labels());
  TRY(read_sources());
  TRY(read_names());
  const std::size_t groups = count(20);
  footer_.row_groups.reserve(groups);
  for (std::size_t i = 0; i < groups; ++i) footer_.row_groups.push_back(TRY(read_group()));
  if (in_.failed() || in_.remaining() > 0) return damaged("wrong length");
  TRY(check_totals());
  return std::move(footer_);
}

}  // namespace

Result<std::uint64_t> footer_bytes(std::string_view trailer, std::uint64_t file_bytes) {
  base::ByteReader in(trailer);
  const auto body_bytes = in.fixed<std::uint32_t>();
  in.fixed<std::uint32_t>();
  const std::string_view magic = in.take(kSegmentMagic.size());
  if (magic.substr(0, kMagicNameBytes) != kSegmentMagic.substr(0, kMagicNameBytes))
    return Error{ErrorCode::kCorruption, "not a segment"};
  if (magic != kSegmentMagic)
    return Error{ErrorCode::kCorruption,
                 fmt::format("segment of unknown version {}", int{magic.back()} - '0')};
  const std::uint64_t bytes = std::uint64_t{body_bytes} + kTrailerBytes;
  if (file_bytes < kSegmentMagic.size() || bytes > file_bytes - kSegmentMagic.size())
    return damaged("longer than the file");
  return bytes;
}

Result<Footer> decode_footer(std::string_view bytes, std::uint64_t file_bytes) {
  if (bytes.size() < kTrailerBytes) return damaged("cut short");
  const std::string_view trailer = bytes.substr(bytes.size() - kTrailerBytes);
  if (TRY(footer_bytes(trailer, file_bytes)) != bytes.size()) return damaged("wrong length");
  base::ByteReader in(trailer);
  in.fixed<std::uint32_t>();
  const auto crc = in.fixed<std::uint32_t>();
  const std::string_view body = bytes.substr(0, bytes.size() - kTrailerBytes);
  if (crc != base::crc32c(body)) return damaged("bad checksum");
  return FooterDecoder(body, file_bytes - bytes.size()).decode();
}

}  // namespace lynxdb::segment
