#include "segment/segment_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/text_search.h"
#include "segment/range_reader.h"
#include "segment/row_group_codec.h"
#include "segment/text_index.h"

namespace lynxdb::segment {

using event::ColumnPtr;
using event::EventBatch;

namespace {

// What `open` reads at once: the footers of most segments fit.
constexpr std::uint64_t kFirstReadBytes = 64U << 10U;
// More rows than this are looked for in the encoded text before their text is built.
constexpr std::size_t kRowsToBuild = 64;

// The chunks of the columns named, and of those that they need, directly or not. Each once.
std::vector<const ColumnChunk*> chunks_for(const Footer& footer, const RowGroup& group,
                                           std::span<const std::string> fields) {
  std::vector<bool> taken(footer.columns.size());
  std::vector<const ColumnChunk*> chunks;
  const auto take = [&](std::uint32_t column) {
    const ColumnChunk* chunk = group.find(column);
    if (chunk == nullptr || taken[column]) return;
    taken[column] = true;
    chunks.push_back(chunk);
  };
  for (const std::string& field : fields)
    if (const auto column = footer.column_named(field)) take(*column);
  std::size_t seen = 0;  // What is taken may need more.
  while (seen < chunks.size())
    for (const std::uint32_t need : chunks[seen++]->needs) take(need);
  return chunks;
}

std::vector<ByteRange> ranges_of(std::span<const ColumnChunk* const> chunks) {
  std::vector<ByteRange> ranges;
  ranges.reserve(chunks.size());
  for (const ColumnChunk* chunk : chunks) ranges.push_back(chunk->bytes);
  return ranges;
}

// The rows of `found`, one by one; nullopt when they are all of them.
std::optional<RowIds> row_ids(RowsFound found, std::size_t row_count) {
  if (found.rows) return std::move(found.rows);
  RowIds rows;
  rows.reserve(std::min(row_count, kBlockRows * std::popcount(found.blocks)));
  for (; found.blocks != 0; found.blocks &= found.blocks - 1) {
    const std::size_t begin = kBlockRows * std::countr_zero(found.blocks);
    for (std::size_t row = begin; row < std::min(begin + kBlockRows, row_count); ++row)
      rows.push_back(static_cast<std::uint32_t>(row));
  }
  if (rows.size() == row_count) return std::nullopt;
  return rows;
}

// The rows of a column of text that hold all literals.
RowIds places_that_hold(const event::Column& raw, std::span<const std::string> literals) {
  std::vector<base::SubstringFinder> finders;
  for (const std::string& literal : literals)
    finders.emplace_back(literal, base::LetterCase::kIgnoreAscii);
  RowIds holding;
  std::string other;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const event::ValueView value = raw.view(i);
    if (value.is_null()) continue;
    std::string_view text;
    if (value.type() == event::Type::kString) {
      text = value.as_string();
    } else {
      other = event::text(value);
      text = other;
    }
    const auto stands = [&](const base::SubstringFinder& finder) { return finder.contains(text); };
    if (std::ranges::all_of(finders, stands)) holding.push_back(static_cast<std::uint32_t>(i));
  }
  return holding;
}

}  // namespace

Result<std::shared_ptr<const SegmentReader>> SegmentReader::open(
    std::shared_ptr<ByteSource> source) {
  const std::uint64_t size = source->size();
  if (size < kSegmentMagic.size() + kTrailerBytes)
    return Error{ErrorCode::kCorruption, "not a segment"};
  SharedBytes end =
      TRY(source->read(size - std::min(size, kFirstReadBytes), std::min(size, kFirstReadBytes)));
  const std::string_view trailer = end.view.substr(end.view.size() - kTrailerBytes);
  const std::uint64_t bytes = TRY(footer_bytes(trailer, size));
  if (bytes > end.view.size()) end = TRY(source->read(size - bytes, bytes));
  Footer footer =
      TRY(decode_footer(end.view.substr(end.view.size() - static_cast<std::size_t>(bytes)), size));
  return std::shared_ptr<const SegmentReader>(
      new SegmentReader(std::move(source), std::move(footer)));
}

SegmentReader::SegmentReader(std::shared_ptr<ByteSource> source, Footer footer)
    : source_(std::move(source)), footer_(std::move(footer)) {
  for (const RowGroup& group : footer_.row_groups)
    marks_.push_back(std::make_unique<CheckMark[]>(group.columns.size()));
}

const RowGroup& SegmentReader::group_at(std::size_t row_group) const {
  LYNXDB_CHECK(row_group < footer_.row_groups.size());
  return footer_.row_groups[row_group];
}

Result<SegmentReader::Chunks> SegmentReader::read_chunks(
    std::size_t row_group, std::span<const std::string> fields) const {
  const RowGroup& group = group_at(row_group);
  const std::vector<const ColumnChunk*> chunks = chunks_for(footer_, group, fields);
  CheckMark* const marks = source_->stays() ? marks_[row_group].get() : nullptr;
  auto own = marks != nullptr ? nullptr : std::make_unique<CheckMark[]>(chunks.size());
  auto parts = std::make_shared<const std::vector<SharedBytes>>(
      TRY(read_ranges(*source_, ranges_of(chunks))));
  Chunks result;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    CheckMark* const mark = own != nullptr ? &own[i] : marks + (chunks[i] - group.columns.data());
    result.named.push_back({footer_.columns[chunks[i]->column], (*parts)[i].view, mark});
  }
  result.own_marks = std::move(own);
  result.owner = std::move(parts);
  return result;
}

