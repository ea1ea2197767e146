#include "segment/row_group_codec.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/stop_scope.h"
#include "segment/encoding/limits.h"
#include "segment/encoding/text_hits.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Field;
using event::Kind;
using Wanted = std::optional<std::span<const std::uint32_t>>;

// Chains of references are as long as texts are nested in texts: a few.
constexpr std::size_t kDepthMax = 64;

bool holds_strings(const Column& column) {
  return column.kind() == Kind::kString || column.kind() == Kind::kDictionary;
}

// The first rows tell how long strings are: short ones are found in long ones.
std::size_t text_bytes(const Column& column) {
  constexpr std::size_t kSample = 256;
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < std::min(kSample, column.size()); ++row) {
    bytes += column.view(row).as_string().size();
  }
  return bytes;
}

// Fields with strings, each before those that may refer to it.
std::vector<std::size_t> text_order(const EventBatch& batch) {
  std::vector<std::pair<std::size_t, std::size_t>> order;  // Length, field.
  for (std::size_t i = 0; i < batch.field_count(); ++i) {
    const Field& field = batch.fields()[i];
    if (!holds_strings(*field.column)) continue;
    const std::size_t length = field.name == event::kRaw ? SIZE_MAX : text_bytes(*field.column);
    order.emplace_back(length, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::size_t> fields;
  for (const auto& [length, field] : order) fields.push_back(field);
  return fields;
}

Result<ChunkReader> open_chunk(const NamedChunk& chunk, Column::Owner owner) {
  const bool checked = chunk.mark != nullptr && chunk.mark->is_good();
  Result<ChunkReader> reader = ChunkReader::open(chunk.bytes, std::move(owner), checked);
  if (reader && !checked && chunk.mark != nullptr) chunk.mark->set();
  return reader;
}

// Decodes columns and those that they need, each once.
class Decoding {
 public:
  Decoding(Column::Owner owner, Wanted wanted, NumberDictionaries* dictionaries)
      : owner_(std::move(owner)), wanted_(wanted), dictionaries_(dictionaries) {}

  Result<void> add(const NamedChunk& chunk) {
    Result<ChunkReader> reader = open_chunk(chunk, owner_);
    if (!reader) return std::move(reader).error().in(chunk.name);
    if (!rows_) rows_ = reader->rows();
    if (*rows_ != reader->rows()) {
      return corrupt("the chunks of a row group have different numbers of rows");
    }
    entries_.insert_or_assign(std::string(chunk.name), Entry{std::move(*reader), nullptr});
    return {};
  }

  // The column, or less of its texts (FieldExcerpt), which is for nobody else.
  Result<ColumnPtr> excerpt(const FieldExcerpt& excerpt, std::span<const NamedChunk> chunks);

  std::size_t rows() const { return wanted_ ? wanted_->size() : rows_.value_or(0); }
  std::size_t stored_rows() const { return rows_.value_or(0); }
  bool has(const std::string& name) const { return entries_.contains(name); }

  Result<ColumnPtr> column(const std::string& name, std::size_t depth = 0) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return corrupt("the column " + name + " is not there");
    Entry& entry = found->second;
    if (entry.column != nullptr) return entry.column;
    if (depth > kDepthMax) return corrupt("columns refer to each other in a circle");
    if (base::must_stop()) return stopped_decoding();
    EventBatch siblings(rows());
    for (const std::string& needed : TRY(entry.reader.needs())) {
      siblings.set(needed, TRY(column(needed, depth + 1)));
    }
    Result<ColumnPtr> column = wanted_ ? entry.reader.rows_at(*wanted_, &siblings)
                                       : entry.reader.column(&siblings, dictionaries_);
    if (!column) return std::move(column).error().in(name);
    entry.column = *column;
    return column;
  }

 private:
  struct Entry {
    ChunkReader reader;
    ColumnPtr column;
  };

  Column::Owner owner_;
  Wanted wanted_;
  NumberDictionaries* dictionaries_;
  std::optional<std::size_t> rows_;
  std::map<std::string, Entry, std::less<>> entries_;
};

// Where a literal may be, in a column and those that it needs, each once.
class Searching {
 public:
  // In these rows.
  Searching(std::span<const NamedChunk> chunks, Stretch rows) : chunks_(chunks), stretch_(rows) {}

  Result<TextHits> hits(const std::string& name, const LiteralQuery& query) {
    found_.clear();
    return *TRY(find(name, query, 0));
  }
  // Valid until the next call of either.
  Result<std::vector<const TextHits*>> hits_of_all(std::span<const std::string> names,
                                                   const LiteralQuery& query) {
    found_.clear();
    std::vector<const TextHits*> all;
    for (const std::string& name : names) all.push_back(TRY(find(name, query, 1)));
    return all;
  }
  bool has(std::string_view name) const { return chunk(name) != nullptr; }

 private:
  const NamedChunk* chunk(std::string_view name) const {
    const auto found = std::ranges::find(chunks_, name, &NamedChunk::name);
    return found == chunks_.end() ? nullptr : &*found;
  }

  Result<const TextHits*> find(const std::string& name, const LiteralQuery& query,
                               std::size_t depth) {
    if (const auto known = found_.find(name); known != found_.end()) return &known->second;
    const NamedChunk* at = chunk(name);
    if (at == nullptr) return corrupt("the column " + name + " is not there");
    if (depth > kDepthMax) return corrupt("columns refer to each other in a circle");
    if (base::must_stop()) return stopped_decoding();
    const ChunkReader& reader = *TRY(opened(*at));
    std::vector<const TextHits*> siblings;
    for (const std::string& needed : TRY(reader.needs())) {
      siblings.push_back(TRY(find(needed, query, depth + 1)));
    }
    return &found_.insert_or_assign(name, TRY(reader.text_hits(query, stretch_, siblings)))
                .first->second;
  }

  // Once for all literals: most of what it costs is the checksum.
  Result<const ChunkReader*> opened(const NamedChunk& chunk) {
    if (const auto known = readers_.find(chunk.name); known != readers_.end())
      return &known->second;
    ChunkReader reader = TRY(open_chunk(chunk, nullptr));
    if (rows_.value_or(reader.rows()) != reader.rows()) {
      return corrupt("the chunks of a row group have different numbers of rows");
    }
    rows_ = reader.rows();
    if (stretch_.end > *rows_) return corrupt("a column has fewer rows than its group");
    return &readers_.emplace(chunk.name, std::move(reader)).first->second;
  }

  std::span<const NamedChunk> chunks_;
  const Stretch stretch_;
  std::optional<std::size_t> rows_;
  std::map<std::string_view, ChunkReader> readers_;
  std::map<std::string, TextHits> found_;
};

Result<ColumnPtr> Decoding::excerpt(const FieldExcerpt& excerpt,
                                    std::span<const NamedChunk> chunks) {
  const ChunkReader& reader = entries_.find(excerpt.field)->second.reader;
  const std::vector<std::string> needs = TRY(reader.needs());
  Searching searching(chunks, {0, stored_rows()});
  const std::vector<const TextHits*> hits =
      TRY(searching.hits_of_all(needs, LiteralQuery(excerpt.pattern.first)));
  const auto fetch = [&](std::size_t sibling) { return column(needs[sibling], 1); };
  Result<ColumnPtr> found = reader.excerpts(excerpt.pattern, hits, fetch);
  if (!found) return std::move(found).error().in(excerpt.field);
  return *found != nullptr ? found : column(excerpt.field);
}

Result<EventBatch> decode(std::span<const NamedChunk> chunks, std::span<const std::string> wanted,
                          const Column::Owner& owner, Wanted rows, NumberDictionaries* dictionaries,
                          const FieldExcerpt* excerpt = nullptr) {
  Decoding decoding(owner, rows, dictionaries);
  for (const NamedChunk& chunk : chunks) TRY(decoding.add(chunk));
  if (rows && !rows->empty()) LYNXDB_CHECK(rows->back() < decoding.stored_rows());
  EventBatch batch(decoding.rows());
  for (const std::string& name : wanted) {
    if (!decoding.has(name)) continue;
    const bool whole = excerpt == nullptr || name != excerpt->field;
    batch.set(name, TRY(whole ? decoding.column(name) : decoding.excerpt(*excerpt, chunks)));
  }
  return batch;
}

}  // namespace

