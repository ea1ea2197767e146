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

// Neighbours among the values of a chunk, or among its rows: [begin, end).
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
};

// For each value of a stretch 1 or 0; 0 is certain, 1 is not. Empty vectors: 0 for each.
struct TextHits {
  std::vector<std::uint8_t> text;  // The text may hold the literal.
  // The text as JSON writes it may hold it: as above, or it has characters that JSON escapes.
  std::vector<std::uint8_t> json;

  static TextHits none() { return {}; }
  static TextHits all(std::size_t values, bool hit) {
    if (!hit) return none();
    return {std::vector<std::uint8_t>(values, 1), std::vector<std::uint8_t>(values, 1)};
  }
  static TextHits zeros(std::size_t values) {
    return {std::vector<std::uint8_t>(values), std::vector<std::uint8_t>(values)};
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
  // Of values of `digits` hexadecimal digits each, back to back in `bytes`, two digits a byte:
  // those that hold the literal, and those that begin with what is left of it behind its first i
  // bytes, bit i of `begun` being set.
  TextHits hits_of_hex(std::string_view bytes, std::size_t digits, std::uint64_t begun) const;
  // Whether the text form of a value of this type may hold it.
  bool may_be_in(event::Type type) const;
  // In lower case.
  const std::string& needle() const { return finder_.needle(); }

 private:
  base::SubstringFinder finder_;
};

// Follows a text part by part and says whether the literal may stand in it where it touches a part
// that is known, or several parts. What lies within one slot of text or of hexadecimal digits alone
// is not seen, nor what ends in a slot of digits: that is for whoever knows the slot's values.
class LiteralWalk {
 public:
  explicit LiteralWalk(const LiteralQuery& query);

  void take_text(std::string_view known);
  void take_slot(const SlotSpec& spec);
  bool may_hold() const { return hit_; }
  // Bit i: what was taken may end with the first i bytes of the literal (i > 0).
  std::uint64_t begun() const { return begun_; }

 private:
  void take_hex(std::size_t digits);

  const std::string& needle_;
  std::uint64_t begun_ = 0;
  bool hit_ = false;
};

}  // namespace lynxdb::segment