Result<EventBatch> SegmentReader::decode(std::size_t row_group, const Chunks& chunks,
                                         std::span<const std::string> fields, const RowIds* rows,
                                         NumberDictionaries* dictionaries,
                                         const FieldExcerpt* excerpt) const {
  const RowGroup& group = group_at(row_group);
  if (chunks.named.empty()) return EventBatch(rows != nullptr ? rows->size() : group.rows);
  Result<EventBatch> batch =
      rows != nullptr ? decode_row_group(chunks.named, fields, chunks.owner, *rows)
                      : decode_row_group(chunks.named, fields, chunks.owner, dictionaries, excerpt);
  TRY(source_->check());
  if (batch && batch->rows() != (rows != nullptr ? rows->size() : group.rows))
    batch = Error{ErrorCode::kCorruption, "a column has another number of rows than its group"};
  if (!batch) return std::move(batch).error().in(fmt::format("row group {}", row_group));
  return batch;
}

Result<EventBatch> SegmentReader::read(std::size_t row_group, std::span<const std::string> fields,
                                       NumberDictionaries* dictionaries,
                                       const FieldExcerpt* excerpt) const {
  return decode(row_group, TRY(read_chunks(row_group, fields)), fields, nullptr, dictionaries,
                excerpt);
}

Result<EventBatch> SegmentReader::read_rows(std::size_t row_group,
                                            std::span<const std::string> fields,
                                            const RowIds& rows) const {
  if (!rows.empty()) LYNXDB_CHECK(rows.back() < group_at(row_group).rows);
  return decode(row_group, TRY(read_chunks(row_group, fields)), fields, &rows);
}

std::vector<std::string> SegmentReader::field_names(std::size_t row_group) const {
  std::vector<std::string> names;
  for (const ColumnChunk& chunk : group_at(row_group).columns)
    names.push_back(footer_.columns[chunk.column]);
  return names;
}

Result<std::optional<RowIds>> SegmentReader::candidates(
    std::size_t row_group, std::span<const std::string> literals) const {
  const RowGroup& group = group_at(row_group);
  if (group.text_index.size == 0) return std::optional<RowIds>();
  Result<RowsFound> found = find_in_text_index(*source_, group.text_index, group.rows, literals);
  TRY(source_->check());
  if (!found) return std::move(found).error().in(fmt::format("row group {}", row_group));
  return row_ids(std::move(*found), group.rows);
}

Result<RowIds> SegmentReader::narrowed(std::size_t row_group, const Chunks& chunks,
                                       std::span<const std::string> literals,
                                       const std::optional<RowIds>& rows) const {
  const std::size_t begin = rows ? rows->front() : 0;
  const std::size_t end = rows ? rows->back() + std::size_t{1} : group_at(row_group).rows;
  Result<RowIds> holding =
      rows_that_may_hold(chunks.named, std::string(event::kRaw), literals, begin, end);
  TRY(source_->check());
  if (!holding) return std::move(holding).error().in(fmt::format("row group {}", row_group));
  if (!rows) return holding;
  RowIds both;
  std::ranges::set_intersection(*rows, *holding, std::back_inserter(both));
  return both;
}

Result<FoundRows> SegmentReader::find_rows(std::size_t row_group,
                                           std::span<const std::string> literals) const {
  std::optional<RowIds> rows = TRY(candidates(row_group, literals));
  if (rows && rows->empty()) return FoundRows();
  const std::string raw_name(event::kRaw);
  const Chunks chunks = TRY(read_chunks(row_group, std::span(&raw_name, 1)));
  if (!rows || rows->size() > kRowsToBuild) {
    rows = TRY(narrowed(row_group, chunks, literals, rows));
  }
  if (rows->empty()) return FoundRows();
  // What `_raw` needs is decoded with it.
  const bool few = rows->size() <= kRowsToBuild;
  std::vector<std::string> fields;
  for (const NamedChunk& chunk : chunks.named)
    if (few || chunk.name == raw_name) fields.emplace_back(chunk.name);
  EventBatch batch = TRY(decode(row_group, chunks, fields, &*rows));
  const ColumnPtr* raw = batch.find(event::kRaw);
  if (raw == nullptr) return FoundRows();
  const RowIds places = places_that_hold(**raw, literals);
  FoundRows found;
  for (const std::uint32_t place : places) found.rows.push_back((*rows)[place]);
  if (few) found.fields = places.size() == rows->size() ? std::move(batch) : batch.take(places);
  return found;
}

Result<RowIds> SegmentReader::rows_containing(std::size_t row_group,
                                              std::span<const std::string> literals) const {
  return TRY(find_rows(row_group, literals)).rows;
}

}  // namespace lynxdb::segment
