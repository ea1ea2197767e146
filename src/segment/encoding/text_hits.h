// Which values of a chunk may hold a literal (ASCII case ignored), found without building their
// text: in dictionaries once for each entry, in templates once for each template.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_search.h"
#include "event/value.h"
#include "segment/encoding/template_format.h"

namespace lynxdb::segment {

// For each value 1 or 0; 0 is certain, 1 is not.
struct TextHits {
  std::vector<std::uint8_t> text;  // The text may hold the literal.
  // The text as JSON writes it may hold it: as above, or it has characters that JSON escapes.
  std::vector<std::uint8_t> json;

  static TextHits all(std::size_t values, bool hit) {
    return {std::vector<std::uint8_t>(values, hit), std::vector<std::uint8_t>(values, hit)};
  }
  bool any() const;
};

// Immutable and thread-safe. Only the first kLiteralBytesMax bytes of the literal are looked for.
class LiteralQuery {
 public:
  static constexpr std::size_t kLiteralBytesMax = 63;

  explicit LiteralQuery(std::string_view literal);

  bool in_text(std::string_view text) const { return finder_.contains(text); }
  bool in_json(std::string_view text) const;
  TextHits hits_of(std::span<const std::string_view> values) const;
  // Whether the text form of a value of this type may hold it.
  bool may_be_in(event::Type type) const;
  // In lower case.
  const std::string& needle() const { return finder_.needle(); }

 private:
  base::SubstringFinder finder_;
};

// Follows a text part by part and says whether the literal may stand in it where it touches a part
// that is known, or several parts. What lies within one slot of text alone is not seen: that is for
// whoever knows the slot's values.
class LiteralWalk {
 public:
  explicit LiteralWalk(const LiteralQuery& query);

  void take_text(std::string_view known);
  void take_slot(SlotKind kind);
  bool may_hold() const { return hit_; }

 private:
  const std::string& needle_;
  std::uint64_t begun_ = 0;  // Bit i: what was taken may end with the first i bytes of the needle.
  bool hit_ = false;
};

}  // namespace lynxdb::segment
