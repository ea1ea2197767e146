#include "segment/segment_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "segment/row_group_codec.h"
#include "segment/text_index.h"

namespace lynxdb::segment {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Kind;

struct SegmentWriter::Impl {
  Impl(ByteSink& to, WriterOptions with) : sink(to), options(std::move(with)) {
    footer.segment_id = options.segment_id;
    footer.index = options.index;
    footer.level = options.level;
  }

  Result<> check_order(const EventBatch& batch);
  Result<> put(std::string_view bytes);
  Result<ByteRange> put_part(std::string_view bytes);
  std::uint32_t column_number(const std::string& name);
  Result<> write_row_group();
  Result<> write_columns(const EventBatch& batch, RowGroup& group);
  Result<> write_text_index(const EventBatch& batch, RowGroup& group);
  Result<> copy_chunks(std::string_view bytes, const Footer& from, RowGroup& group);
  void add_group(RowGroup group);
  SegmentInfo info() const;

  ByteSink& sink;
  const WriterOptions options;
  TextIndexBuilder text_index;
  Footer footer;
  std::unordered_map<std::string, std::uint32_t> numbers;  // Of footer.columns.
  std::vector<EventBatch> pending;                         // Rows of the next row group.
  std::size_t pending_rows = 0;
  std::size_t pending_bytes = 0;
  std::int64_t last_time_ns = 0;  // Of the last row given.
  std::uint64_t rows = 0;         // Given.
  std::uint64_t size_bytes = 0;   // Written.
  std::uint32_t crc = 0;
};

namespace {

const Column* times_of(const EventBatch& batch) {
  const ColumnPtr* column = batch.find(event::kTime);
  const bool usable =
      column != nullptr && (*column)->kind() == Kind::kTimestamp && !(*column)->has_nulls();
  return usable ? column->get() : nullptr;
}

// Columns without any value are not stored.
EventBatch without_empty_columns(const EventBatch& batch) {
  EventBatch kept(batch.rows());
  for (const event::Field& field : batch.fields())
    if (field.column->null_count() < batch.rows()) kept.set(field.name, field.column);
  return kept;
}

ColumnChunk chunk_of(const ChunkStats& stats, std::uint32_t column, ByteRange bytes) {
  ColumnChunk chunk;
  chunk.column = column;
  chunk.bytes = bytes;
  chunk.type = stats.type;
  chunk.mixed = stats.mixed;
  chunk.null_count = stats.null_count;
  chunk.distinct = stats.distinct;
  chunk.min = stats.min;
  chunk.max = stats.max;
  return chunk;
}

}  // namespace

Result<> SegmentWriter::Impl::check_order(const EventBatch& batch) {
  const Column* times = times_of(batch);
  if (times == nullptr)
    return Error{ErrorCode::kInvalidArgument, "a batch has rows without a time"};
  std::int64_t before = rows == 0 ? times->int_values()[0] : last_time_ns;
  for (const std::int64_t time : times->int_values()) {
    if (time > before)
      return Error{ErrorCode::kInvalidArgument, "rows are not in descending order of time"};
    before = time;
  }
  last_time_ns = before;
  return {};
}

Result<> SegmentWriter::Impl::put(std::string_view bytes) {
  TRY(sink.append(bytes));
  crc = base::crc32c(bytes, crc);
  size_bytes += bytes.size();
  return {};
}

Result<ByteRange> SegmentWriter::Impl::put_part(std::string_view bytes) {
  if (size_bytes == 0) TRY(put(kSegmentMagic));
  const ByteRange range{size_bytes, bytes.size()};
  TRY(put(bytes));
  return range;
}

std::uint32_t SegmentWriter::Impl::column_number(const std::string& name) {
  const auto [place, is_new] =
      numbers.try_emplace(name, static_cast<std::uint32_t>(footer.columns.size()));
  if (is_new) footer.columns.push_back(name);
  return place->second;
}

Result<> SegmentWriter::Impl::write_columns(const EventBatch& batch, RowGroup& group) {
  const std::vector<EncodedChunk> chunks = encode_row_group(batch, options.compression);
  LYNXDB_CHECK(chunks.size() == batch.field_count());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const std::uint32_t column = column_number(batch.fields()[i].name);
    ColumnChunk chunk = chunk_of(chunks[i].stats, column, TRY(put_part(chunks[i].bytes)));
    for (const std::string& need : chunks[i].needs) chunk.needs.push_back(column_number(need));
    group.columns.push_back(std::move(chunk));
  }
  std::ranges::sort(group.columns, {}, &ColumnChunk::column);
  return {};
}

Result<> SegmentWriter::Impl::write_text_index(const EventBatch& batch, RowGroup& group) {
  const ColumnPtr* raw = batch.find(event::kRaw);
  if (raw == nullptr) return {};
  // A `_raw` that is no text in some row has a text form, which a search would look into.
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const event::ValueView value = (*raw)->view(row);
    const std::string other = value.type() == event::Type::kString ? "" : event::text(value);
    const std::string_view text = other.empty() && !value.is_null() ? value.as_string() : other;
    text_index.add(text);
    footer.raw_bytes += text.size();
  }
  group.text_index = TRY(put_part(text_index.finish()));
  return {};
}

Result<> SegmentWriter::Impl::write_row_group() {
  if (pending_rows == 0) return {};
  const EventBatch batch = without_empty_columns(event::concat(pending));
  pending.clear();
  pending_rows = 0;
  pending_bytes = 0;

  RowGroup group;
  group.rows = batch.rows();
  const std::span<const std::int64_t> times = times_of(batch)->int_values();
  group.time_max_ns = times.front();
  group.time_min_ns = times.back();
  TRY(write_columns(batch, group));
  TRY(write_text_index(batch, group));
  add_group(std::move(group));
  return {};
}

