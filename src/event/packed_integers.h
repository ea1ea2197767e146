// Runs of unsigned integers at the least of 1, 2, 4 or 8 bytes each.
//
//   packed := width:u8  value:u8[width] * count      width is 1, 2, 4 or 8; little-endian
//
// Never 0 bytes: every value that a reader makes room for costs the writer at least one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace lynxdb::event {

// Bytes of each value; `bits` has all bits of all values.
inline std::uint8_t packed_width(std::uint64_t bits) {
  return bits <= 0xff ? 1 : bits <= 0xffff ? 2 : bits <= 0xffffffff ? 4 : 8;
}

// `value_at(i)` gives the i-th value, twice.
template <typename ValueAt>
void put_packed(std::size_t count, ValueAt value_at, std::string& out) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) bits |= value_at(i);
  const std::uint8_t width = packed_width(bits);
  base::put_fixed(width, out);
  const std::size_t begin = out.size();
  out.resize(begin + count * width);
  char* to = out.data() + begin;
  for (std::size_t i = 0; i < count; ++i, to += width) {
    const std::uint64_t value = value_at(i);
    std::memcpy(to, &value, width);
  }
}

template <typename Stored, typename T>
void unpack(std::string_view bytes, std::vector<T>& out) {
  const std::size_t count = bytes.size() / sizeof(Stored);
  for (std::size_t i = 0; i < count; ++i) {
    Stored value{};
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = static_cast<T>(value);
  }
}

// `count` values; none, and a failed reader, when they are not there or do not fit T.
template <typename T>
std::vector<T> take_packed(base::ByteReader& in, std::size_t count) {
  const auto width = in.fixed<std::uint8_t>();
  const bool known = width == 1 || width == 2 || width == 4 || width == 8;
  if (!known || width > sizeof(T) || count > in.remaining() / width) {
    in.fail();
    return {};
  }
  const std::string_view bytes = in.take(count * width);
  std::vector<T> values(count);
  switch (width) {
    case 1:
      unpack<std::uint8_t>(bytes, values);
      break;
    case 2:
      unpack<std::uint16_t>(bytes, values);
      break;
    case 4:
      unpack<std::uint32_t>(bytes, values);
      break;
    default:
      unpack<std::uint64_t>(bytes, values);
      break;
  }
  return values;
}

}  // namespace lynxdb::event
