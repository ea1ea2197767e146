#include "query/operators/key_table.h"

#include <algorithm>
#include <limits>

namespace lynxdb::query {
namespace {

// A slot and its share of the table's metadata, at the table's lowest load (a half, after growth).
constexpr std::size_t kSlotBytes = 2 * (sizeof(std::string_view) + 8 + 1);
// Reserved in steps, so that most insertions do not touch the shared budget.
constexpr std::size_t kStepBytes = 16U << 10U;

}  // namespace

KeyTable::KeyTable(base::MemoryBudget& budget, std::size_t value_bytes)
    : value_bytes_(value_bytes), memory_(budget) {}

bool KeyTable::make_room(std::size_t key_bytes) {
  const std::size_t keys = map_.size() + 1;
  // The arena's blocks are filled to half on average; growing the table needs the old one as well.
  std::size_t needed = 2 * (key_bytes_ + key_bytes) + keys * (kSlotBytes + value_bytes_);
  if (keys > map_.max_load()) needed += keys * kSlotBytes;
  if (needed <= memory_.bytes()) return true;
  return memory_.resize(needed + std::max(kStepBytes, needed / 8)) || memory_.resize(needed);
}

std::optional<KeyTable::Found> KeyTable::find_or_insert(std::string_view key) {
  if (const auto known = map_.find(key); known != map_.end()) return Found{known->second, false};
  constexpr std::size_t kKeysMax = std::numeric_limits<std::uint32_t>::max() - 1;
  if (map_.size() >= kKeysMax || !make_room(key.size())) return std::nullopt;
  key_bytes_ += key.size();
  const auto index = static_cast<std::uint32_t>(map_.size());
  map_.emplace(arena_.copy(key), index);
  return Found{index, true};
}

std::optional<std::uint32_t> KeyTable::find(std::string_view key) const {
  const auto known = map_.find(key);
  if (known == map_.end()) return std::nullopt;
  return known->second;
}

}  // namespace lynxdb::query
