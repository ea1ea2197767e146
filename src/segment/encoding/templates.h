// Strings as templates (template_format.h), encoded and read.
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
#include "segment/encoding/siblings.h"
#include "segment/encoding/template_format.h"
#include "segment/encoding/text_values.h"

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

class SlotValues;

// Encoded strings. Borrows its bytes. Thread-safe. Errors: kCorruption.
class Templates {
 public:
  // `siblings`: how many columns the templates may refer to.
  static Result<Templates> parse(base::ByteReader& in, std::size_t count, bool inner_dictionary,
                                 std::size_t siblings);

  // As Texts::all and Texts::at.
  Result<TextValues> all(const Siblings& siblings) const;
  Result<TextValues> at(std::span<const std::uint32_t> rows, const Siblings& siblings) const;

 private:
  struct Part {
    bool literal = false;
    std::uint32_t slot = 0;
    std::string_view text;
  };
  struct Template {
    std::vector<Part> parts;
  };

  explicit Templates(Codes codes) : codes_(std::move(codes)) {}

  std::string literals_;  // What the parts' text borrows from.
  std::vector<Template> templates_;
  std::vector<SlotSpec> specs_;
  std::vector<std::shared_ptr<const SlotValues>> slots_;
  Codes codes_;
  std::size_t text_bytes_ = 0;
};

}  // namespace lynxdb::segment
