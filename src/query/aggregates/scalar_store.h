// One optional scalar per group, compactly: what min, max, first, last, earliest and latest hold.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "event/value.h"

namespace lynxdb::query {

// Not thread-safe. Strings are copied; a group's string is reused when it changes.
class ScalarStore {
 public:
  struct Cell {
    std::int64_t word = 0;  // bool, int, timestamp or the bits of a float.
    std::uint32_t text = kNoText;
    event::Type type = event::Type::kNull;
  };

  void resize(std::size_t groups) { cells_.resize(groups); }
  std::size_t size() const { return cells_.size(); }
  Cell& cell(std::size_t group) { return cells_[group]; }
  const Cell& cell(std::size_t group) const { return cells_[group]; }

  void set(std::size_t group, event::ValueView scalar);
  event::ValueView view(std::size_t group) const;
  std::size_t memory_bytes() const {
    return cells_.capacity() * sizeof(Cell) + texts_.capacity() * sizeof(std::string) + text_bytes_;
  }

 private:
  static constexpr std::uint32_t kNoText = 0xffffffffU;

  std::vector<Cell> cells_;
  std::vector<std::string> texts_;
  std::size_t text_bytes_ = 0;
};

}  // namespace lynxdb::query
