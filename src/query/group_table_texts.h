// Texts numbered by content: the hash table behind the string values of a group key.
//
// Short texts lie in the table itself, so that finding one takes one line of memory; look-ups come
// in two steps, so that the lines of many texts are on their way at once.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lynxdb::query {

// Not thread-safe. Borrows the bytes of long texts.
class TextTable {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  // A text made ready to be looked up in any table. Borrows it.
  struct Probe {
    // The bytes of a short text, zeros behind; of a long one its address, hash and size.
    std::array<std::uint64_t, 3> words{};
    std::uint64_t hash = 0;
    std::uint32_t size = 0;  // kLong for long texts.
  };
  static Probe probe(std::string_view text);

  void prefetch(const Probe& probe) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[probe.hash & (slots_.size() - 1)]);
  }
  // The code of the text. When it is new, `add` gives its code and the text where it stays.
  struct Added {
    std::uint32_t code = 0;
    std::string_view text;
  };
  template <typename Add>
  std::uint32_t find_or_add(const Probe& probe, Add&& add) {
    if ((used_ + 1) * 4 > slots_.size() * 3) grow();
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = probe.hash & mask;
    for (; slots_[i].code != kNone; i = (i + 1) & mask)
      if (same(slots_[i], probe)) return slots_[i].code;
    const Added added = add();
    Slot& slot = slots_[i];
    slot = {probe.words, probe.size, added.code};
    if (slot.size == kLong) slot.words[0] = address_of(added.text);
    ++used_;
    return added.code;
  }

  bool empty() const { return used_ == 0; }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  static constexpr std::size_t kInlineBytes = 24;
  static constexpr std::uint32_t kLong = kInlineBytes + 1;

  // Half a line of memory.
  struct alignas(32) Slot {
    std::array<std::uint64_t, 3> words{};
    std::uint32_t size = 0;
    std::uint32_t code = kNone;
  };

  static std::uint64_t address_of(std::string_view text) {
    return std::bit_cast<std::uintptr_t>(text.data());
  }
  static bool same(const Slot& slot, const Probe& probe) {
    if (slot.size != probe.size || slot.words[1] != probe.words[1] ||
        slot.words[2] != probe.words[2])
      return false;
    return slot.words[0] == probe.words[0] || (slot.size == kLong && same_long(slot, probe));
  }
  static bool same_long(const Slot& slot, const Probe& probe);
  static std::uint64_t hash_of(const Slot& slot);
  void grow();

  std::vector<Slot> slots_;  // A power of two, at most 3/4 full.
  std::size_t used_ = 0;
};

}  // namespace lynxdb::query
