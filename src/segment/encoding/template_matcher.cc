#include "segment/encoding/template_matcher.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "segment/encoding/floats.h"

namespace lynxdb::segment {
namespace {

// What is kept of templates, and how many are tried on a text, before parsing it is the better way.
constexpr std::size_t kPatternsMax = 1024;
constexpr std::size_t kPartsInAllMax = 65'536;
constexpr std::size_t kTriesMax = 64;
constexpr std::size_t kLongTriesMax = 12;  // Of those whose first literal fits.
// How far before a value it may be that another column's text begins.
constexpr std::size_t kBackMax = 64;

// memcmp without a call: literals and values are short.
bool same_bytes(const char* a, const char* b, std::size_t size) {
  using Word = std::uint64_t;
  const auto differ = [&](std::size_t at, std::size_t bytes) {
    Word x = 0;
    Word y = 0;
    std::memcpy(&x, a + at, bytes);
    std::memcpy(&y, b + at, bytes);
    return x != y;
  };
  if (size < sizeof(Word)) {
    if (size >= 4) return !differ(0, 4) && !differ(size - 4, 4);
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  for (std::size_t at = 0; at + sizeof(Word) < size; at += sizeof(Word)) {
    if (differ(at, sizeof(Word))) return false;
  }
  return !differ(size - sizeof(Word), sizeof(Word));
}

bool stands_at(std::string_view text, std::size_t at, std::string_view what) {
  return text.size() - at >= what.size() && same_bytes(text.data() + at, what.data(), what.size());
}

using base::is_digit;

// --- Values, as the parser takes them ------------------------------------------------------------

struct Digits {
  std::uint64_t number = 0;
  std::size_t end = 0;
};

// As many digits as there are; nullopt when none or more than a number may have.
std::optional<Digits> digits_at(std::string_view text, std::size_t at, std::uint64_t number = 0) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) {
    if (at - begin == kNumberDigitsMax) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(text[at++] - '0');
  }
  if (at == begin) return std::nullopt;
  return Digits{number, at};
}

bool has_zeros_ahead(std::string_view text, const Digits& digits, std::size_t begin) {
  return text[begin] == '0' && digits.end - begin > 1;
}

// Whether digits that end here may be the beginning of an address, a decimal or a time.
bool may_go_on(std::string_view text, std::size_t end) {
  return end + 1 < text.size() && (text[end] == '.' || text[end] == '-') && is_digit(text[end + 1]);
}

bool take_integer(std::string_view text, Token& token) {
  const auto digits = digits_at(text, token.begin);
  if (!digits || has_zeros_ahead(text, *digits, token.begin)) return false;
  token.end = digits->end;
  if (may_go_on(text, token.end)) {
    const auto found = token_in(text, word_at(text, token.begin));
    if (!found || found->kind != SlotKind::kInteger || found->end != token.end) return false;
  }
  token.number = static_cast<std::int64_t>(digits->number);
  return true;
}

bool take_padded(std::string_view text, Token& token) {
  const auto digits = digits_at(text, token.begin);
  if (!digits || digits->end - token.begin != token.size) return false;
  token.end = digits->end;
  token.number = static_cast<std::int64_t>(digits->number);
  return true;
}

bool take_decimal(std::string_view text, Token& token) {
  const auto whole = digits_at(text, token.begin);
  if (!whole || has_zeros_ahead(text, *whole, token.begin)) return false;
  if (whole->end >= text.size() || text[whole->end] != '.') return false;
  if (whole->end - token.begin + token.size > kNumberDigitsMax) return false;
  const auto all = digits_at(text, whole->end + 1, whole->number);
  if (!all || all->end - whole->end - 1 != token.size || may_go_on(text, all->end)) return false;
  token.end = all->end;
  token.number = static_cast<std::int64_t>(all->number);
  return true;
}

bool take_time(std::string_view text, Token& token) {
  constexpr std::size_t kSecondBytes = 19;  // 2006-01-02T15:04:05
  const std::size_t fraction = token.size == 0 ? 0 : token.size + std::size_t{1};
  const std::size_t size = kSecondBytes + fraction + 1;
  if (text.size() - token.begin < size) return false;
  const auto ns = exact_time(text.substr(token.begin, size), token.size);
  if (!ns) return false;
  token.end = token.begin + size;
  token.number = *ns;
  return true;
}

bool take_hex(std::string_view text, Token& token) {
  const std::size_t size = std::size_t{token.size} * 2;
  if (text.size() - token.begin < size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t c = char_class(text[token.begin + i]);
    if (c == 0 || (c & kOtherChar) != 0) return false;
  }
  token.end = token.begin + size;
  return token.end == text.size() || !is_word_char(text[token.end]);
}

bool take_word(std::string_view text, Token& token) {
  token.end = word_at(text, token.begin).end;
  return token.end > token.begin;
}

bool take_address(std::string_view text, Token& token) {
  if (token.begin >= text.size() || !is_digit(text[token.begin])) return false;
  const auto found = token_in(text, word_at(text, token.begin));
  if (!found || found->kind != SlotKind::kAddress || found->begin != token.begin) return false;
  token.end = found->end;
  token.number = found->number;
  return true;
}

// Sets end and number of `token`, whose kind, size and begin are given.
bool take_token(std::string_view text, Token& token) {
  switch (token.kind) {
    case SlotKind::kInteger:
      return take_integer(text, token);
    case SlotKind::kPadded:
      return take_padded(text, token);
    case SlotKind::kDecimal:
      return take_decimal(text, token);
    case SlotKind::kHex:
      return take_hex(text, token);
    case SlotKind::kAddress:
      return take_address(text, token);
    case SlotKind::kTime:
      return take_time(text, token);
    case SlotKind::kText:
      return take_word(text, token);
    default:
      return false;
  }
}

// Whether the parser takes it as this kind, and no other that the same characters may be.
bool is_usual(std::string_view text, const Token& token, const TokenRule* rule) {
  const std::size_t size = token.end - token.begin;
  switch (token.kind) {
    case SlotKind::kInteger:
      return rule == nullptr || (rule->padded != size && std::size_t{rule->hex} * 2 != size);
    case SlotKind::kPadded:
      return text[token.begin] == '0' || (rule != nullptr && rule->padded == size);
    case SlotKind::kHex:
      return (rule != nullptr && rule->hex == token.size) ||
             word_at(text, token.begin).classes == (kDigitChar | kHexChar);
    case SlotKind::kText: {
      if (rule != nullptr && rule->text) return true;
      const Word word = word_at(text, token.begin);
      if ((word.classes & kDigitChar) == 0) return false;
      const auto found = token_in(text, word);
      return found && found->kind == SlotKind::kText && found->end == token.end;
    }
    default:
      return true;
  }
}

std::optional<std::size_t> end_of(bool taken, const Token& token) {
  return taken ? std::optional(token.end) : std::nullopt;
}

}  // namespace

