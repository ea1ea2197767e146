#include "query/functions/unicode_case.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace lynxdb::query {
namespace {

// Upper-case characters [first, last]. step 1: lower = upper + distance. step 2: upper and lower
// alternate, the upper one at even distance from `first`, its lower one next to it.
struct CaseRange {
  std::uint32_t first;
  std::uint32_t last;
  std::int32_t distance;
  std::uint32_t step;
};

constexpr std::array kRanges = {
    CaseRange{0x41, 0x5a, 32, 1},     CaseRange{0xc0, 0xd6, 32, 1},
    CaseRange{0xd8, 0xde, 32, 1},     CaseRange{0x100, 0x12e, 1, 2},
    CaseRange{0x132, 0x136, 1, 2},    CaseRange{0x139, 0x147, 1, 2},
    CaseRange{0x14a, 0x176, 1, 2},    CaseRange{0x178, 0x178, -121, 1},
    CaseRange{0x179, 0x17d, 1, 2},    CaseRange{0x386, 0x386, 38, 1},
    CaseRange{0x388, 0x38a, 37, 1},   CaseRange{0x38c, 0x38c, 64, 1},
    CaseRange{0x38e, 0x38f, 63, 1},   CaseRange{0x391, 0x3a1, 32, 1},
    CaseRange{0x3a3, 0x3ab, 32, 1},   CaseRange{0x400, 0x40f, 80, 1},
    CaseRange{0x410, 0x42f, 32, 1},   CaseRange{0x460, 0x480, 1, 2},
    CaseRange{0x48a, 0x4be, 1, 2},    CaseRange{0x4c1, 0x4cd, 1, 2},
    CaseRange{0x4d0, 0x52e, 1, 2},    CaseRange{0x531, 0x556, 48, 1},
    CaseRange{0x1e00, 0x1e94, 1, 2},  CaseRange{0x1ea0, 0x1efe, 1, 2},
    CaseRange{0xff21, 0xff3a, 32, 1},
};

std::uint32_t to_lower(std::uint32_t c) {
  for (const CaseRange& range : kRanges)
    if (c >= range.first && c <= range.last && (c - range.first) % range.step == 0)
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(c) + range.distance);
  return c;
}

std::uint32_t to_upper(std::uint32_t c) {
  constexpr std::uint32_t kFinalSigma = 0x3c2;
  if (c == kFinalSigma) return 0x3a3;
  for (const CaseRange& range : kRanges) {
    const auto upper = static_cast<std::uint32_t>(static_cast<std::int32_t>(c) - range.distance);
    if (upper >= range.first && upper <= range.last && (upper - range.first) % range.step == 0)
      return upper;
  }
  return c;
}

// The character at the start of `text` and its bytes; 0 bytes when it is no UTF-8 of up to three
// bytes (no case beyond those).
struct Decoded {
  std::uint32_t character = 0;
  std::size_t bytes = 0;
};

Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  if ((byte(0) & 0xe0U) == 0xc0U && text.size() >= 2 && continues(1))
    return {(byte(0) & 0x1fU) << 6U | (byte(1) & 0x3fU), 2};
  if ((byte(0) & 0xf0U) == 0xe0U && text.size() >= 3 && continues(1) && continues(2))
    return {(byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU), 3};
  return {};
}

void encode(std::uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0U | c >> 6U);
    out += static_cast<char>(0x80U | (c & 0x3fU));
  } else {
    out += static_cast<char>(0xe0U | c >> 12U);
    out += static_cast<char>(0x80U | (c >> 6U & 0x3fU));
    out += static_cast<char>(0x80U | (c & 0x3fU));
  }
}

void append_mapped(std::string_view text, std::uint32_t (*map)(std::uint32_t), std::string& out) {
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80U) {
      out += static_cast<char>(map(static_cast<unsigned char>(text.front())));
      text.remove_prefix(1);
      continue;
    }
    const Decoded decoded = decode(text);
    const std::size_t bytes = decoded.bytes == 0 ? 1 : decoded.bytes;
    const std::uint32_t mapped = decoded.bytes == 0 ? 0 : map(decoded.character);
    if (decoded.bytes == 0 || mapped == decoded.character)
      out += text.substr(0, bytes);
    else
      encode(mapped, out);
    text.remove_prefix(bytes);
  }
}

}  // namespace

bool is_ascii(std::string_view text) {
  std::uint64_t high = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    high |= word;
  }
  for (; i < text.size(); ++i) high |= static_cast<unsigned char>(text[i]);
  return (high & 0x8080808080808080U) == 0;
}

void append_lower(std::string_view text, std::string& out) {
  if (!is_ascii(text)) return append_mapped(text, to_lower, out);
  const std::size_t begin = out.size();
  out += text;
  for (std::size_t i = begin; i < out.size(); ++i)
    if (out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] + ('a' - 'A'));
}

void append_upper(std::string_view text, std::string& out) {
  if (!is_ascii(text)) return append_mapped(text, to_upper, out);
  const std::size_t begin = out.size();
  out += text;
  for (std::size_t i = begin; i < out.size(); ++i)
    if (out[i] >= 'a' && out[i] <= 'z') out[i] = static_cast<char>(out[i] - ('a' - 'A'));
}

}  // namespace lynxdb::query
