// Texts as templates: what a row has in common with others, and slots for what differs.
//
// "GET /a in 21.2 ms shard=7" becomes the template "GET /a in {decimal 1} ms shard={integer}" and
// the values 212 and 7. Values of one slot are stored together, in the order of rows, whatever
// templates they come from. docs/formats/segment-chunks.md, "Templates", gives the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lynxdb::segment {

// Values are part of the format.
enum class SlotKind : std::uint8_t {
  kInteger = 0,  // Decimal digits without leading zeros.
  kPadded = 1,   // `size` digits, zeros in front.
  kDecimal = 2,  // An integer, a point and `size` digits.
  kHex = 3,      // `size` bytes as pairs of 0-9a-f.
  kAddress = 4,  // An IPv4 address.
  kTime = 5,     // RFC 3339 in UTC with Z and `size` digits of a second's fraction.
  kText = 6,     // Anything.
  // Text of another column of the same row:
  kSameText = 16,     // Its text form.
  kSameJson = 17,     // A string as it stands between the quotes of JSON.
  kSameDecimal = 18,  // A float with a point and `size` digits after it.
  kSameTime = 19,     // A timestamp as kTime.
};

constexpr bool is_reference(SlotKind kind) { return kind >= SlotKind::kSameText; }

// Whole numbers, one text each.
constexpr bool has_number(SlotKind kind) {
  return kind == SlotKind::kInteger || kind == SlotKind::kPadded || kind == SlotKind::kAddress;
}

struct SlotSpec {
  SlotKind kind = SlotKind::kText;
  std::uint8_t size = 0;
  std::uint32_t sibling = 0;  // Of a reference: which of the columns that the chunk needs.
  friend bool operator==(const SlotSpec&, const SlotSpec&) = default;
};

inline constexpr std::uint32_t kSlotsMax = 1024;
inline constexpr std::uint32_t kTemplatesMax = 8192;
inline constexpr std::size_t kTemplatePartsMax = 1024;
inline constexpr unsigned kNumberDigitsMax = 18;
inline constexpr unsigned kHexBytesMax = 64;
inline constexpr unsigned kTimeDigitsMax = 9;

}  // namespace lynxdb::segment