std::vector<EncodedChunk> encode_row_group(const EventBatch& batch, Compression compression) {
  std::vector<EncodedChunk> chunks(batch.field_count());
  EventBatch siblings(batch.rows());
  for (std::size_t i = 0; i < batch.field_count(); ++i) {
    const Field& field = batch.fields()[i];
    if (holds_strings(*field.column)) continue;
    chunks[i] = encode_chunk(*field.column, {compression, nullptr});
    siblings.set(field.name, field.column);
  }
  for (const std::size_t i : text_order(batch)) {
    const Field& field = batch.fields()[i];
    chunks[i] = encode_chunk(*field.column, {compression, &siblings});
    siblings.set(field.name, field.column);
  }
  return chunks;
}

Result<EventBatch> decode_row_group(std::span<const NamedChunk> chunks,
                                    std::span<const std::string> wanted, const Column::Owner& owner,
                                    NumberDictionaries* dictionaries, const FieldExcerpt* excerpt) {
  return decode(chunks, wanted, owner, std::nullopt, dictionaries, excerpt);
}

Result<EventBatch> decode_row_group(std::span<const NamedChunk> chunks,
                                    std::span<const std::string> wanted, const Column::Owner& owner,
                                    std::span<const std::uint32_t> rows) {
  return decode(chunks, wanted, owner, rows, nullptr);
}

Result<std::vector<std::uint32_t>> rows_that_may_hold(std::span<const NamedChunk> chunks,
                                                      const std::string& name,
                                                      std::span<const std::string> literals,
                                                      std::size_t begin, std::size_t end) {
  Searching searching(chunks, {begin, end});
  std::vector<std::uint32_t> rows;
  if (!searching.has(name)) return rows;
  const std::string first = literals.empty() ? std::string() : literals[0];
  TextHits left = TRY(searching.hits(name, LiteralQuery(first)));
  for (std::size_t i = 1; i < literals.size() && left.any(); ++i) {
    const TextHits hits = TRY(searching.hits(name, LiteralQuery(literals[i])));
    if (!hits.any()) return rows;
    for (std::size_t row = 0; row < left.text.size(); ++row) left.text[row] &= hits.text[row];
  }
  for (std::size_t row = 0; row < left.text.size(); ++row) {
    if (left.text[row] != 0) rows.push_back(static_cast<std::uint32_t>(begin + row));
  }
  return rows;
}

}  // namespace lynxdb::segment
