#include "event/parse/json_slice.h"

#include <array>
#include <charconv>
#include <cstring>

#include "event/parse/json_scan.h"

namespace lynxdb::event {
namespace {

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
// Whole numbers up to here are doubles exactly.
constexpr std::uint64_t kExactMax = std::uint64_t{1} << 53U;

double slow_float(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::uint32_t hex_value(char c) {
  if (c <= '9') return static_cast<std::uint32_t>(c - '0');
  return static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
}

// `code` is no surrogate and below 0x10000.
char* append_utf8(std::uint32_t code, char* out) {
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xc0U | (code >> 6U));
    *out++ = static_cast<char>(0x80U | (code & 0x3fU));
  } else {
    *out++ = static_cast<char>(0xe0U | (code >> 12U));
    *out++ = static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    *out++ = static_cast<char>(0x80U | (code & 0x3fU));
  }
  return out;
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
      return c;  // Quote, backslash, slash.
  }
}

}  // namespace

std::int64_t json_int(std::string_view text) {
  const bool negative = text.front() == '-';
  std::int64_t value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

double json_float(std::string_view text) {
  const bool negative = text.front() == '-';
  std::uint64_t digits = 0;
  std::size_t fraction = 0;
  bool in_fraction = false;
  for (const char c : text.substr(negative ? 1 : 0)) {
    if (c == '.') {
      in_fraction = true;
      continue;
    }
    if (c < '0' || c > '9') return slow_float(text);
    digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
    fraction += in_fraction ? 1 : 0;
  }
  // One division of two exact numbers is rounded once: the nearest double.
  if (digits > kExactMax) return slow_float(text);
  const double value = static_cast<double>(digits) / kPowersOfTen[fraction];
  return negative ? -value : value;
}

std::size_t json_unescape(std::string_view text, char* out) {
  char* const begin = out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t at = text.find('\\', i);
    const std::size_t plain = (at == std::string_view::npos ? text.size() : at) - i;
    std::memcpy(out, text.data() + i, plain);
    out += plain;
    i += plain;
    if (i == text.size()) break;
    if (text[i + 1] != 'u') {
      *out++ = simple_escape(text[i + 1]);
      i += 2;
      continue;
    }
    std::uint32_t code = 0;
    for (std::size_t k = i + 2; k < i + 6; ++k) code = code * 16 + hex_value(text[k]);
    out = append_utf8(code, out);
    i += 6;
  }
  return static_cast<std::size_t>(out - begin);
}

std::optional<JsonSlice> JsonElements::next() {
  p_ = skip_json_space(p_);
  if (*p_ == ',') p_ = skip_json_space(p_ + 1);
  if (*p_ == ']') return std::nullopt;
  JsonSlice element;
  base::ByteBlock seen{};
  p_ = scan_scalar(p_, element, seen);
  return element;
}

}  // namespace lynxdb::event
