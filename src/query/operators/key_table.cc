#include "query/operators/key_table.h"

#include <algorithm>
#include <limits>

namespace lynxdb::query {
namespace {

// Reserved in steps, so that most insertions do not touch the shared budget.
constexpr std::size_t kStepBytes = 16U << 10U;

}  // namespace

KeyTable::KeyTable(base::MemoryBudget& budget, std::size_t value_bytes)
    : value_bytes_(value_bytes), memory_(budget) {}

bool KeyTable::make_room(std::size_t key_bytes) {
  // A slot and its share of the table's metadata, at the table's lowest load (a half, after
  // growth).
  constexpr std::size_t kSlotBytes = 2 * (sizeof(Entry) + 1);
  const std::size_t keys = entries_.size() + 1;
  // The arena's blocks are filled to half on average; growing the table needs the old one as well.
  std::size_t needed = 2 * (key_bytes_ + key_bytes) + keys * (kSlotBytes + value_bytes_);
  if (keys > entries_.max_load()) needed += keys * kSlotBytes;
  if (needed <= memory_.bytes()) return true;
  return memory_.resize(needed + std::max(kStepBytes, needed / 8)) || memory_.resize(needed);
}

std::optional<KeyTable::Found> KeyTable::find_or_insert(std::string_view key) {
  constexpr std::size_t kMax = std::numeric_limits<std::uint32_t>::max() - 1;
  Entry entry = looked_for(key);
  if (const auto known = entries_.find(entry); known != entries_.end())
    return Found{known->index, false};
  if (entries_.size() >= kMax || key.size() > kMax || !make_room(key.size())) return std::nullopt;
  key_bytes_ += key.size();
  entry.index = static_cast<std::uint32_t>(entries_.size());
  entry.data = arena_.copy(key).data();
  entries_.insert(entry);
  return Found{entry.index, true};
}

std::optional<std::uint32_t> KeyTable::find(std::string_view key) const {
  const auto known = entries_.find(looked_for(key));
  if (known == entries_.end()) return std::nullopt;
  return known->index;
}

}  // namespace lynxdb::query
