#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <utility>

#include "base/byte_block.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "segment/text_index.h"
#include "segment/text_index_format.h"

namespace lynxdb::segment {

namespace {

constexpr std::size_t kSlots = std::size_t{1} << kSlotBitsMax;
// Text is hashed in pieces of this size, so that the slots of one fit the nearest cache.
constexpr std::size_t kPieceBytes = 1024;
// Lists of rows pay where a mask is wide; with fewer blocks than this it is not.
constexpr std::size_t kBlocksForLists = 9;
// The index of a row group is to stay below this part of its text: short texts of many letters
// would otherwise have an index of their own size.
constexpr std::size_t kTextPerIndexByte = 16;

// Where a gram stands: blocks, and the first few rows.
struct Slot {
  std::uint32_t blocks = 0;
  std::uint16_t row_count = 0;  // kListRowsMax + 1: too many to list.
  std::array<std::uint16_t, kListRowsMax> rows{};

  void add(std::uint16_t row) {
    if (row_count > kListRowsMax) return;
    const auto end = rows.begin() + row_count;
    if (std::find(rows.begin(), end, row) != end) return;
    if (row_count < kListRowsMax) rows[row_count] = row;
    ++row_count;
  }
  void merge(const Slot& other) {
    blocks |= other.blocks;
    if (other.row_count > kListRowsMax) row_count = kListRowsMax + 1;
    for (std::size_t i = 0; i < other.row_count && row_count <= kListRowsMax; ++i)
      add(other.rows[i]);
  }
};

class Bitmap {
 public:
  bool test(std::uint32_t bit) const { return ((words_[bit >> 6U] >> (bit & 63U)) & 1U) != 0; }
  void set(std::uint32_t bit) { words_[bit >> 6U] |= std::uint64_t{1} << (bit & 63U); }
  void clear() { words_.fill(0); }

  static constexpr std::size_t kWords = kSlots / 64;
  // Bits 64 * at and up.
  std::uint64_t word(std::size_t at) const { return words_[at]; }

 private:
  std::array<std::uint64_t, kWords> words_{};
};

// The slots of the `grams` grams that begin at text[0], text[1]... Written so that the compiler
// takes many at a time. `lower` is scratch.
LYNXDB_INLINE void hash_grams_inlined(const char* text, std::size_t grams, unsigned char* lower,
                                      std::uint32_t* slots) {
  const std::size_t bytes = grams + (kGramBytes - 1);
  for (std::size_t i = 0; i < bytes; ++i)
    lower[i] = lower_ascii(static_cast<unsigned char>(text[i]));
  for (std::size_t i = 0; i < grams; ++i)
    slots[i] = widest_slot(std::uint32_t{lower[i]} | std::uint32_t{lower[i + 1]} << 8U |
                           std::uint32_t{lower[i + 2]} << 16U | std::uint32_t{lower[i + 3]} << 24U);
}

void hash_grams_plain(const char* text, std::size_t grams, unsigned char* lower,
                      std::uint32_t* slots) {
  hash_grams_inlined(text, grams, lower, slots);
}

LYNXDB_TARGET_AVX2 void hash_grams_avx2(const char* text, std::size_t grams, unsigned char* lower,
                                        std::uint32_t* slots) {
  hash_grams_inlined(text, grams, lower, slots);
}

void hash_grams(const char* text, std::size_t grams, unsigned char* lower, std::uint32_t* slots) {
  if (base::has_avx2()) return hash_grams_avx2(text, grams, lower, slots);
  hash_grams_plain(text, grams, lower, slots);
}

GramSlotKind kind_of(const Slot& slot, std::size_t blocks) {
  if (slot.blocks == 0) return GramSlotKind::kEmpty;
  if (blocks >= kBlocksForLists && slot.row_count <= kListRowsMax) return GramSlotKind::kRows;
  return slot.blocks == all_blocks(blocks) ? GramSlotKind::kEverywhere : GramSlotKind::kBlocks;
}

void put_mask(std::uint32_t mask, std::size_t blocks, std::size_t at_bit, std::string& masks) {
  masks.resize((at_bit + blocks + 7) / 8);
  for (std::size_t b = 0; b < blocks; ++b)
    if (((mask >> b) & 1U) != 0)
      masks[(at_bit + b) / 8] = static_cast<char>(static_cast<unsigned>(masks[(at_bit + b) / 8]) |
                                                  1U << ((at_bit + b) % 8));
}

void put_list(Slot& slot, std::string& lists) {
  std::sort(slot.rows.begin(), slot.rows.begin() + slot.row_count);
  lists.push_back(static_cast<char>(slot.row_count));
  for (std::size_t i = 0; i < slot.row_count; ++i) base::put_fixed(slot.rows[i], lists);
}

std::string encode_page(std::span<Slot> slots, std::size_t blocks) {
  std::string kinds(kKindsBytes, '\0');
  std::string masks;
  std::string lists;
  std::size_t mask_bits = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const GramSlotKind kind = kind_of(slots[i], blocks);
    kinds[i / 4] = static_cast<char>(static_cast<unsigned>(kinds[i / 4]) |
                                     static_cast<unsigned>(kind) << (2 * (i % 4)));
    if (kind == GramSlotKind::kRows) put_list(slots[i], lists);
    if (kind != GramSlotKind::kBlocks) continue;
    put_mask(slots[i].blocks, blocks, mask_bits, masks);
    mask_bits += blocks;
  }
  const std::string content = kinds + masks + lists;
  std::string page;
  base::put_fixed(base::crc32c(content), page);
  return page += content;
}

}  // namespace

