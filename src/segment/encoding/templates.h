// Strings as templates (template_format.h), encoded and read.
//
//   templates := text_bytes:varint                 of all rows
//                slots:varint slot * slots
//                templates:varint block            compressed: template * templates
//                codes                             the template of each row
//                values                            of each slot that is no reference
//   slot      := kind:u8 size:u8 [sibling:varint]  sibling: of references
//   template  := parts:varint part * parts
//   part      := literal:string slot:varint        0: no slot, the end of the template; else + 1
//   values    := count:varint (integers | texts | block)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/run_pattern.h"
#include "segment/chunk_codec.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/template_format.h"
#include "segment/encoding/text_hits.h"
#include "segment/encoding/text_values.h"
#include "segment/number_dictionaries.h"

namespace lynxdb::segment {

struct EncodedTemplates {
  std::string bytes;
  std::vector<std::uint32_t> used_siblings;  // Reference number i means column used_siblings[i].
};

// Nullopt when the strings have too little in common. `inner_dictionary`: whether text in slots may
// be stored as a dictionary.
std::optional<EncodedTemplates> encode_templates(std::span<const std::string_view> values,
                                                 const Siblings& siblings, bool inner_dictionary,
                                                 Compression compression);

// Texts of one template with one slot, for a number; and the number of each.
struct NumberedValues {
  NumberedTexts texts;
  std::vector<std::int64_t> numbers;
};

// Gives the column that texts refer to by this number.
using FetchSibling = std::function<Result<event::ColumnPtr>(std::size_t)>;

// Encoded strings. Borrows its bytes. Thread-safe. Errors: kCorruption.
class Templates {
 public:
  // `siblings`: how many columns the templates may refer to.
  static Result<Templates> parse(base::ByteReader& in, std::size_t count, bool inner_dictionary,
                                 std::size_t siblings);

  // As Texts::all and Texts::at.
  Result<TextValues> all(const Siblings& siblings) const;
  Result<TextValues> at(std::span<const std::uint32_t> rows, const Siblings& siblings) const;
  // As Texts::excerpts.
  Result<std::optional<TextValues>> excerpts(const base::RunPattern& pattern,
                                             std::span<const TextHits* const> siblings,
                                             const FetchSibling& fetch,
                                             std::span<const std::uint32_t> rows) const;
  // As Texts::numbered.
  Result<std::optional<NumberedValues>> numbered() const;
  // As Texts::hits.
  Result<TextHits> hits(const LiteralQuery& query, Stretch stretch,
                        std::span<const TextHits* const> siblings,
                        std::span<const std::uint32_t> rows) const;

 private:
  class Impl;
  explicit Templates(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<const Impl> impl_;
};

}  // namespace lynxdb::segment
