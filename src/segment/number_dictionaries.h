// Dictionaries of texts that differ in one number ("u001032"), shared by the row groups of a scan.
//
// Ids are too many for a dictionary of one row group to save much, but they come from a range that
// all row groups have in common. A column over a dictionary of the whole range is decoded without
// writing a single text, and a group-by that knows the dictionary already finds the group of a row
// by index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "event/column.h"
#include "segment/encoding/template_format.h"

namespace lynxdb::segment {

// `before`, a number in the form of `number` (kInteger, kPadded or kAddress), `behind`.
struct NumberedTexts {
  std::string before;
  SlotSpec number;
  std::string behind;
  friend bool operator==(const NumberedTexts&, const NumberedTexts&) = default;
};

// Thread-safe. Columns it gave out live on without it.
class NumberDictionaries {
 public:
  // The most entries of one dictionary, and what a dictionary may have for each row.
  static constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 18U;
  static constexpr std::uint64_t kEntriesPerRow = 4;
  // Below this many rows a dictionary is not worth its making.
  static constexpr std::size_t kRowsMin = 4096;
  // Of the literals of a text together. With the entries this bounds the memory of a dictionary.
  static constexpr std::size_t kLiteralBytesMax = 32;
  // What is kept for queries to come: the dictionary used last, when it is no larger than this.
  static constexpr std::size_t kKeptBytesMax = std::size_t{8} << 20U;

  // The texts of `numbers`, one for each row, as a kDictionary column. Its dictionary may hold
  // texts that no row has. Nullopt when the numbers are too few or too far apart, or when one does
  // not fit its form.
  struct Column {
    std::vector<std::uint32_t> codes;
    event::ColumnPtr dictionary;
  };
  std::optional<Column> column(const NumberedTexts& texts, std::span<const std::int64_t> numbers)
      EXCLUDES(mutex_);

 private:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t size = 0;
    friend bool operator==(const Range&, const Range&) = default;
  };
  struct Known {
    NumberedTexts texts;
    Range range;
    std::weak_ptr<const event::Column> dictionary;
  };
  static std::optional<Range> range_of(const NumberedTexts& texts,
                                       std::span<const std::int64_t> numbers);
  event::ColumnPtr dictionary(const NumberedTexts& texts, Range range) EXCLUDES(mutex_);

  base::Mutex mutex_;
  std::vector<Known> known_ GUARDED_BY(mutex_);  // Used by somebody.
  event::ColumnPtr last_ GUARDED_BY(mutex_);     // Keeps one that nobody may be using.
};

}  // namespace lynxdb::segment
