#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "segment/range_reader.h"
#include "segment/text_index.h"
#include "segment/text_index_format.h"

namespace lynxdb::segment {

namespace {

// Grams asked for at a time. A few kill most blocks; asking for all at once would read every page
// of the index for a long literal.
constexpr std::size_t kSlotsPerRound = 8;
// Grams of a long literal that are asked for in all.
constexpr std::size_t kSlotsMax = 96;

Error damaged(const char* what) { return {ErrorCode::kCorruption, what}; }

struct Head {
  unsigned slot_bits = 0;
  std::vector<ByteRange> pages;  // In the source.
};

Result<Head> read_head(ByteSource& source, ByteRange index, std::size_t row_count) {
  const SharedBytes start =
      TRY(source.read(index.offset, std::min<std::uint64_t>(index.size, kHeadBytesMax)));
  base::ByteReader in(start.view);
  const auto version = in.fixed<std::uint8_t>();
  const auto bits = in.fixed<std::uint8_t>();
  const auto rows = in.fixed<std::uint32_t>();
  if (in.failed()) return damaged("text index: cut short");
  if (version != kTextIndexVersion) return damaged("text index: unknown version");
  if (bits < kSlotBitsMin || bits > kSlotBitsMax || rows != row_count)
    return damaged("text index: bad head");

  Head head{bits, {}};
  const std::size_t pages = (std::size_t{1} << bits) / kPageSlots;
  std::uint64_t at = index.offset + kHeadFixedBytes + 2 * pages + 4;
  for (std::size_t i = 0; i < pages; ++i) {
    const auto size = in.fixed<std::uint16_t>();
    head.pages.push_back({at, size});
    at += size;
  }
  const std::size_t covered = start.view.size() - in.remaining();
  const auto crc = in.fixed<std::uint32_t>();
  if (in.failed() || crc != base::crc32c(start.view.substr(0, covered)))
    return damaged("text index: bad checksum of the head");
  if (at != index.offset + index.size) return damaged("text index: sizes do not add up");
  return head;
}

GramSlotKind kind_at(std::string_view kinds, std::size_t slot) {
  return static_cast<GramSlotKind>(static_cast<unsigned char>(kinds[slot / 4]) >> (2 * (slot % 4)) &
                                   3U);
}

// How many of the first `slots` slots are of `kind`.
std::size_t slots_before(std::string_view kinds, std::size_t slots, GramSlotKind kind) {
  constexpr std::size_t kPerWord = 32;
  constexpr std::uint64_t kLow = 0x5555'5555'5555'5555U;
  const std::uint64_t same = kLow * static_cast<std::uint64_t>(kind);
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < slots; begin += kPerWord) {
    std::uint64_t word = 0;
    std::memcpy(&word, kinds.data() + begin / 4, sizeof word);
    const std::uint64_t different = word ^ same;
    std::uint64_t equal = ~(different | different >> 1U) & kLow;
    if (slots - begin < kPerWord) equal &= (std::uint64_t{1} << (2 * (slots - begin))) - 1;
    count += static_cast<std::size_t>(std::popcount(equal));
  }
  return count;
}

// The mask that `before` others precede. `masks` holds it.
std::uint32_t mask_at(std::string_view masks, std::size_t blocks, std::size_t before) {
  const std::size_t bit = blocks * before;
  std::uint64_t word = 0;  // A mask of 32 bits reaches into 5 bytes at most.
  const std::string_view bytes = masks.substr(bit / 8, sizeof word);
  std::memcpy(&word, bytes.data(), bytes.size());
  return static_cast<std::uint32_t>(word >> (bit % 8)) & all_blocks(blocks);
}

// The list of the slot that `lists_before` others precede.
Result<std::vector<std::uint32_t>> read_list(base::ByteReader lists, std::size_t lists_before,
                                             std::size_t row_count) {
  for (std::size_t i = 0; i < lists_before; ++i)
    lists.take(std::size_t{2} * lists.fixed<std::uint8_t>());
  const auto count = lists.fixed<std::uint8_t>();
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t row = lists.fixed<std::uint16_t>();
    const bool ascending = rows.empty() || rows.back() < row;
    if (lists.failed() || row >= row_count || !ascending)
      return damaged("text index: bad list of rows");
    rows.push_back(row);
  }
  return rows;
}

// The page behind its checksum.
Result<std::string_view> checked_page(std::string_view page) {
  base::ByteReader in(page);
  const auto crc = in.fixed<std::uint32_t>();
  if (in.failed() || crc != base::crc32c(page.substr(4)))
    return damaged("text index: bad checksum of a page");
  return page.substr(4);
}

