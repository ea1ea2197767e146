// A set of keys, numbered in order of arrival, that stays within a memory budget.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/hash.h"
#include "base/memory_budget.h"
#include "event/column.h"

namespace lynxdb::query {

// Belongs to one thread.
class KeyTable {
 public:
  // `value_bytes`: what the owner keeps beside each key, counted in the budget here.
  KeyTable(base::MemoryBudget& budget, std::size_t value_bytes);

  struct Found {
    std::uint32_t index = 0;
    bool inserted = false;
  };
  // The key's number; a new key gets the next one. Nullopt when it is new and there is no memory
  // for it: nothing changed then, and `find` goes on working.
  std::optional<Found> find_or_insert(std::string_view key);
  std::optional<std::uint32_t> find(std::string_view key) const;
  std::size_t size() const { return entries_.size(); }

 private:
  // Keeps its hash: when the table grows, nothing is looked at but the table itself.
  struct Entry {
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t index = 0;
    std::uint64_t hash = 0;
  };
  struct Hash {
    using is_avalanching = void;
    std::size_t operator()(const Entry& entry) const { return entry.hash; }
  };
  struct SameKey {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.hash == b.hash &&
             std::string_view(a.data, a.size) == std::string_view(b.data, b.size);
    }
  };

  // Of longer keys than an entry can say the size is wrong: they are in no table.
  static Entry looked_for(std::string_view key) {
    return {key.data(), static_cast<std::uint32_t>(key.size()), 0, base::xxh3(key)};
  }
  bool make_room(std::size_t key_bytes);

  boost::unordered_flat_set<Entry, Hash, SameKey> entries_;
  event::Arena arena_;
  std::size_t key_bytes_ = 0;
  std::size_t value_bytes_;
  base::MemoryReservation memory_;
};

}  // namespace lynxdb::query
