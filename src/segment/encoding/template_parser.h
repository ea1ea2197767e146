// Takes one text apart into literals and values.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "segment/encoding/row_strings.h"
#include "segment/encoding/siblings.h"
#include "segment/encoding/template_format.h"
#include "segment/encoding/template_rules.h"
#include "segment/encoding/template_tokens.h"

namespace lynxdb::segment {

// Strings of other columns that are shorter are found everywhere, and not looked for.
inline constexpr std::size_t kSameTextMin = 3;

// A value in a text, and how it is taken.
struct Piece {
  SlotSpec spec;
  Token token;
  std::string_view context;  // Numbers and texts behind the same words share a slot.
};

// Belongs to one thread. Borrows rules and siblings.
class TemplateParser {
 public:
  TemplateParser(const TemplateRules& rules, const Siblings& siblings);

  // The pieces of `text`, the value of `row`, front to back without overlap. Valid until the next
  // call. Nullptr when there are more than kTemplatePartsMax - 1.
  const std::vector<Piece>* parse(std::string_view text, std::size_t row);

 private:
  void take_row(std::size_t row);
  bool take_reference(std::string_view text, std::size_t at);
  std::size_t take_word(std::string_view text, const Word& word);
  void add(const SlotSpec& spec, const Token& token, std::string_view context);

  const TemplateRules& rules_;
  const Siblings siblings_;
  std::size_t row_ = 0;
  struct RowText {
    std::uint32_t sibling;
    std::string_view text;
  };
  struct TextColumn {
    std::uint32_t sibling;
    RowStrings strings;
  };
  std::vector<TextColumn> text_columns_;
  std::vector<RowText> row_texts_;       // Longest first.
  std::array<bool, 256> first_bytes_{};  // Of row_texts_.
  std::vector<Piece> pieces_;
  std::size_t last_end_ = 0;
};

}  // namespace lynxdb::segment
