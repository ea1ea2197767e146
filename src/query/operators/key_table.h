// A set of keys, numbered in order of arrival, that stays within a memory budget.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
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
  std::size_t size() const { return map_.size(); }

 private:
  struct Hash {
    using is_avalanching = void;
    std::size_t operator()(std::string_view key) const { return base::xxh3(key); }
  };

  bool make_room(std::size_t key_bytes);

  boost::unordered_flat_map<std::string_view, std::uint32_t, Hash> map_;
  event::Arena arena_;
  std::size_t key_bytes_ = 0;
  std::size_t value_bytes_;
  base::MemoryReservation memory_;
};

}  // namespace lynxdb::query