TemplateMatcher::TemplateMatcher(const TemplateRules& rules, const Siblings& siblings)
    : rules_(rules), siblings_(siblings) {
  for (const event::ColumnPtr& column : siblings.columns) strings_.emplace_back(*column);
}

void TemplateMatcher::learn(std::uint32_t number, std::string_view text,
                            std::span<const Piece> pieces, std::span<const std::uint32_t> slots) {
  if (number < known_.size() && known_[number]) return;
  if (patterns_.size() == kPatternsMax || parts_ + pieces.size() > kPartsInAllMax) return;
  known_.resize(std::max<std::size_t>(known_.size(), number + std::size_t{1}));
  known_[number] = true;
  parts_ += pieces.size();
  Pattern pattern;
  pattern.number = number;
  pattern.other_texts = rules_.texts;
  std::size_t end = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    Part part{text.substr(end, piece.token.begin - end), piece.spec, slots[i], nullptr};
    if (is_reference(piece.spec.kind)) {
      std::erase(pattern.other_texts, piece.spec.sibling);
    } else {
      part.rule = rules_.find(piece.context);
    }
    pattern.parts.push_back(part);
    end = piece.token.end;
  }
  pattern.end = text.substr(end);
  const std::string_view first = pieces.empty() ? pattern.end : pattern.parts.front().literal;
  const std::size_t list = first.empty() ? 256 : static_cast<unsigned char>(first.front());
  by_first_byte_[list].push_back(static_cast<std::uint32_t>(patterns_.size()));
  patterns_.push_back(std::move(pattern));
}

std::optional<std::uint32_t> TemplateMatcher::match(std::string_view text, std::size_t row) {
  row_ = siblings_.row(row);
  noted_ = false;
  const std::size_t lists[] = {text.empty() ? 256U : static_cast<unsigned char>(text.front()), 256};
  std::size_t tries = 0;
  std::size_t long_tries = 0;
  for (const std::size_t list : lists) {
    std::vector<std::uint32_t>& patterns = by_first_byte_[list];
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      const Pattern& pattern = patterns_[patterns[i]];
      if (++tries > kTriesMax) return std::nullopt;
      if (!pattern.parts.empty() && !stands_at(text, 0, pattern.parts.front().literal)) continue;
      if (++long_tries > kLongTriesMax) return std::nullopt;
      if (!fits(pattern, text)) continue;
      move_forward(patterns, i);
      return pattern.number;
    }
    if (list == 256) break;
  }
  return std::nullopt;
}

