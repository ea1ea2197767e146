#include "event/parse/json_reader.h"

#include <array>
#include <bitset>
#include <charconv>
#include <cstring>

#include "base/ascii.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace lynxdb::event {
namespace {

using base::is_digit;

// The first quote, backslash or control character. Strings are short, so that the plain loop of
// sixteen bytes beats a call through run-time dispatch.
const char* find_special(const char* p, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control_max = _mm_set1_epi8(0x1f);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, control_max), bytes);
    const __m128i found = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), is_control);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
#endif
  while (p != end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
  return p;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Four hex digits, or -1.
std::int32_t read_hex(const char* p, const char* end) {
  if (end - p < 4) return -1;
  std::int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(p[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

char* put_utf8(std::uint32_t code, char* out) {
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xc0U | code >> 6U);
    *out++ = static_cast<char>(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xe0U | code >> 12U);
    *out++ = static_cast<char>(0x80U | (code >> 6U & 0x3fU));
    *out++ = static_cast<char>(0x80U | (code & 0x3fU));
  } else {
    *out++ = static_cast<char>(0xf0U | code >> 18U);
    *out++ = static_cast<char>(0x80U | (code >> 12U & 0x3fU));
    *out++ = static_cast<char>(0x80U | (code >> 6U & 0x3fU));
    *out++ = static_cast<char>(0x80U | (code & 0x3fU));
  }
  return out;
}

// Length of the escape at `p` (which is a backslash), 0 when it is none.
std::size_t escape_length(const char* p, const char* end) {
  if (end - p < 2) return 0;
  if (p[1] == 'u') return read_hex(p + 2, end) >= 0 ? 6 : 0;
  return std::string_view("\"\\/bfnrt").find(p[1]) != std::string_view::npos ? 2 : 0;
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

// Reads `\uXXXX`, with its second half if it is a pair. `p` stands behind it afterwards.
std::uint32_t unescape_code(const char*& p, const char* end) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  const auto first = static_cast<std::uint32_t>(read_hex(p + 2, end));
  p += 6;
  if (first < 0xd800 || first > 0xdfff) return first;
  if (first > 0xdbff || end - p < 6 || p[0] != '\\' || p[1] != 'u') return kReplacement;
  const auto second = static_cast<std::uint32_t>(read_hex(p + 2, end));
  if (second < 0xdc00 || second > 0xdfff) return kReplacement;
  p += 6;
  return 0x10000 + ((first - 0xd800) << 10U) + (second - 0xdc00);
}

constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace

bool JsonReader::read_string(JsonString& out) {
  if (!take('"')) return false;
  const char* begin = at_;
  out.has_escapes = false;
  for (;;) {
    at_ = find_special(at_, end_);
    if (at_ == end_) return false;
    if (*at_ == '"') break;
    if (*at_ != '\\') return false;
    const std::size_t length = escape_length(at_, end_);
    if (length == 0) return false;
    out.has_escapes = true;
    at_ += length;
  }
  out.raw = {begin, static_cast<std::size_t>(at_ - begin)};
  ++at_;
  return true;
}

bool JsonReader::read_name(JsonString& out) {
  skip_spaces();
  if (!read_string(out)) return false;
  skip_spaces();
  if (!take(':')) return false;
  skip_spaces();
  return true;
}

bool JsonReader::read_word(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
  if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::read_plain(ValueView& out) {
  switch (peek()) {
    case 't':
      out = ValueView::boolean(true);
      return read_word("true");
    case 'f':
      out = ValueView::boolean(false);
      return read_word("false");
    case 'n':
      out = {};
      return read_word("null");
    default:
      return read_number(out);
  }
}

bool JsonReader::read_number(ValueView& out) {
  const char* begin = at_;
  const bool negative = take('-');
  const char* digits = at_;
  std::uint64_t mantissa = 0;  // Wraps beyond 19 digits, where it is not used.
  while (at_ != end_ && is_digit(*at_))
    mantissa = mantissa * 10 + static_cast<unsigned>(*at_++ - '0');
  const auto whole_digits = at_ - digits;
  if (whole_digits == 0 || (whole_digits > 1 && *digits == '0')) return false;

  std::ptrdiff_t fraction_digits = 0;
  if (take('.')) {
    const char* fraction = at_;
    while (at_ != end_ && is_digit(*at_))
      mantissa = mantissa * 10 + static_cast<unsigned>(*at_++ - '0');
    fraction_digits = at_ - fraction;
    if (fraction_digits == 0) return false;
  }
  bool has_exponent = false;
  bool exponent_is_negative = false;
  if (at_ != end_ && (*at_ | 0x20) == 'e') {
    has_exponent = true;
    ++at_;
    exponent_is_negative = peek() == '-';
    if (peek() == '+' || peek() == '-') ++at_;
    const char* exponent = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    if (at_ == exponent) return false;
  }

  if (fraction_digits == 0 && !has_exponent && whole_digits <= 19) {
    const std::uint64_t limit = std::uint64_t{1} << 63U;
    if (mantissa < limit || (negative && mantissa == limit)) {
      out = ValueView::integer(static_cast<std::int64_t>(negative ? 0 - mantissa : mantissa));
      return true;
    }
  }
  // A mantissa of 15 digits and the power of ten are exact, so that their quotient is rounded once.
  if (!has_exponent && whole_digits + fraction_digits <= 15) {
    const double value =
        static_cast<double>(mantissa) / kPowersOfTen[static_cast<std::size_t>(fraction_digits)];
    out = ValueView::floating(negative ? -value : value);
    return true;
  }
  double value = 0;
  const auto result = std::from_chars(begin, at_, value);
  if (result.ec == std::errc()) {
    out = ValueView::floating(value);
  } else {
    // Too small for a float reads as zero; too large is no number of ours.
    const bool too_small = exponent_is_negative || (!has_exponent && *digits == '0');
    out = too_small ? ValueView::floating(0) : ValueView();
  }
  return true;
}

bool JsonReader::skip_scalar() {
  if (peek() == '"') {
    JsonString ignored;
    return read_string(ignored);
  }
  ValueView ignored;
  return read_plain(ignored);
}

bool JsonReader::skip_value() {
  std::bitset<kDepthMax> is_object;  // Of the containers that are open.
  std::size_t depth = 0;
  JsonString name;
  for (;;) {
    const char c = peek();
    if (c == '{' || c == '[') {
      if (depth == kDepthMax) return false;
      ++at_;
      is_object[depth++] = c == '{';
      skip_spaces();
      const bool is_empty = peek() == (c == '{' ? '}' : ']');
      if (!is_empty) {
        if (c == '{' && !read_name(name)) return false;
        continue;
      }
    } else if (!skip_scalar()) {
      return false;
    }
    // A value ended, or an empty container is about to.
    for (;;) {
      if (depth == 0) return true;
      skip_spaces();
      if (take(is_object[depth - 1] ? '}' : ']')) {
        --depth;
        continue;
      }
      if (!take(',')) return false;
      skip_spaces();
      if (is_object[depth - 1] && !read_name(name)) return false;
      break;
    }
  }
}

std::string_view unescaped_copy(std::string_view raw, Arena& arena) {
  char* const begin = arena.allocate(raw.size());  // Escapes never get longer.
  char* out = begin;
  const char* p = raw.data();
  const char* const end = p + raw.size();
  while (p != end) {
    if (*p != '\\') {
      *out++ = *p++;
    } else if (p[1] == 'u') {
      out = put_utf8(unescape_code(p, end), out);
    } else {
      *out++ = simple_escape(p[1]);
      p += 2;
    }
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

namespace {

// Calls `keep(begin, end)` for each run of bytes that is not space between tokens.
template <typename Keep>
void for_each_run(std::string_view text, Keep keep) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const char* run = p;
  while (p != end) {
    if (*p == '"') {
      for (++p; p != end && *p != '"'; ++p) {
        if (*p == '\\' && p + 1 != end) ++p;
      }
      if (p != end) ++p;
    } else if (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') {
      keep(run, p);
      run = ++p;
    } else {
      ++p;
    }
  }
  keep(run, end);
}

}  // namespace

std::string_view compacted(std::string_view text, Arena& arena) {
  std::size_t kept = 0;
  for_each_run(text,
               [&](const char* b, const char* e) { kept += static_cast<std::size_t>(e - b); });
  if (kept == text.size()) return text;
  char* const begin = arena.allocate(kept);
  char* out = begin;
  for_each_run(text, [&](const char* b, const char* e) {
    std::memcpy(out, b, static_cast<std::size_t>(e - b));
    out += e - b;
  });
  return {begin, kept};
}

namespace {

// Bytes of the well-formed character at `p`, or 0; `bad` is then how many bytes to replace as one.
std::size_t utf8_length(const unsigned char* p, std::size_t left, std::size_t& bad) {
  bad = 1;
  if (p[0] < 0x80) return 1;
  const std::size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= left) return 0;
    unsigned low = 0x80;
    unsigned high = 0xbf;
    if (i == 1 && p[0] == 0xe0) low = 0xa0;   // Overlong.
    if (i == 1 && p[0] == 0xed) high = 0x9f;  // Surrogates.
    if (i == 1 && p[0] == 0xf0) low = 0x90;
    if (i == 1 && p[0] == 0xf4) high = 0x8f;  // Beyond U+10FFFF.
    if (p[i] < low || p[i] > high) return 0;
    bad = i + 1;
  }
  return length;
}

}  // namespace

std::string with_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    std::size_t bad = 0;
    const auto* p = reinterpret_cast<const unsigned char*>(text.data() + i);
    const std::size_t length = utf8_length(p, text.size() - i, bad);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      i += bad;
    } else {
      out.append(text, i, length);
      i += length;
    }
  }
  return out;
}

}  // namespace lynxdb::event
