// What a search term asks of one value, and how to ask it of a whole column.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "event/column.h"
#include "query/int_range.h"
#include "query/operators/row_mask.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// A question about a value that is neither null nor a list. Immutable, thread-safe.
class ScalarCondition {
 public:
  virtual ~ScalarCondition() = default;
  virtual bool text(std::string_view text) const = 0;
  // Int or float.
  virtual bool number(event::ValueView number) const = 0;
  virtual bool timestamp(std::int64_t ns) const = 0;
  bool boolean(bool value) const { return text(value ? "true" : "false"); }
  bool scalar(event::ValueView value) const;
  // The ints for which the answer is yes, when they are a range.
  virtual std::optional<IntRange> ints() const { return std::nullopt; }
};

using ScalarConditionPtr = std::unique_ptr<const ScalarCondition>;

// Takes the rows out of `mask` that are null or do not fit; of a list any element may fit.
void keep_passing(const event::Column& column, const ScalarCondition& condition, RowMask& mask);
void keep_present(const event::Column& column, RowMask& mask);

// --- The tests of searches. `now_ns` gives relative times their meaning
// ---------------------------

// f=v: text form, ignoring case, wildcards anchored at both ends; numbers by value when v parses.
ScalarConditionPtr equals_condition(const spl2::SearchPattern& value, std::int64_t now_ns);
// f IN (...): any of them.
ScalarConditionPtr any_of_condition(std::span<const spl2::SearchPattern> values,
                                    std::int64_t now_ns);
// f<v and so on: numbers by value, timestamps by time, everything else by case-folded text.
ScalarConditionPtr order_condition(spl2::Op op, const spl2::SearchPattern& value,
                                   std::int64_t now_ns);
ScalarConditionPtr like_condition(const spl2::SearchPattern& value);

}  // namespace lynxdb::query