// What fits often gets to the front soon, and stays there.
void TemplateMatcher::move_forward(std::vector<std::uint32_t>& patterns, std::size_t place) {
  if (place > 0) std::swap(patterns[place], patterns[place / 2]);
}

bool TemplateMatcher::fits(const Pattern& pattern, std::string_view text) {
  values_.clear();
  std::size_t at = 0;
  for (const Part& part : pattern.parts) {
    if (!stands_at(text, at, part.literal)) return false;
    at += part.literal.size();
    const auto end = is_reference(part.spec.kind) ? take_reference(part, text, at)
                                                  : take(pattern, part, text, at);
    if (!end) return false;
    at = *end;
  }
  return text.size() - at == pattern.end.size() && stands_at(text, at, pattern.end);
}

std::optional<std::size_t> TemplateMatcher::take(const Pattern& pattern, const Part& part,
                                                 std::string_view text, std::size_t at) {
  Token token{.kind = part.spec.kind, .size = part.spec.size, .begin = at};
  if (!take_token(text, token) || !is_usual(text, token, part.rule)) return std::nullopt;
  if (may_be_reference(pattern, part, text, token)) return std::nullopt;
  values_.push_back(
      {part.slot, part.spec.kind, token.number, text.substr(at, token.end - token.begin)});
  return token.end;
}

void TemplateMatcher::note_first_bytes() {
  if (noted_) return;
  noted_ = true;
  for (const char c : first_bytes_set_) first_bytes_[static_cast<unsigned char>(c)] = false;
  first_bytes_set_.clear();
  for (const std::uint32_t sibling : rules_.texts) {
    const std::string_view other = strings_[sibling].at(row_);
    if (other.size() < kSameTextMin) continue;
    first_bytes_[static_cast<unsigned char>(other.front())] = true;
    first_bytes_set_.push_back(other.front());
  }
}

// Whether the parser might have found in the row's other columns what is a value here, or has it
// in its middle: a number within a path.
bool TemplateMatcher::may_be_reference(const Pattern& pattern, const Part& part,
                                       std::string_view text, const Token& token) {
  if (!pattern.other_texts.empty()) {
    note_first_bytes();
    const std::size_t back = std::min(part.literal.size(), kBackMax);
    std::size_t at = token.begin;
    while (token.begin - at < back && text[at - 1] != ' ') --at;
    for (; at <= token.begin; ++at) {
      if (!first_bytes_[static_cast<unsigned char>(text[at])]) continue;
      for (const std::uint32_t sibling : pattern.other_texts) {
        const std::string_view other = strings_[sibling].at(row_);
        if (other.size() >= kSameTextMin && stands_at(text, at, other)) return true;
      }
    }
  }
  if (part.rule == nullptr || !part.rule->sibling) return false;
  const event::ColumnPtr& column = siblings_.columns[*part.rule->sibling];
  return same_value(text, token, column->view(row_)).has_value();
}

std::optional<std::size_t> TemplateMatcher::take_reference(const Part& part, std::string_view text,
                                                           std::size_t at) {
  const RowStrings& strings = strings_[part.spec.sibling];
  if (strings.any()) {
    std::string_view value = strings.at(row_);
    if (value.empty()) return std::nullopt;
    if (part.spec.kind == SlotKind::kSameJson) {
      scratch_.clear();
      event::append_json_string(value, scratch_);
      if (scratch_.size() == value.size() + 2) return std::nullopt;  // It is kSameText.
      value = std::string_view(scratch_).substr(1, scratch_.size() - 2);
    }
    if (!stands_at(text, at, value)) return std::nullopt;
    return at + value.size();
  }
  const event::ValueView value = siblings_.columns[part.spec.sibling]->view(row_);
  Token token{.size = part.spec.size, .begin = at};
  switch (value.type()) {
    case event::Type::kInt:
      if (part.spec.kind != SlotKind::kSameText) return std::nullopt;
      return end_of(take_integer(text, token) && token.number == value.as_int(), token);
    case event::Type::kFloat:
      if (part.spec.kind == SlotKind::kSameDecimal) {
        return end_of(take_decimal(text, token) &&
                          as_decimal(value.as_float(), part.spec.size) == token.number,
                      token);
      }
      scratch_.clear();
      event::append_text(value, scratch_);
      if (part.spec.kind != SlotKind::kSameText || !stands_at(text, at, scratch_)) {
        return std::nullopt;
      }
      return at + scratch_.size();
    case event::Type::kTimestamp:
      if (part.spec.kind != SlotKind::kSameTime) return std::nullopt;
      return end_of(take_time(text, token) && token.number == value.as_int(), token);
    default:
      return std::nullopt;
  }
}

}  // namespace lynxdb::segment
