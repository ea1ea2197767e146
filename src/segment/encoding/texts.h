// Strings in the form that suits them.
//
//   texts := 0 text_blocks                       text_blocks.h
//          | 1 size:varint texts codes           distinct strings ascending (no dictionary),
//          codes.h | 2 templates                         templates.h
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "segment/chunk_codec.h"
#include "segment/encoding/codes.h"
#include "segment/encoding/distinct_texts.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/templates.h"
#include "segment/encoding/text_blocks.h"
#include "segment/encoding/text_hits.h"
#include "segment/encoding/text_values.h"

namespace lynxdb::segment {

// Which forms besides blocks are allowed.
struct TextForms {
  bool dictionary = true;
  bool templates = true;
};

struct TextOptions {
  Compression compression = Compression::kZstd;
  // Columns that may be referred to, and where to say which were.
  Siblings siblings;
  std::vector<std::uint32_t>* used_siblings = nullptr;
};

// `distinct`: what distinct_texts says of `values`.
void put_texts(std::span<const std::string_view> values,
               const std::optional<DistinctTexts>& distinct, const TextOptions& options,
               std::string& out);

// The same for strings that are part of another form: without references, and only in the forms
// that are not around them already, so that nesting ends.
void put_inner_texts(std::span<const std::string_view> values, TextForms forms,
                     Compression compression, std::string& out);

// Encoded strings. Borrows its bytes. Thread-safe. Errors: kCorruption.
class Texts {
 public:
  // `siblings`: how many columns the texts may refer to.
  static Result<Texts> parse(base::ByteReader& in, std::size_t count, TextForms forms,
                             std::size_t siblings);

  // The distinct strings, when they are stored as such; codes then say which string each value is.
  bool has_dictionary() const { return codes_.has_value(); }
  Result<TextValues> dictionary() const;
  const Codes& codes() const { return *codes_; }

  // The strings, when they are not: all, or by position (ascending). `siblings` has the columns
  // that the texts refer to; its rows are those of the values asked for.
  Result<TextValues> all(const Siblings& siblings) const;
  Result<TextValues> at(std::span<const std::uint32_t> rows, const Siblings& siblings) const;

  // Instead of all strings what a search for `pattern` has to see of each, as ExcerptFinder says;
  // nullopt when that is no less. `siblings`: where pattern.first may be in the columns referred
  // to; `rows`: the row of each value, empty when value i is row i.
  Result<std::optional<TextValues>> excerpts(const base::RunPattern& pattern,
                                             std::span<const TextHits* const> siblings,
                                             const FetchSibling& fetch,
                                             std::span<const std::uint32_t> rows) const;

  // The strings as numbers, when they differ in nothing else; rows without a text of their own.
  Result<std::optional<NumberedValues>> numbered() const;

  // Which values of `stretch` may hold the literal. `siblings`: the hits of the columns referred
  // to, in the stretch of their rows; `rows`: where in that each value is, empty when value i is
  // row i.
  Result<TextHits> hits(const LiteralQuery& query, Stretch stretch,
                        std::span<const TextHits* const> siblings,
                        std::span<const std::uint32_t> rows) const;

 private:
  Texts() = default;

  std::optional<TextBlocks> blocks_;
  std::optional<Codes> codes_;
  std::size_t entry_count_ = 0;
  std::shared_ptr<const Texts> entries_;
  std::shared_ptr<const Templates> templates_;
};

}  // namespace lynxdb::segment
