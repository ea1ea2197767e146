// A column of any kind: its type, which rows are null, and the values of the others.
//
//   column := 0                             every row null
//           | 1 nulls codes                 bools as 0 and 1
//           | 2 nulls integers              ints
//           | 3 nulls floats
//           | 4 nulls integers              timestamps, ns since 1970
//           | 5 nulls texts                 strings
//           | 6 nulls integers column       lists: the size of each, then all elements (no lists)
//           | 7 nulls codes column * types  mixed: the type of each (1..6), then, in the order of
//                                           types, a column of the values of each type that occurs
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "event/column.h"
#include "segment/chunk_codec.h"
#include "segment/chunk_stats.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/templates.h"
#include "segment/encoding/text_hits.h"
#include "segment/number_dictionaries.h"

namespace lynxdb::segment {

enum class BodyType : std::uint8_t {
  kNothing = 0,
  kBools = 1,
  kInts = 2,
  kFloats = 3,
  kTimestamps = 4,
  kStrings = 5,
  kLists = 6,
  kMixed = 7,
};

struct BodyOptions {
  Compression compression = Compression::kZstd;
  std::span<const event::ColumnPtr> siblings;  // Of the same rows.
  std::vector<std::uint32_t>* used_siblings = nullptr;
  std::uint64_t* distinct = nullptr;  // Set to the number of distinct values when it is known.
  std::optional<TextBounds>* text_bounds = nullptr;  // Set when they are known.
};

void put_column(const event::Column& column, const BodyOptions& options, std::string& out);

// Which rows are wanted: all, or some in ascending order.
using WantedRows = std::optional<std::span<const std::uint32_t>>;

// Row i of `siblings` belongs to the i-th row wanted. `dictionaries`: as ChunkReader::column.
// Errors: kCorruption.
Result<event::ColumnPtr> take_column(base::ByteReader& in, std::size_t rows,
                                     const WantedRows& wanted,
                                     std::span<const event::ColumnPtr> siblings,
                                     NumberDictionaries* dictionaries = nullptr);

// The dictionary of a column of strings that has one; null for others.
Result<event::ColumnPtr> take_dictionary(base::ByteReader& in, std::size_t rows,
                                         std::size_t siblings);

// A column of strings with less of each: Texts::excerpts. Null when it gives nothing.
Result<event::ColumnPtr> take_excerpts(base::ByteReader& in, std::size_t rows,
                                       const base::RunPattern& pattern,
                                       std::span<const TextHits* const> siblings,
                                       const FetchSibling& fetch);

// Which rows' text may hold the literal, of those in `stretch`. `siblings`: the same of the columns
// referred to.
Result<TextHits> take_text_hits(base::ByteReader& in, std::size_t rows, Stretch stretch,
                                const LiteralQuery& query,
                                std::span<const TextHits* const> siblings);

}  // namespace lynxdb::segment