void SegmentWriter::Impl::add_group(RowGroup group) {
  if (footer.row_groups.empty()) footer.time_max_ns = group.time_max_ns;
  footer.time_min_ns = group.time_min_ns;
  footer.rows += group.rows;
  footer.row_groups.push_back(std::move(group));
}

namespace {

// From the first byte of a row group's parts to the last.
ByteRange range_of(const RowGroup& group) {
  std::uint64_t begin = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t end = 0;
  const auto cover = [&](ByteRange part) {
    if (part.size == 0) return;
    begin = std::min(begin, part.offset);
    end = std::max(end, part.offset + part.size);
  };
  for (const ColumnChunk& chunk : group.columns) cover(chunk.bytes);
  cover(group.text_index);
  return end == 0 ? ByteRange{} : ByteRange{begin, end - begin};
}

}  // namespace

// `bytes`: of the file that `from` belongs to, from where the row group begins; `group` is as
// there, with ranges that count from that place.
Result<> SegmentWriter::Impl::copy_chunks(std::string_view bytes, const Footer& from,
                                          RowGroup& group) {
  for (ColumnChunk& chunk : group.columns) {
    const std::string_view content = bytes.substr(chunk.bytes.offset, chunk.bytes.size);
    const std::string& name = from.columns[chunk.column];
    auto checked = ChunkReader::open(content, nullptr);
    if (!checked) return std::move(checked).error().in("column " + name);
    if (checked->rows() != group.rows)
      return Error{ErrorCode::kCorruption, "column " + name + " has another number of rows"};
    chunk.column = column_number(name);
    chunk.bytes = TRY(put_part(content));
    for (std::uint32_t& need : chunk.needs) need = column_number(from.columns[need]);
  }
  std::ranges::sort(group.columns, {}, &ColumnChunk::column);
  if (group.text_index.size == 0) return {};
  const ByteRange index = group.text_index;
  MemoryByteSource own(std::string(bytes.substr(index.offset, index.size)));
  TRY(check_text_index(own, {0, index.size}, group.rows));
  group.text_index = TRY(put_part(bytes.substr(index.offset, index.size)));
  return {};
}

SegmentInfo SegmentWriter::Impl::info() const {
  SegmentInfo info;
  info.rows = footer.rows;
  info.size_bytes = size_bytes;
  info.crc32c = crc;
  info.time_min_ns = footer.time_min_ns;
  info.time_max_ns = footer.time_max_ns;
  info.raw_bytes = footer.raw_bytes;
  info.row_groups = footer.row_groups.size();
  return info;
}

SegmentWriter::SegmentWriter(ByteSink& sink, WriterOptions options)
    : impl_(std::make_unique<Impl>(sink, std::move(options))) {
  LYNXDB_CHECK(impl_->options.row_group_rows > 0 &&
               impl_->options.row_group_rows <= kRowGroupRowsMax);
}

SegmentWriter::~SegmentWriter() = default;

Result<> SegmentWriter::add(const EventBatch& batch) {
  if (batch.rows() == 0) return {};
  Impl& writer = *impl_;
  TRY(writer.check_order(batch));
  const std::size_t bytes_each = batch.memory_bytes() / batch.rows() + 1;
  for (std::size_t begin = 0; begin < batch.rows();) {
    const std::size_t room_rows = writer.options.row_group_rows - writer.pending_rows;
    const std::size_t room_bytes = writer.options.row_group_bytes -
                                   std::min(writer.options.row_group_bytes, writer.pending_bytes);
    const std::size_t rows = std::min(
        {batch.rows() - begin, room_rows, std::max<std::size_t>(room_bytes / bytes_each, 1)});
    writer.pending.push_back(batch.slice(begin, rows));
    writer.pending_rows += rows;
    writer.pending_bytes += rows * bytes_each;
    begin += rows;
    if (writer.pending_rows == writer.options.row_group_rows ||
        writer.pending_bytes + bytes_each > writer.options.row_group_bytes)
      TRY(writer.write_row_group());
  }
  writer.rows += batch.rows();
  return {};
}

Result<> SegmentWriter::cut() { return impl_->write_row_group(); }

Result<> SegmentWriter::copy_row_group(ByteSource& source, const Footer& from,
                                       std::size_t row_group) {
  Impl& writer = *impl_;
  RowGroup group = from.row_groups[row_group];
  if (writer.rows > 0 && group.time_max_ns > writer.last_time_ns)
    return Error{ErrorCode::kInvalidArgument, "rows are not in descending order of time"};
  TRY(cut());
  const ByteRange range = range_of(group);
  for (ColumnChunk& chunk : group.columns) chunk.bytes.offset -= range.offset;
  group.text_index.offset -= group.text_index.size == 0 ? 0 : range.offset;
  const SharedBytes bytes = TRY(source.read(range.offset, range.size));
  TRY(writer.copy_chunks(bytes.view, from, group));
  TRY(source.check());
  writer.rows += group.rows;
  writer.last_time_ns = group.time_min_ns;
  writer.add_group(std::move(group));
  return {};
}

Result<SegmentInfo> SegmentWriter::finish(std::vector<OffsetRange> sources) {
  Impl& writer = *impl_;
  TRY(writer.write_row_group());
  if (writer.size_bytes == 0) TRY(writer.put(kSegmentMagic));
  writer.footer.sources = std::move(sources);
  writer.footer.raw_bytes = writer.options.raw_bytes.value_or(writer.footer.raw_bytes);
  TRY(writer.put(encode_footer(writer.footer)));
  return writer.info();
}

std::uint64_t SegmentWriter::rows() const { return impl_->rows; }
std::uint64_t SegmentWriter::size_bytes() const { return impl_->size_bytes; }

}  // namespace lynxdb::segment
