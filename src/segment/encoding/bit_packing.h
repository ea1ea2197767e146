// Unsigned integers of equal width, a bit after the other: what codes and integers are made of.
//
//   packed := group * floor(count / 256) tail
//   group  := u32[8] * width     value i of a group is in lane i % 8, at bit (i / 8) * width of the
//                                lane's words, so that 8 values are unpacked at a time
//   tail   := the last count % 256 values one after the other, lowest bit first, padded to a byte
//
// Widths above 32 have no groups: all values are in the tail.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lynxdb::segment {

inline constexpr std::size_t kPackedGroup = 256;
inline constexpr unsigned kPackedWidthMax = 64;

// Bits that `value` needs; 0 for 0.
constexpr unsigned bit_width(std::uint64_t value) {
  return static_cast<unsigned>(std::bit_width(value));
}

constexpr std::size_t packed_group_bytes(unsigned width) { return std::size_t{width} * 32; }

// Bytes of `count` values of at most 64 bits; count is at most 2^50.
constexpr std::size_t packed_bytes(std::size_t count, unsigned width) {
  if (width > 32) return (count * width + 7) / 8;
  return count / kPackedGroup * packed_group_bytes(width) + (count % kPackedGroup * width + 7) / 8;
}

// Appends packed_bytes(values.size(), width) bytes; every value fits `width` bits.
void pack(std::span<const std::uint64_t> values, unsigned width, std::string& out);

// All `out.size()` values of `packed`, which has packed_bytes of them. For widths up to 32.
void unpack(std::string_view packed, unsigned width, std::span<std::uint32_t> out);
// For any width.
void unpack(std::string_view packed, unsigned width, std::span<std::uint64_t> out);

// Value `i` of `count`.
std::uint64_t packed_at(std::string_view packed, unsigned width, std::size_t count, std::size_t i);

}  // namespace lynxdb::segment
