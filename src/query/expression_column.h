// Building blocks of column-at-a-time evaluation, shared by the nodes of expression.h.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "event/column.h"
#include "query/expression.h"

namespace lynxdb::query {

// One operand of a node, and its value when it is the same for all rows. Immutable.
class Operand {
 public:
  explicit Operand(ExpressionPtr expression)
      : expression_(std::move(expression)), constant_(constant_value(*expression_)) {}

  bool is_constant() const { return constant_.has_value(); }
  const event::Value& constant() const { return *constant_; }
  event::ColumnPtr evaluate(const event::EventBatch& batch) const {
    return expression_->evaluate(batch);
  }
  void collect_fields(std::set<std::string>& fields) const { expression_->collect_fields(fields); }
  const ExpressionPtr& expression() const { return expression_; }

 private:
  ExpressionPtr expression_;
  std::optional<event::Value> constant_;
};

// Three-valued logic as bytes, ordered so that AND is min, OR is max and NOT is 2 - x.
inline constexpr std::uint8_t kFalse = 0;
inline constexpr std::uint8_t kUnknown = 1;
inline constexpr std::uint8_t kTrue = 2;

inline std::uint8_t ternary(std::optional<bool> value) {
  return value ? (*value ? kTrue : kFalse) : kUnknown;
}

// Each row used as a condition.
std::vector<std::uint8_t> to_ternary(const event::Column& column);
// A kBool column; kUnknown becomes null.
event::ColumnPtr from_ternary(std::vector<std::uint8_t> values);

// Null where either is.
event::NullBitmap merge_nulls(const event::NullBitmap& a, const event::NullBitmap& b);

// `value` in every row that `column` does not have null.
event::ColumnPtr constant_where_present(const event::Column& column, bool value);

// Row i is row codes[i] of `per_entry`, a column with one row per entry of the dictionary column
// `codes`; null where `codes` is. Strings stay a dictionary (of distinct entries).
event::ColumnPtr gather_entries(const event::ColumnPtr& per_entry, const event::Column& codes);

// A function of one dictionary column that gives null for null: computed once per distinct string.
template <typename Function>
event::ColumnPtr map_dictionary(const event::ColumnPtr& column, Function function) {
  // After a selective filter the dictionary may be larger than the rows that use it.
  if (column->dictionary()->size() > column->size()) return function(event::flatten(column));
  return gather_entries(function(column->dictionary()), *column);
}

// Row i is row i of sources[choice[i]], or null where the choice is kNoSource. Every source has the
// length of `choice`.
inline constexpr std::uint8_t kNoSource = 0xff;
event::ColumnPtr choose(std::span<const event::ColumnPtr> sources,
                        std::span<const std::uint8_t> choice);

}  // namespace lynxdb::query
