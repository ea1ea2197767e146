// The byte layout that the writer and the reader of a text index share.
//
//   index := head page * pages              pages = 2^slot_bits / 1024
//   head  := version:u8 slot_bits:u8 rows:u32 page_bytes:u16 * pages crc:u32
//   page  := crc:u32 kinds:u8[256] masks lists
//
// `kinds` has two bits for each of the page's 1,024 slots; `masks` one bit per block of rows for
// each slot of kind kBlocks, packed; `lists` the rows of each slot of kind kRows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/hash.h"

namespace lynxdb::segment {

inline constexpr std::uint8_t kTextIndexVersion = 1;
inline constexpr unsigned kSlotBitsMin = 10;
inline constexpr unsigned kSlotBitsMax = 18;
inline constexpr std::size_t kPageSlots = 1024;
inline constexpr std::size_t kKindsBytes = kPageSlots / 4;
inline constexpr std::size_t kHeadFixedBytes = 1 + 1 + 4;
inline constexpr std::size_t kHeadBytesMax =
    kHeadFixedBytes + 2 * ((1U << kSlotBitsMax) / kPageSlots) + 4;
// A list of more rows than this costs more than the mask, and saves little.
inline constexpr std::size_t kListRowsMax = 4;

enum class GramSlotKind : std::uint8_t {
  kEmpty = 0,
  kEverywhere = 1,  // In every block.
  kBlocks = 2,      // In the blocks of its mask.
  kRows = 3,        // In the rows of its list: count:u8 (1 to kListRowsMax), row:u16 * count.
};

__attribute__((always_inline)) inline unsigned char lower_ascii(unsigned char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c | 0x20U) : c;
}

// The slot of a gram (its first byte lowest) in an index of 2^kSlotBitsMax slots. Smaller indexes
// drop low bits. A part of the format. The mixer is Prospector's "low bias 32" (C. Wellons).
__attribute__((always_inline)) inline std::uint32_t widest_slot(std::uint32_t gram) {
  gram ^= gram >> 16U;
  gram *= 0x7feb352dU;
  gram ^= gram >> 15U;
  gram *= 0x846ca68bU;
  return gram >> (32 - kSlotBitsMax);
}

inline std::size_t block_count(std::size_t rows, std::size_t block_rows) {
  return (rows + block_rows - 1) / block_rows;
}

// Every block of `blocks` (1 to 32).
inline std::uint32_t all_blocks(std::size_t blocks) { return 0xffffffffU >> (32 - blocks); }

}  // namespace lynxdb::segment
