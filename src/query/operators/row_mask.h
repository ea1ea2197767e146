// The rows of a batch that are still wanted: one bit per row.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lynxdb::query {

// Bits beyond the last row are always 0. Binary operations need masks of one size.
class RowMask {
 public:
  RowMask(std::size_t rows, bool value) : rows_(rows), words_((rows + 63) / 64, value ? ~0ULL : 0) {
    if (value && rows % 64 != 0) words_.back() = (1ULL << (rows % 64)) - 1;
  }

  std::size_t rows() const { return rows_; }
  bool test(std::size_t row) const { return ((words_[row >> 6U] >> (row & 63U)) & 1U) != 0; }
  void set(std::size_t row) { words_[row >> 6U] |= 1ULL << (row & 63U); }
  void clear(std::size_t row) { words_[row >> 6U] &= ~(1ULL << (row & 63U)); }

  bool any() const {
    for (const std::uint64_t word : words_)
      if (word != 0) return true;
    return false;
  }
  std::size_t count() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }

  void unite(const RowMask& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  void subtract(const RowMask& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }

  // Word i covers rows [64 i, 64 i + 64). `and_word` clears the rows whose bit is 0 in `word`.
  std::size_t word_count() const { return words_.size(); }
  std::uint64_t word(std::size_t i) const { return words_[i]; }
  void and_word(std::size_t i, std::uint64_t word) { words_[i] &= word; }

  // Keeps the rows for which `keep(row)` is true; asks for set rows only, in ascending order.
  template <typename Keep>
  void filter(Keep&& keep) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
        const std::size_t row = i * 64 + static_cast<std::size_t>(std::countr_zero(rest));
        if (!keep(row)) clear(row);
      }
    }
  }

  std::vector<std::uint32_t> selected() const {
    std::vector<std::uint32_t> rows;
    rows.reserve(count());
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1)
        rows.push_back(static_cast<std::uint32_t>(i * 64) +
                       static_cast<std::uint32_t>(std::countr_zero(rest)));
    }
    return rows;
  }

 private:
  std::size_t rows_;
  std::vector<std::uint64_t> words_;
};

}  // namespace lynxdb::query
