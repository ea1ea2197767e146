// The strings of a column of another kind each, by row, without asking for the kind each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "event/column.h"

namespace lynxdb::segment {

// Borrows the column.
class RowStrings {
 public:
  explicit RowStrings(const event::Column& column)
      : nulls_(&column.null_bitmap()), some_null_(column.null_bitmap().any()) {
    if (column.kind() == event::Kind::kDictionary) {
      codes_ = column.codes();
      strings_ = column.dictionary()->string_values();
    } else if (column.kind() == event::Kind::kString) {
      strings_ = column.string_values();
    }
  }

  // Whether the column is one of strings at all.
  bool any() const { return strings_.data() != nullptr; }

  // Whether strings lie so far apart that each is a trip to memory.
  bool are_far_apart() const { return codes_.data() != nullptr && strings_.size() > kFewStrings; }
  // Before rows are asked for that come `kFar` and `kNear` rows later.
  static constexpr std::size_t kFar = 16;
  static constexpr std::size_t kNear = 8;
  void prefetch(std::size_t far, std::size_t near) const {
    if (far < codes_.size()) __builtin_prefetch(strings_.data() + codes_[far]);
    if (near < codes_.size() && codes_[near] < strings_.size())
      __builtin_prefetch(strings_[codes_[near]].data());
  }

  // Empty for null rows, too.
  std::string_view at(std::size_t row) const {
    if (some_null_ && nulls_->test(row)) return {};
    return strings_[codes_.data() == nullptr ? row : codes_[row]];
  }

 private:
  static constexpr std::size_t kFewStrings = 1024;

  const event::NullBitmap* nulls_;
  bool some_null_;
  std::span<const std::uint32_t> codes_;
  std::span<const std::string_view> strings_;
};

}  // namespace lynxdb::segment
