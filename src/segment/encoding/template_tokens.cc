#include "segment/encoding/template_tokens.h"

#include <algorithm>

#include "base/ascii.h"
#include "event/time/civil.h"

namespace lynxdb::segment {
namespace {

// Shorter ones are more often words, and gain little.
constexpr std::size_t kHexCharsMin = 8;

using base::is_digit;

bool digit_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_digit(text[at]);
}

std::size_t digits_end(std::string_view text, std::size_t at) {
  while (digit_at(text, at)) ++at;
  return at;
}

std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

// --- Addresses -----------------------------------------------------------------------------------

std::optional<Token> address_at(std::string_view text, std::size_t begin) {
  Token token{.kind = SlotKind::kAddress, .begin = begin};
  std::size_t at = begin;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at >= text.size() || text[at] != '.') return std::nullopt;
      ++at;
    }
    const std::size_t end = digits_end(text, at);
    if (end == at || end - at > 3 || (text[at] == '0' && end - at > 1)) return std::nullopt;
    const std::int64_t value = number_of(text.substr(at, end - at));
    if (value > 255) return std::nullopt;
    token.number = token.number * 256 + value;
    at = end;
  }
  if (at < text.size() && is_word_char(text[at])) return std::nullopt;
  if (at + 1 < text.size() && text[at] == '.' && is_word_char(text[at + 1])) return std::nullopt;
  token.end = at;
  return token;
}

// --- Times ---------------------------------------------------------------------------------------

// Digits where `form` has 0, and the same character elsewhere.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i]) return false;
  }
  return true;
}

constexpr std::string_view kTimeForm = "0000-00-00T00:00:00";

std::int32_t field(std::string_view text, std::size_t at, std::size_t size) {
  return static_cast<std::int32_t>(number_of(text.substr(at, size)));
}

std::optional<Token> time_at(std::string_view text, std::size_t begin) {
  const std::string_view from = text.substr(begin);
  if (!has_form(from, kTimeForm)) return std::nullopt;
  std::size_t end = kTimeForm.size();
  if (end < from.size() && from[end] == '.') end = digits_end(from, end + 1);
  const std::size_t digits = end > kTimeForm.size() ? end - kTimeForm.size() - 1 : 0;
  const bool point_alone = end > kTimeForm.size() && digits == 0;
  if (point_alone || digits > kTimeDigitsMax || end >= from.size() || from[end] != 'Z') {
    return std::nullopt;
  }
  const auto ns = exact_time(from.substr(0, end + 1), static_cast<unsigned>(digits));
  if (!ns) return std::nullopt;
  return Token{.kind = SlotKind::kTime,
               .size = static_cast<std::uint8_t>(digits),
               .begin = begin,
               .end = begin + end + 1,
               .number = *ns};
}

// --- Numbers -------------------------------------------------------------------------------------

std::optional<Token> number_at(std::string_view text, std::size_t begin) {
  const std::size_t end = digits_end(text, begin);
  if (end - begin > kNumberDigitsMax) return std::nullopt;
  Token token{.kind = SlotKind::kInteger, .begin = begin, .end = end};
  token.number = number_of(text.substr(begin, end - begin));
  token.zeros_ahead = text[begin] == '0' && end - begin > 1;
  if (token.zeros_ahead) {
    token.kind = SlotKind::kPadded;
    token.size = static_cast<std::uint8_t>(end - begin);
    return token;
  }
  if (end >= text.size() || text[end] != '.' || !digit_at(text, end + 1)) return token;
  const std::size_t fraction_end = digits_end(text, end + 1);
  const std::size_t digits = fraction_end - end - 1;
  const bool versions =
      fraction_end < text.size() && text[fraction_end] == '.' && digit_at(text, fraction_end + 1);
  if (versions || (end - begin) + digits > kNumberDigitsMax) return token;
  token.kind = SlotKind::kDecimal;
  token.size = static_cast<std::uint8_t>(digits);
  for (const char c : text.substr(end + 1, digits)) token.number = token.number * 10 + (c - '0');
  token.end = fraction_end;
  return token;
}

// How often the word turns from letters to digits or back.
std::size_t turns(std::string_view word) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < word.size(); ++i) {
    count += is_digit(word[i]) != is_digit(word[i - 1]) ? 1 : 0;
  }
  return count;
}

}  // namespace

Word word_at(std::string_view text, std::size_t begin) {
  Word word{begin, begin, 0};
  while (word.end < text.size()) {
    const std::uint8_t c = char_class(text[word.end]);
    if (c == 0) break;
    word.classes |= c;
    ++word.end;
  }
  return word;
}

std::optional<Token> hex_token(const Word& word) {
  const std::size_t size = word.end - word.begin;
  if ((word.classes & kOtherChar) != 0 || size < kHexCharsMin || size % 2 != 0 ||
      size / 2 > kHexBytesMax) {
    return std::nullopt;
  }
  return Token{.kind = SlotKind::kHex,
               .size = static_cast<std::uint8_t>(size / 2),
               .begin = word.begin,
               .end = word.end};
}

std::optional<Token> token_in(std::string_view text, const Word& word) {
  const std::size_t size = word.end - word.begin;
  if (word.classes == (kDigitChar | kHexChar)) {
    if (auto token = hex_token(word)) return token;
  }
  if ((word.classes & ~kDigitChar) == 0) {
    if (size == 4) {
      if (auto token = time_at(text, word.begin)) return token;
    }
    if (size <= 3) {
      if (auto token = address_at(text, word.begin)) return token;
    }
  }
  const std::string_view letters = text.substr(word.begin, size);
  // Random letters and digits would make a template for each row if only the digits were taken.
  constexpr std::size_t kTurnsMax = 3;
  if (turns(letters) > kTurnsMax) {
    return Token{.kind = SlotKind::kText, .begin = word.begin, .end = word.end};
  }
  const std::size_t digits = letters.find_first_of("0123456789");
  if (auto token = number_at(text, word.begin + digits)) return token;
  return Token{.kind = SlotKind::kText, .begin = word.begin, .end = word.end};
}

std::optional<std::int64_t> exact_time(std::string_view text, unsigned digits) {
  const std::size_t size = kTimeForm.size() + (digits == 0 ? 0 : digits + 1) + 1;
  if (text.size() != size || !has_form(text, kTimeForm) || text.back() != 'Z') return std::nullopt;
  event::CivilTime time;
  time.year = field(text, 0, 4);
  time.month = field(text, 5, 2);
  time.day = field(text, 8, 2);
  time.hour = field(text, 11, 2);
  time.minute = field(text, 14, 2);
  time.second = field(text, 17, 2);
  if (time.second > 59) return std::nullopt;  // A leap second has no time of its own.
  if (digits > 0) {
    if (text[19] != '.' || digits_end(text, 20) != 20 + digits) return std::nullopt;
    time.nanosecond = field(text, 20, digits);
    for (unsigned i = digits; i < kTimeDigitsMax; ++i) time.nanosecond *= 10;
  }
  return event::ns_of(time, 0);
}

}  // namespace lynxdb::segment
