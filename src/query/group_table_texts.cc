#include "query/group_table_texts.h"

#include <bit>
#include <cstring>

#include "base/hash.h"

namespace lynxdb::query {
namespace {

template <typename T>
std::uint64_t load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// Up to 8 bytes as one word, the first one lowest, zeros behind. Bytes read twice agree.
std::uint64_t short_word(const char* text, std::size_t size) {
  static_assert(std::endian::native == std::endian::little);
  if (size >= 8) return load<std::uint64_t>(text);
  if (size >= 4)
    return load<std::uint32_t>(text) | load<std::uint32_t>(text + size - 4) << (8 * (size - 4));
  if (size == 0) return 0;
  const std::size_t middle = size / 2;
  return load<std::uint8_t>(text) | load<std::uint8_t>(text + middle) << (8 * middle) |
         load<std::uint8_t>(text + size - 1) << (8 * (size - 1));
}

// The last `size` (1 to 8) of at least 8 bytes that end at `end`.
std::uint64_t last_word(const char* end, std::size_t size) {
  return load<std::uint64_t>(end - 8) >> (8 * (8 - size));
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t hash_words(const std::array<std::uint64_t, 3>& words, std::uint32_t size) {
  constexpr std::uint64_t kFirst = 0xa0761d6478bd642fULL;
  constexpr std::uint64_t kSecond = 0xe7037ed1a0b428dbULL;
  constexpr std::uint64_t kThird = 0x8ebc6af09c88c6e3ULL;
  const std::uint64_t front = fold(words[0] ^ kFirst, words[1] ^ kSecond);
  return fold(front ^ kThird, words[2] ^ (kFirst + size));
}

}  // namespace

TextTable::Probe TextTable::probe(std::string_view text) {
  Probe probe;
  const std::size_t size = text.size();
  if (size > kInlineBytes) {
    probe.hash = base::xxh3(text);
    probe.words = {address_of(text), probe.hash, size};
    probe.size = kLong;
    return probe;
  }
  probe.size = static_cast<std::uint32_t>(size);
  probe.words[0] = short_word(text.data(), size);
  if (size > 8)
    probe.words[1] =
        size >= 16 ? load<std::uint64_t>(text.data() + 8) : last_word(text.data() + size, size - 8);
  if (size > 16) probe.words[2] = last_word(text.data() + size, size - 16);
  probe.hash = hash_words(probe.words, probe.size);
  return probe;
}

std::uint64_t TextTable::hash_of(const Slot& slot) {
  return slot.size == kLong ? slot.words[1] : hash_words(slot.words, slot.size);
}

bool TextTable::same_long(const Slot& slot, const Probe& probe) {
  return std::memcmp(std::bit_cast<const char*>(std::uintptr_t{slot.words[0]}),
                     std::bit_cast<const char*>(std::uintptr_t{probe.words[0]}),
                     static_cast<std::size_t>(probe.words[2])) == 0;
}

void TextTable::grow() {
  std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.code == kNone) continue;
    std::size_t i = hash_of(slot) & mask;
    while (slots_[i].code != kNone) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

}  // namespace lynxdb::query
