// Finds the parts of a text that look like values: numbers, addresses, times, hexadecimal ids.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "segment/encoding/template_format.h"

namespace lynxdb::segment {

// Bits of a character's class.
inline constexpr std::uint8_t kDigitChar = 1;
inline constexpr std::uint8_t kHexChar = 2;    // a-f
inline constexpr std::uint8_t kOtherChar = 4;  // All other letters, '_' and bytes from 0x80.

inline constexpr std::array<std::uint8_t, 256> kCharClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c >= '0' && c <= '9') {
      classes[c] = kDigitChar;
    } else if (c >= 'a' && c <= 'f') {
      classes[c] = kHexChar;
    } else if (letter || c == '_' || c >= 0x80) {
      classes[c] = kOtherChar;
    }
  }
  return classes;
}();

inline std::uint8_t char_class(char c) { return kCharClasses[static_cast<unsigned char>(c)]; }
inline bool is_word_char(char c) { return char_class(c) != 0; }

struct Token {
  SlotKind kind = SlotKind::kText;
  std::uint8_t size = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::int64_t number = 0;   // Of all kinds but kHex and kText.
  bool zeros_ahead = false;  // A kPadded one that is no kInteger.
};

// A run of word characters.
struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint8_t classes = 0;  // Of all its characters together.
};

Word word_at(std::string_view text, std::size_t begin);

// The first token in `word`, which has digits; it may reach beyond it (an address, a decimal).
// Nullopt when nothing of it is worth taking out.
std::optional<Token> token_in(std::string_view text, const Word& word);

// `word` as one token of hexadecimal digits, whatever they are; nullopt when it is none.
std::optional<Token> hex_token(const Word& word);

// The value of `text`, exactly a time of the form that kTime renders; nullopt for anything else.
std::optional<std::int64_t> exact_time(std::string_view text, unsigned digits);

}  // namespace lynxdb::segment
