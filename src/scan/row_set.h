// Rows of a unit: mostly a stretch of them, or those that filters left.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace lynxdb::scan {

// Rows in the order in which they come out. Not thread-safe while being changed.
class RowSet {
 public:
  static RowSet stretch(std::uint32_t begin, std::size_t size) {
    RowSet rows;
    rows.begin_ = begin;
    rows.size_ = size;
    return rows;
  }
  static RowSet list(std::vector<std::uint32_t> list) {
    RowSet rows;
    rows.size_ = list.size();
    rows.is_list_ = true;
    rows.list_ = std::move(list);
    return rows;
  }

  std::size_t size() const { return size_; }
  // Whether these are rows 0 to `count` - 1, one after the other.
  bool is_all_of(std::size_t count) const { return !is_list_ && begin_ == 0 && size_ == count; }

  // One by one. Valid until the set changes.
  const std::vector<std::uint32_t>& list() {
    if (!is_list_) {
      list_.resize(size_);
      std::iota(list_.begin(), list_.end(), begin_);
      is_list_ = true;
    }
    return list_;
  }

  // Keeps those that are in `others`, too; both ascend.
  void intersect(std::span<const std::uint32_t> others) {
    std::vector<std::uint32_t> both;
    if (is_list_) {
      std::ranges::set_intersection(list_, others, std::back_inserter(both));
    } else {
      const auto first = std::ranges::lower_bound(others, begin_);
      const auto behind =
          std::find_if(first, others.end(), [&](auto row) { return row - begin_ >= size_; });
      both.assign(first, behind);
    }
    *this = list(std::move(both));
  }

  // Keeps those at these places of the set.
  void keep(std::span<const std::int64_t> places) {
    std::vector<std::uint32_t> kept(places.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const auto place = static_cast<std::uint32_t>(places[i]);
      kept[i] = is_list_ ? list_[place] : begin_ + place;
    }
    *this = list(std::move(kept));
  }

 private:
  RowSet() = default;

  std::uint32_t begin_ = 0;
  std::size_t size_ = 0;
  bool is_list_ = false;
  std::vector<std::uint32_t> list_;
};

}  // namespace lynxdb::scan
