// A column: the values of one field for a run of events, typed, immutable once built.
//
// Most columns hold one type. A field that changes its type within a batch is a kMixed column; code
// that does not care reads rows through `view(row)`, which works for every kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "event/value.h"

namespace lynxdb::event {

// One bit per row, set = null. Rows beyond the last word are not null; an empty bitmap has no
// nulls.
class NullBitmap {
 public:
  bool any() const { return !words_.empty(); }
  bool test(std::size_t row) const {
    const std::size_t word = row >> 6U;
    return word < words_.size() && ((words_[word] >> (row & 63U)) & 1U) != 0;
  }
  // Grows as needed.
  void set(std::size_t row);
  std::size_t count() const;
  std::span<const std::uint64_t> words() const { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

enum class Kind : std::uint8_t {
  kNull,  // Every row null.
  kBool,
  kInt,
  kFloat,
  kTimestamp,
  kString,
  kDictionary,  // Strings as codes into a short kString column.
  kList,
  kMixed,  // Rows of different types, one Value each.
};

class Column;
using ColumnPtr = std::shared_ptr<const Column>;

// Immutable and thread-safe after construction. Strings are borrowed from `owners` (an input chunk,
// an arena) that the column keeps alive.
class Column {
 public:
  using Owner = std::shared_ptr<const void>;

  // --- Construction. Sizes of `nulls` and data must agree (rows beyond the bitmap are not null).
  static ColumnPtr nulls(std::size_t rows);
  static ColumnPtr bools(std::vector<std::uint8_t> values, NullBitmap nulls = {});
  static ColumnPtr ints(std::vector<std::int64_t> values, NullBitmap nulls = {});
  static ColumnPtr floats(std::vector<double> values,
                          NullBitmap nulls = {});  // NaN and inf become null.
  static ColumnPtr timestamps(std::vector<std::int64_t> ns, NullBitmap nulls = {});
  static ColumnPtr strings(std::vector<std::string_view> values, std::vector<Owner> owners,
                           NullBitmap nulls = {});
  // The same without nulls, of texts that the caller knows to differ from each other.
  static ColumnPtr distinct_strings(std::vector<std::string_view> values,
                                    std::vector<Owner> owners);
  // `dictionary` is a kString column without nulls; every code of a non-null row is below its size.
  static ColumnPtr dictionary(std::vector<std::uint32_t> codes, ColumnPtr dictionary,
                              NullBitmap nulls = {});
  // Row i holds elements [offsets[i], offsets[i + 1]); an empty one is null. `elements` is no list.
  static ColumnPtr lists(std::vector<std::uint32_t> offsets, ColumnPtr elements);
  // Becomes a plain column when all non-null values have one type.
  static ColumnPtr mixed(std::vector<Value> values);
  static ColumnPtr constant(const Value& value, std::size_t rows);

  Kind kind() const { return kind_; }
  std::size_t size() const { return rows_; }
  bool is_null(std::size_t row) const {
    return kind_ == Kind::kNull || nulls_.test(row) ||
           (kind_ == Kind::kMixed && mixed_[row].is_null());
  }
  bool has_nulls() const;
  std::size_t null_count() const;
  const NullBitmap& null_bitmap() const { return nulls_; }  // Of kMixed and kNull: not used.

  // --- Typed data; only for the kind named. Null rows hold unspecified (but readable) values.
  std::span<const std::uint8_t> bool_values() const { return bools_; }
  std::span<const std::int64_t> int_values() const { return ints_; }  // kInt and kTimestamp (ns).
  std::span<const double> float_values() const { return floats_; }
  std::span<const std::string_view> string_values() const { return strings_; }
  std::span<const std::uint32_t> codes() const { return codes_; }
  const ColumnPtr& dictionary() const { return child_; }
  std::span<const std::uint32_t> offsets() const { return codes_; }
  const ColumnPtr& elements() const { return child_; }
  std::span<const Value> mixed_values() const { return mixed_; }
  const std::vector<Owner>& owners() const { return owners_; }
  // Of kString: whether it was made by distinct_strings().
  bool is_distinct() const { return distinct_; }

  // Any kind. Borrowed from this column.
  ValueView view(std::size_t row) const;
  Value value(std::size_t row) const { return view(row).to_value(); }

  // Bytes held, strings' text included (text shared with other columns is counted in each).
  std::size_t memory_bytes() const;

 private:
  Column() = default;
  friend struct ColumnAccess;

  Kind kind_ = Kind::kNull;
  std::size_t rows_ = 0;
  NullBitmap nulls_;
  std::vector<std::uint8_t> bools_;
  std::vector<std::int64_t> ints_;
  std::vector<double> floats_;
  std::vector<std::string_view> strings_;
  std::vector<std::uint32_t> codes_;  // Dictionary codes, or list offsets.
  std::vector<Value> mixed_;
  ColumnPtr child_;
  std::vector<Owner> owners_;
  bool distinct_ = false;
};

// --- Whole-column operations ---------------------------------------------------------------------

inline constexpr std::uint32_t kNoRow = 0xffffffffU;

// Row i of the result is row rows[i] of `column`; kNoRow gives null. Strings are shared, not
// copied.
ColumnPtr take(const ColumnPtr& column, std::span<const std::uint32_t> rows);
ColumnPtr slice(const ColumnPtr& column, std::size_t begin, std::size_t size);
// One after the other. Mixes types into kMixed when they differ.
ColumnPtr concat(std::span<const ColumnPtr> columns);
// A kDictionary column as kString; others as they are.
ColumnPtr flatten(const ColumnPtr& column);
// The same values with all strings in memory of their own (drops owners): for operators that keep
// rows for long and must not pin whole input chunks.
ColumnPtr compact(const ColumnPtr& column);

// Collects strings whose bytes must be copied. Not thread-safe; shared with columns as an owner.
class Arena {
 public:
  std::string_view copy(std::string_view text);
  // Room for `bytes`, to be filled by the caller.
  char* allocate(std::size_t bytes);
  std::size_t memory_bytes() const { return allocated_; }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
  std::size_t allocated_ = 0;
};

// Builds a column row by row; starts typed by the first non-null value and turns to kMixed when a
// later one differs. Not thread-safe.
class ColumnBuilder {
 public:
  ColumnBuilder();

  void append_null();
  void append_nulls(std::size_t n);
  void append_bool(bool v);
  void append_int(std::int64_t v);
  void append_float(double v);  // Null when not finite.
  void append_timestamp(std::int64_t ns);
  void append_string(std::string_view v);  // Copies the bytes.
  void append_borrowed_string(
      std::string_view v);   // Bytes kept alive by an owner given to add_owner.
  void append(ValueView v);  // Copies strings.

  void add_owner(Column::Owner owner);
  void reserve(std::size_t rows);
  std::size_t size() const { return rows_; }
  std::size_t memory_bytes() const;

  // The column; the builder is empty afterwards and can be used again.
  ColumnPtr finish();

 private:
  void become(Kind kind);
  void become_mixed();
  Arena& arena();

  Kind kind_ = Kind::kNull;
  std::size_t rows_ = 0;
  NullBitmap nulls_;
  std::vector<std::uint8_t> bools_;
  std::vector<std::int64_t> words_;
  std::vector<double> floats_;
  std::vector<std::string_view> strings_;
  std::vector<Value> mixed_;
  std::shared_ptr<Arena> arena_;
  std::vector<Column::Owner> owners_;
};

}  // namespace lynxdb::event
