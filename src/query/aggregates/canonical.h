// Equality by text form: 500, 500.0 and "500" are one group key and one distinct value.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lynxdb::query {

// The int whose text form is exactly `text` ("42", "-7"; not "042", "+1", "-0", "4.0").
inline std::optional<std::int64_t> canonical_int(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 19) return std::nullopt;
  if (text.front() == '0' && (negative || text.size() > 1)) return std::nullopt;
  std::uint64_t magnitude = 0;  // 19 digits fit.
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    if (digit > 9) return std::nullopt;
    magnitude = magnitude * 10 + digit;
  }
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63U;
  if (magnitude > (negative ? kLimit : kLimit - 1)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
}

// The int with the same text form as `v`, when that is plain: whole and exactly representable.
inline std::optional<std::int64_t> canonical_int(double v) {
  constexpr double kExact = 0x1p53;
  if (!(v > -kExact && v < kExact) || v != std::trunc(v)) return std::nullopt;
  return static_cast<std::int64_t>(v);
}

}  // namespace lynxdb::query