struct TextIndexBuilder::Work {
  std::vector<Slot> slots = std::vector<Slot>(kSlots);
  std::vector<Bitmap> blocks = std::vector<Bitmap>(kBlocksMax);  // Slots that stand in each.
  Bitmap crowded;  // Slots with more rows than are listed.
  // Slots of which all is known: crowded, and known to stand in the present block. Nearly all bytes
  // of a text end here, so this must stay small.
  Bitmap settled;
  std::array<unsigned char, kPieceBytes> lower{};
  std::array<std::uint32_t, kPieceBytes> hashed{};
  std::array<std::uint32_t, kPieceBytes> unsettled{};
  std::size_t text_bytes = 0;

  unsigned slot_bits(std::size_t block_count) const;
  void collect_blocks(std::size_t count);
  void fold(unsigned bits);
};

// As many slots as there are grams, so that about half of them stay empty or are shared: measured
// as the best use of the bytes (docs/decisions/007-full-text-index.md).
unsigned TextIndexBuilder::Work::slot_bits(std::size_t block_count) const {
  std::size_t used = 0;
  for (const Slot& slot : slots) used += slot.blocks != 0 ? 1 : 0;
  const std::size_t bits_each = 2 + (block_count == 1 ? 0 : block_count);
  const std::size_t most = text_bytes / kTextPerIndexByte * 8 / bits_each;
  const std::size_t wanted = std::clamp<std::size_t>(std::min(used, most), 1, kSlots);
  return std::clamp(static_cast<unsigned>(std::bit_width(wanted - 1)), kSlotBitsMin, kSlotBitsMax);
}

// Tells each slot its blocks.
void TextIndexBuilder::Work::collect_blocks(std::size_t count) {
  for (std::size_t w = 0; w < Bitmap::kWords; ++w) {
    Slot* const first = &slots[w * 64];
    for (std::size_t b = 0; b < count; ++b) {
      for (std::uint64_t bits = blocks[b].word(w); bits != 0; bits &= bits - 1)
        first[std::countr_zero(bits)].blocks |= std::uint32_t{1} << b;
    }
  }
  for (std::size_t b = 0; b < count; ++b) blocks[b].clear();
}

// Brings the slots down to 2^bits, at the front of `slots`.
void TextIndexBuilder::Work::fold(unsigned bits) {
  const unsigned shift = kSlotBitsMax - bits;
  if (shift == 0) return;
  for (std::size_t i = 0; i < (std::size_t{1} << bits); ++i) {
    Slot merged = slots[i << shift];
    for (std::size_t j = 1; j < (std::size_t{1} << shift); ++j)
      merged.merge(slots[(i << shift) + j]);
    slots[i] = merged;
  }
}

TextIndexBuilder::TextIndexBuilder() : work_(std::make_unique<Work>()) {}
TextIndexBuilder::~TextIndexBuilder() = default;

void TextIndexBuilder::note(std::uint32_t slot) {
  Work& work = *work_;
  work.blocks[rows_ / kBlockRows].set(slot);
  if (!work.crowded.test(slot)) {
    Slot& entry = work.slots[slot];
    entry.add(static_cast<std::uint16_t>(rows_));
    if (entry.row_count <= kListRowsMax) return;
    work.crowded.set(slot);
  }
  work.settled.set(slot);
}

void TextIndexBuilder::add(std::string_view text) {
  LYNXDB_CHECK(rows_ < kBlockRows * kBlocksMax);
  Work& work = *work_;
  if (rows_ % kBlockRows == 0) work.settled.clear();
  work.text_bytes += text.size();
  // Pieces overlap by a gram less one byte.
  for (; text.size() >= kGramBytes; text.remove_prefix(std::min(text.size(), kPieceBytes - 3))) {
    const std::size_t bytes = std::min(text.size(), kPieceBytes);
    const std::size_t grams = bytes - (kGramBytes - 1);
    hash_grams(text.data(), grams, work.lower.data(), work.hashed.data());
    // One gram in ten is not settled, and nobody knows which: collecting them first costs no
    // branches.
    std::size_t count = 0;
    for (std::size_t i = 0; i < grams; ++i) {
      work.unsettled[count] = work.hashed[i];
      count += work.settled.test(work.hashed[i]) ? 0 : 1;
    }
    for (std::size_t i = 0; i < count; ++i) note(work.unsettled[i]);
  }
  ++rows_;
}

std::string TextIndexBuilder::finish() {
  const std::size_t blocks = block_count(std::max<std::size_t>(rows_, 1), kBlockRows);
  work_->collect_blocks(blocks);
  const unsigned bits = work_->slot_bits(blocks);
  work_->fold(bits);

  std::string head;
  base::put_fixed(kTextIndexVersion, head);
  base::put_fixed(static_cast<std::uint8_t>(bits), head);
  base::put_fixed(rows_, head);
  std::string pages;
  for (std::size_t begin = 0; begin < (std::size_t{1} << bits); begin += kPageSlots) {
    const std::string page =
        encode_page(std::span(work_->slots).subspan(begin, kPageSlots), blocks);
    base::put_fixed(static_cast<std::uint16_t>(page.size()), head);
    pages += page;
  }
  base::put_fixed(base::crc32c(head), head);

  std::fill(work_->slots.begin(), work_->slots.end(), Slot{});
  work_->crowded.clear();
  work_->text_bytes = 0;
  rows_ = 0;
  return head + pages;
}

}  // namespace lynxdb::segment
