// Scans JSON scalars 32 bytes at a time. To be inlined into loops that are compiled for plain
// machines and for AVX2 (base/byte_block.h).
//
// What is scanned must be followed by an LF (or another control character) and 64 readable bytes
// after that: a scan stops there at the latest, so it needs no other bound. Null = not a scalar
// that JsonKind can describe.
#pragma once

#include <bit>
#include <cstring>

#include "base/byte_block.h"
#include "event/parse/json_slice.h"

namespace lynxdb::event {

// The length of the escape at the backslash `p`; 0 if it is none, or part of a surrogate pair.
inline std::size_t escape_size(const char* p) {
  switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return 2;
    case 'u':
      break;
    default:
      return 0;
  }
  const auto is_hex = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
  };
  for (int i = 2; i < 6; ++i) {
    if (!is_hex(p[i])) return 0;
  }
  const bool surrogate = (p[2] | 0x20) == 'd' && (p[3] > '7');
  return surrogate ? 0 : 6;
}

// The string whose opening quote is at `p`; the answer is the place behind its closing quote. ORs
// what it reads (and a few bytes more) into `seen`: no high bit there means no byte outside ASCII.
LYNXDB_INLINE const char* scan_string(const char* p, JsonSlice& value, base::ByteBlock& seen) {
  value.begin = p + 1;
  value.kind = JsonKind::kString;
  ++p;
  while (true) {
    base::ByteBlock block;
    std::memcpy(&block, p, sizeof block);
    seen |= block;
    const std::uint32_t special = base::bytes_special_in_json(p);
    if (special == 0) {
      p += base::kBlockBytes;
      continue;
    }
    p += std::countr_zero(special);
    if (*p == '"') [[likely]] {
      value.size = static_cast<std::uint32_t>(p - value.begin);
      return p + 1;
    }
    if (*p != '\\') return nullptr;
    const std::size_t escaped = escape_size(p);
    if (escaped == 0) return nullptr;
    value.kind = JsonKind::kEscapedString;
    p += escaped;
  }
}

// [eE][+-]?[0-9]{1,2} at `p`; null when it is something else or has more digits.
inline const char* scan_exponent(const char* p) {
  ++p;
  if (*p == '+' || *p == '-') ++p;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(*p)) return nullptr;
  ++p;
  if (digit(*p)) ++p;
  return digit(*p) ? nullptr : p;
}

LYNXDB_INLINE const char* scan_number(const char* p, JsonSlice& value) {
  constexpr int kDigitsMax = 18;
  value.begin = p;
  value.kind = JsonKind::kInt;
  p += *p == '-' ? 1 : 0;
  std::uint32_t others = base::bytes_not_digits(p);
  const int whole = std::countr_zero(others);
  // No digit, too many, or a zero in front of others; also -0, which is an int nowhere else.
  if (whole == 0 || whole > kDigitsMax) return nullptr;
  if (*p == '0' && (whole > 1 || (value.begin != p && p[1] != '.'))) return nullptr;
  const char* end = p + whole;
  if (*end == '.') {
    others &= others - 1;
    const int fraction = std::countr_zero(others) - whole - 1;
    if (fraction == 0 || whole + fraction > kDigitsMax) return nullptr;
    end += 1 + fraction;
    value.kind = JsonKind::kFloat;
  }
  if ((*end | 0x20) == 'e') [[unlikely]] {
    end = scan_exponent(end);
    if (end == nullptr) return nullptr;
    value.kind = JsonKind::kFloat;
  }
  value.size = static_cast<std::uint32_t>(end - value.begin);
  return end;
}

LYNXDB_INLINE const char* scan_word(const char* p, JsonSlice& value) {
  value.begin = p;
  if (std::memcmp(p, "true", 4) == 0) {
    value.kind = JsonKind::kTrue;
    value.size = 4;
  } else if (std::memcmp(p, "false", 5) == 0) {
    value.kind = JsonKind::kFalse;
    value.size = 5;
  } else if (std::memcmp(p, "null", 4) == 0) {
    value.kind = JsonKind::kNull;
    value.size = 4;
  } else {
    return nullptr;
  }
  return p + value.size;
}

LYNXDB_INLINE const char* scan_scalar(const char* p, JsonSlice& value, base::ByteBlock& seen) {
  if (*p == '"') [[likely]]
    return scan_string(p, value, seen);
  if ((*p >= '0' && *p <= '9') || *p == '-') return scan_number(p, value);
  return scan_word(p, value);
}

inline const char* skip_json_space(const char* p) {
  while (*p == ' ' || *p == '\t') ++p;
  return p;
}

// A flat array at `p`.
LYNXDB_INLINE const char* scan_array(const char* p, JsonSlice& value, base::ByteBlock& seen) {
  value.begin = p;
  value.kind = JsonKind::kArray;
  p = skip_json_space(p + 1);
  JsonSlice element;
  while (*p != ']') {
    p = scan_scalar(p, element, seen);
    if (p == nullptr) return nullptr;
    p = skip_json_space(p);
    if (*p == ']') break;
    if (*p != ',') return nullptr;
    p = skip_json_space(p + 1);
    if (*p == ']') return nullptr;
  }
  value.size = static_cast<std::uint32_t>(p + 1 - value.begin);
  return p + 1;
}

LYNXDB_INLINE const char* scan_value(const char* p, JsonSlice& value, base::ByteBlock& seen) {
  if (*p == '[') [[unlikely]]
    return scan_array(p, value, seen);
  return scan_scalar(p, value, seen);
}

// Whether any byte that went into `seen` is outside ASCII.
LYNXDB_INLINE bool has_non_ascii(const base::ByteBlock& seen) {
  return base::bytes_not_ascii(reinterpret_cast<const char*>(&seen)) != 0;
}

}  // namespace lynxdb::event
