// What a sample of texts tells about the tokens in them: which repeat another column, and which
// look different from row to row (an id of digits only, a number with zeros ahead) but are the same
// slot. Without it rows of one template would fall apart into many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/template_format.h"
#include "segment/encoding/template_tokens.h"

namespace lynxdb::segment {

// The text right before a token, back to where the word before it begins: what kind of value
// usually follows is decided by it. Not further back than `from`, where the last value ended.
std::string_view context_of(std::string_view text, std::size_t from, std::size_t token);

// How tokens behind one context are to be taken.
struct TokenRule {
  std::optional<std::uint32_t> sibling;  // Compare with this column first.
  std::uint8_t padded = 0;               // Numbers of this many digits are kPadded.
  std::uint8_t hex = 0;                  // Words of this many bytes are kHex.
  bool text = false;                     // Words are kText, with digits or without.
};

// For maps that are asked by view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return base::xxh3(text); }
};
template <typename T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

struct TemplateRules {
  std::vector<std::uint32_t> texts;  // Columns of strings that occur in the texts.
  TextMap<TokenRule> of_context;

  const TokenRule* find(std::string_view context) const {
    const auto found = of_context.find(context);
    return found == of_context.end() ? nullptr : &found->second;
  }
};

TemplateRules learn_rules(std::span<const std::string_view> values, const Siblings& siblings);

// --- Columns as text -----------------------------------------------------------------------------

// The size of what stands at `at` and is the string `value`, as it is or escaped as in JSON, when
// the words around it end there; nullopt when it is something else. Empty values never fit.
struct SameText {
  SlotKind kind = SlotKind::kSameText;
  std::size_t size = 0;
};
std::optional<SameText> same_text(std::string_view text, std::size_t at, std::string_view value);

// The reference that gives back `token`, a number or a time, from `value`; nullopt when none does.
// `sibling` of the answer is not set.
std::optional<SlotSpec> same_value(std::string_view text, const Token& token,
                                   event::ValueView value);

}  // namespace lynxdb::segment
