#include "output/json_cells.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "output/utf8.h"

namespace lynxdb::output {
namespace {

// Bytes that cannot be copied as they stand: control characters, quote, backslash, non-ASCII.
constexpr std::array<bool, 256> kSpecial = [] {
  std::array<bool, 256> special{};
  for (std::size_t c = 0; c < 256; ++c) special[c] = c < 0x20 || c == '"' || c == '\\' || c >= 0x80;
  return special;
}();

constexpr std::size_t kBlock = 16;

// Copies plain bytes from text[at] on; stops at the first special one. May write up to kBlock bytes
// beyond the returned end, never reads beyond the text.
std::size_t copy_plain(std::string_view text, std::size_t at, char*& out) {
#if defined(__SSE2__)
  while (at + kBlock <= text.size()) {
    __m128i bytes;
    std::memcpy(&bytes, text.data() + at, kBlock);
    std::memcpy(out, &bytes, kBlock);
    // Signed compare: bytes from 0x80 on are negative, so "< 0x20" finds them, too.
    const __m128i special = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                                         _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (mask != 0) {
      const auto plain = static_cast<std::size_t>(std::countr_zero(mask));
      out += plain;
      return at + plain;
    }
    out += kBlock;
    at += kBlock;
  }
#endif
  while (at < text.size() && !kSpecial[static_cast<unsigned char>(text[at])]) *out++ = text[at++];
  return at;
}

char* put(char* out, std::string_view bytes) {
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

char* put_control(char* out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n':
      return put(out, "\\n");
    case '\r':
      return put(out, "\\r");
    case '\t':
      return put(out, "\\t");
    case '\b':
      return put(out, "\\b");
    case '\f':
      return put(out, "\\f");
    default:
      out = put(out, "\\u00");
      *out++ = kHex[c >> 4U];
      *out++ = kHex[c & 15U];
      return out;
  }
}

// The special byte or sequence at `at`; gives where the text goes on.
std::size_t put_special(std::string_view text, std::size_t at, char*& out) {
  const auto c = static_cast<unsigned char>(text[at]);
  if (c == '"' || c == '\\') {
    *out++ = '\\';
    *out++ = static_cast<char>(c);
    return at + 1;
  }
  if (c < 0x20) {
    out = put_control(out, c);
    return at + 1;
  }
  const std::size_t length = utf8_sequence(text, at);
  if (length == 0) {
    out = put(out, kReplacementCharacter);
    return at + 1;
  }
  out = put(out, text.substr(at, length));
  return at + length;
}

}  // namespace

void append_json_string(std::string_view text, OutputBuffer& out) {
  // A control character takes six bytes. Long text goes in pieces so that the reserve stays small.
  constexpr std::size_t kPiece = 4096;
  constexpr std::size_t kExpansion = 6;
  char* p = out.reserve(2);
  *p++ = '"';
  out.advance_to(p);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), at + kPiece);
    p = out.reserve((end - at) * kExpansion + kBlock);
    // Sequences may reach beyond the piece (they stay within the reserve), so plain runs stop at
    // its end but put_special sees the whole text.
    while (at < end) {
      at = copy_plain(text.substr(0, end), at, p);
      if (at < end) at = put_special(text, at, p);
    }
    out.advance_to(p);
  }
  out.append('"');
}

void JsonCells::append_int(std::int64_t v, OutputBuffer& out) {
  constexpr std::size_t kDigitsMax = 24;
  char* p = out.reserve(kDigitsMax);
  out.advance_to(std::to_chars(p, p + kDigitsMax, v).ptr);
}

void JsonCells::append_float(double v, OutputBuffer& out) {
  scratch_.clear();
  event::append_float(v, scratch_);
  out.append(scratch_);
}

void JsonCells::append_timestamp(std::int64_t ns, OutputBuffer& out) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  std::int64_t second = ns / kNsPerSecond;
  std::int64_t fraction = ns % kNsPerSecond;
  if (fraction < 0) {
    // The earliest representable second cannot be multiplied back.
    scratch_.clear();
    event::append_timestamp(ns, scratch_);
    out.append('"');
    out.append(scratch_);
    out.append('"');
    return;
  }
  if (second != second_) {
    second_text_ = "\"";
    event::append_timestamp(second * kNsPerSecond, second_text_);
    second_text_.pop_back();  // The Z.
    second_ = second;
  }
  constexpr std::size_t kTailMax = 16;
  char* p = out.reserve(second_text_.size() + kTailMax);
  p = put(p, second_text_);
  if (fraction != 0) {
    int digits = 9;
    for (; fraction % 10 == 0; fraction /= 10) --digits;
    *p++ = '.';
    for (int i = digits - 1; i >= 0; --i, fraction /= 10)
      p[i] = static_cast<char>('0' + fraction % 10);
    p += digits;
  }
  p = put(p, "Z\"");
  out.advance_to(p);
}

void JsonCells::append(event::ValueView value, OutputBuffer& out) {
  switch (value.type()) {
    case event::Type::kNull:
      return out.append("null");
    case event::Type::kBool:
      return out.append(value.as_bool() ? "true" : "false");
    case event::Type::kInt:
      return append_int(value.as_int(), out);
    case event::Type::kFloat:
      return append_float(value.as_float(), out);
    case event::Type::kTimestamp:
      return append_timestamp(value.as_int(), out);
    case event::Type::kString:
      return append_json_string(value.as_string(), out);
    case event::Type::kList:
      break;
  }
  out.append('[');
  for (std::size_t i = 0; i < value.list_size(); ++i) {
    if (i > 0) out.append(',');
    append(value.list_at(i), out);
  }
  out.append(']');
}

}  // namespace lynxdb::output
