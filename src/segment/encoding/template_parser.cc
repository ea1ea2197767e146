#include "segment/encoding/template_parser.h"

#include <algorithm>

namespace lynxdb::segment {
TemplateParser::TemplateParser(const TemplateRules& rules, const Siblings& siblings)
    : rules_(rules), siblings_(siblings) {
  for (const std::uint32_t sibling : rules.texts) {
    const RowStrings strings(*siblings.columns[sibling]);
    if (strings.any()) text_columns_.push_back({sibling, strings});
  }
}

void TemplateParser::take_row(std::size_t row) {
  row_ = siblings_.row(row);
  for (const RowText& row_text : row_texts_) {
    first_bytes_[static_cast<unsigned char>(row_text.text.front())] = false;
  }
  first_bytes_['\\'] = false;
  row_texts_.clear();
  for (const TextColumn& column : text_columns_) {
    const std::string_view text = column.strings.at(row_);
    if (text.size() < kSameTextMin) continue;
    row_texts_.push_back({column.sibling, text});
    const char first = text.front();
    first_bytes_[static_cast<unsigned char>(first)] = true;
    // JSON escapes begin with a backslash, whatever they stand for.
    const bool special = first == '"' || static_cast<unsigned char>(first) < ' ';
    if (special) first_bytes_['\\'] = true;
  }
  std::sort(row_texts_.begin(), row_texts_.end(), [](const RowText& a, const RowText& b) {
    return a.text.size() != b.text.size() ? a.text.size() > b.text.size() : a.sibling < b.sibling;
  });
}

void TemplateParser::add(const SlotSpec& spec, const Token& token, std::string_view context) {
  pieces_.push_back({spec, token, context});
  last_end_ = token.end;
}

bool TemplateParser::take_reference(std::string_view text, std::size_t at) {
  for (const RowText& row_text : row_texts_) {
    const auto same = same_text(text, at, row_text.text);
    if (!same) continue;
    Token token;
    token.begin = at;
    token.end = at + same->size;
    add({same->kind, 0, row_text.sibling}, token, {});
    return true;
  }
  return false;
}

// Takes what `word` begins with or contains; gives where to go on.
std::size_t TemplateParser::take_word(std::string_view text, const Word& word) {
  const std::string_view context = context_of(text, last_end_, word.begin);
  const TokenRule* rule = rules_.find(context);
  if (rule != nullptr && rule->text) {
    add({SlotKind::kText, 0, 0}, {.begin = word.begin, .end = word.end}, context);
    return word.end;
  }
  if (rule != nullptr && rule->hex != 0) {
    const auto hex = hex_token(word);
    if (hex && hex->size == rule->hex) {
      add({SlotKind::kHex, hex->size, 0}, *hex, context);
      return word.end;
    }
  }
  if ((word.classes & kDigitChar) == 0) return word.end;
  const auto token = token_in(text, word);
  if (!token) return word.end;
  // The context of digits within a word includes the letters before them.
  const std::string_view own =
      token->begin == word.begin ? context : context_of(text, last_end_, token->begin);
  rule = token->begin == word.begin ? rule : rules_.find(own);
  SlotSpec spec{token->kind, token->size, 0};
  if (rule != nullptr && rule->sibling) {
    const event::ValueView value = siblings_.columns[*rule->sibling]->view(row_);
    if (auto same = same_value(text, *token, value)) {
      same->sibling = *rule->sibling;
      add(*same, *token, {});
      return token->end;
    }
  }
  if (rule != nullptr && token->kind == SlotKind::kInteger && rule->padded != 0 &&
      token->end - token->begin == rule->padded) {
    spec = {SlotKind::kPadded, rule->padded, 0};
  }
  add(spec, *token, own);
  return token->end;
}

const std::vector<Piece>* TemplateParser::parse(std::string_view text, std::size_t row) {
  pieces_.clear();
  last_end_ = 0;
  take_row(row);
  for (std::size_t at = 0; at < text.size();) {
    if (pieces_.size() + 1 >= kTemplatePartsMax) return nullptr;
    const bool in_word = at > 0 && is_word_char(text[at - 1]) && is_word_char(text[at]);
    if (first_bytes_[static_cast<unsigned char>(text[at])] && !in_word &&
        take_reference(text, at)) {
      at = last_end_;
      continue;
    }
    if (!is_word_char(text[at])) {
      ++at;
      continue;
    }
    at = take_word(text, word_at(text, at));
  }
  return &pieces_;
}

}  // namespace lynxdb::segment
