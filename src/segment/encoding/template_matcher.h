// Recognises texts of templates that were met before: whether the literals stand where they did and
// the values between them are what the slots take. That is several times as fast as looking for
// values anew (template_parser.h), and most rows of a log look like an earlier one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "segment/encoding/row_strings.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/template_format.h"
#include "segment/encoding/template_parser.h"
#include "segment/encoding/template_rules.h"

namespace lynxdb::segment {

// Belongs to one thread. Borrows rules, what siblings show and the texts it learns from. Its memory
// is bounded, whatever it is given to learn.
class TemplateMatcher {
 public:
  TemplateMatcher(const TemplateRules& rules, const Siblings& siblings);

  // A value of a slot that is no reference.
  struct Value {
    std::uint32_t slot = 0;
    SlotKind kind = SlotKind::kText;
    std::int64_t number = 0;  // Of all kinds but kHex and kText.
    std::string_view token;
  };

  // `text` has the template `number`, these pieces, and a slot for each. Not for templates of one
  // slot that takes everything. What is known already is not learned twice.
  void learn(std::uint32_t number, std::string_view text, std::span<const Piece> pieces,
             std::span<const std::uint32_t> slots);

  // The template of `text`, the value of `row`. Then rendering it with values() and the row's
  // siblings gives `text`, and the parser would have found no more references in it. Nullopt: ask
  // the parser.
  std::optional<std::uint32_t> match(std::string_view text, std::size_t row);
  // Front to back; of the last match.
  std::span<const Value> values() const { return values_; }

 private:
  // A literal and the slot behind it.
  struct Part {
    std::string_view literal;
    SlotSpec spec;
    std::uint32_t slot = 0;
    const TokenRule* rule = nullptr;  // How the parser takes tokens here; not of references.
  };
  struct Pattern {
    std::uint32_t number = 0;
    std::vector<Part> parts;
    std::string_view end;                    // The literal behind the last slot.
    std::vector<std::uint32_t> other_texts;  // Columns that it does not refer to.
  };

  bool fits(const Pattern& pattern, std::string_view text);
  // Where the value that stands at `at` ends; nullopt when it is none for the part.
  std::optional<std::size_t> take(const Pattern& pattern, const Part& part, std::string_view text,
                                  std::size_t at);
  void note_first_bytes();
  std::optional<std::size_t> take_reference(const Part& part, std::string_view text,
                                            std::size_t at);
  bool may_be_reference(const Pattern& pattern, const Part& part, std::string_view text,
                        const Token& token);
  void move_forward(std::vector<std::uint32_t>& patterns, std::size_t place);

  const TemplateRules& rules_;
  const Siblings siblings_;
  std::vector<RowStrings> strings_;  // Of all siblings.
  std::vector<Pattern> patterns_;
  // By the first byte of the texts, the likely ones first; the last list: of any first byte.
  std::array<std::vector<std::uint32_t>, 257> by_first_byte_;
  std::size_t parts_ = 0;
  std::vector<bool> known_;              // By number.
  std::size_t row_ = 0;                  // Of the siblings.
  bool noted_ = false;                   // first_bytes_ is of row_.
  std::array<bool, 256> first_bytes_{};  // Of the texts that may be referred to.
  std::string first_bytes_set_;
  std::vector<Value> values_;
  std::string scratch_;
};

}  // namespace lynxdb::segment
