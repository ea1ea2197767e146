#include "output/utf8.h"

#include <simdjson.h>

#include <array>
#include <cstdint>

namespace lynxdb::output {
namespace {

std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  const auto low = [&](std::size_t i) { return byte(i) & 0x3fU; };
  switch (sequence.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1fU) << 6U | low(1);
    case 3:
      return (byte(0) & 0x0fU) << 12U | low(1) << 6U | low(2);
    default:
      return (byte(0) & 0x07U) << 18U | low(1) << 12U | low(2) << 6U | low(3);
  }
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Blocks that terminals draw in two cells (East Asian wide, emoji) and in none (combining).
constexpr std::array<Range, 12> kWide = {{{0x1100, 0x115f},
                                          {0x2e80, 0x303e},
                                          {0x3041, 0x33ff},
                                          {0x3400, 0x4dbf},
                                          {0x4e00, 0x9fff},
                                          {0xa000, 0xa4cf},
                                          {0xac00, 0xd7a3},
                                          {0xf900, 0xfaff},
                                          {0xfe30, 0xfe6f},
                                          {0xff00, 0xff60},
                                          {0x1f300, 0x1faff},
                                          {0x20000, 0x3fffd}}};
constexpr std::array<Range, 6> kZero = {{{0x0300, 0x036f},
                                         {0x0483, 0x0489},
                                         {0x0591, 0x05bd},
                                         {0x200b, 0x200f},
                                         {0x20d0, 0x20ff},
                                         {0xfe00, 0xfe0f}}};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, std::uint32_t c) {
  for (const Range& range : ranges)
    if (c >= range.first && c <= range.last) return true;
  return false;
}

std::size_t width_of(std::uint32_t c) {
  if (c < 0x300) return 1;
  if (in(kZero, c)) return 0;
  return in(kWide, c) ? 2 : 1;
}

// Length of the character at `at`; invalid bytes count as one character of one cell.
std::size_t character_length(std::string_view text, std::size_t at) {
  if (static_cast<unsigned char>(text[at]) < 0x80) return 1;
  const std::size_t length = utf8_sequence(text, at);
  return length > 0 ? length : 1;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return at + i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;   // No overlong forms.
    const unsigned high = lead == 0xed ? 0x9f : 0xbf;  // No surrogates.
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;  // Not beyond U+10FFFF.
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

void append_valid_utf8(std::string_view text, std::string& out) {
  if (is_valid_utf8(text)) {
    out += text;
    return;
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length =
        static_cast<unsigned char>(text[i]) < 0x80 ? 1 : utf8_sequence(text, i);
    if (length == 0) {
      out += kReplacementCharacter;
      ++i;
    } else {
      out += text.substr(i, length);
      i += length;
    }
  }
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    width += width_of(code_point(text.substr(i, length)));
    i += length;
  }
  return width;
}

std::string_view prefix_of_width(std::string_view text, std::size_t columns) {
  std::size_t width = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t length = character_length(text, i);
    const std::size_t next = width + width_of(code_point(text.substr(i, length)));
    if (next > columns) break;
    width = next;
    i += length;
  }
  return text.substr(0, i);
}

}  // namespace lynxdb::output