// Where the grams of one slot stand.
Result<RowsFound> read_slot(std::string_view page, std::size_t slot, std::size_t row_count) {
  base::ByteReader in(TRY(checked_page(page)));
  const std::string_view kinds = in.take(kKindsBytes);
  if (in.failed()) return damaged("text index: page cut short");

  const std::size_t blocks = block_count(row_count, kBlockRows);
  const GramSlotKind kind = kind_at(kinds, slot);
  if (kind == GramSlotKind::kEmpty) return RowsFound{};
  if (kind == GramSlotKind::kEverywhere) return RowsFound{all_blocks(blocks), {}};
  const std::string_view masks =
      in.take((blocks * slots_before(kinds, kPageSlots, GramSlotKind::kBlocks) + 7) / 8);
  if (in.failed()) return damaged("text index: page cut short");
  if (kind == GramSlotKind::kBlocks)
    return RowsFound{mask_at(masks, blocks, slots_before(kinds, slot, GramSlotKind::kBlocks)), {}};
  RowsFound found;
  found.rows = TRY(read_list(in, slots_before(kinds, slot, GramSlotKind::kRows), row_count));
  for (const std::uint32_t row : *found.rows) found.blocks |= 1U << (row / kBlockRows);
  return found;
}

// Keeps in `found` what is in `other`, too.
void intersect(RowsFound& found, const RowsFound& other) {
  found.blocks &= other.blocks;
  if (other.rows && found.rows) {
    std::vector<std::uint32_t> both;
    std::ranges::set_intersection(*found.rows, *other.rows, std::back_inserter(both));
    found.rows = std::move(both);
  } else if (other.rows) {
    found.rows = other.rows;
  }
  if (!found.rows) return;
  std::erase_if(*found.rows, [&](std::uint32_t row) {
    return ((found.blocks >> (row / kBlockRows)) & 1U) == 0;
  });
  found.blocks = 0;
  for (const std::uint32_t row : *found.rows) found.blocks |= 1U << (row / kBlockRows);
}

void add_slots(std::string_view literal, std::vector<std::uint32_t>& slots) {
  for (std::size_t i = 0; i + kGramBytes <= literal.size(); ++i) {
    std::array<unsigned char, kGramBytes> lower{};
    for (std::size_t j = 0; j < kGramBytes; ++j)
      lower[j] = lower_ascii(static_cast<unsigned char>(literal[i + j]));
    std::uint32_t gram = 0;
    std::memcpy(&gram, lower.data(), kGramBytes);
    slots.push_back(widest_slot(gram));
  }
}

// The slots of all literals, each once, in an order in which neighbours come from far apart: grams
// that overlap say much the same.
std::vector<std::uint32_t> slots_to_ask(std::span<const std::string> literals) {
  std::vector<std::uint32_t> slots;
  for (const std::string& literal : literals) add_slots(literal, slots);
  if (slots.empty()) return slots;
  const std::size_t stride = std::max<std::size_t>(1, slots.size() / kSlotsPerRound);
  std::vector<std::uint32_t> order;
  for (std::size_t first = 0; first < stride; ++first)
    for (std::size_t i = first; i < slots.size() && order.size() < kSlotsMax; i += stride)
      if (std::ranges::find(order, slots[i]) == order.end()) order.push_back(slots[i]);
  return order;
}

}  // namespace

Result<RowsFound> find_in_text_index(ByteSource& source, ByteRange index, std::size_t row_count,
                                     std::span<const std::string> literals) {
  LYNXDB_CHECK(row_count > 0 && row_count <= kBlockRows * kBlocksMax);
  RowsFound found{all_blocks(block_count(row_count, kBlockRows)), {}};
  const std::vector<std::uint32_t> slots = slots_to_ask(literals);
  if (slots.empty()) return found;

  const Head head = TRY(read_head(source, index, row_count));
  std::span<const std::uint32_t> rest = slots;
  while (!rest.empty() && !found.none()) {
    const auto round = rest.first(std::min(rest.size(), kSlotsPerRound));
    rest = rest.subspan(round.size());
    std::vector<ByteRange> ranges;
    for (const std::uint32_t widest : round)
      ranges.push_back(head.pages[(widest >> (kSlotBitsMax - head.slot_bits)) / kPageSlots]);
    const std::vector<SharedBytes> pages = TRY(read_ranges(source, ranges));
    for (std::size_t i = 0; i < round.size() && !found.none(); ++i) {
      const std::size_t slot = (round[i] >> (kSlotBitsMax - head.slot_bits)) % kPageSlots;
      intersect(found, TRY(read_slot(pages[i].view, slot, row_count)));
    }
  }
  return found;
}

Result<> check_text_index(ByteSource& source, ByteRange index, std::size_t row_count) {
  for (const ByteRange& page : TRY(read_head(source, index, row_count)).pages)
    TRY(checked_page(TRY(source.read(page.offset, page.size)).view));
  return {};
}

}  // namespace lynxdb::segment
