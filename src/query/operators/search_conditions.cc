// The tests behind f=v, f IN (...), f<v and f LIKE v (docs/guide/search.md).
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_set>
#include <vector>

#include "event/time/time_expression.h"
#include "query/like_pattern.h"
#include "query/operators/scalar_condition.h"
#include "query/operators/text_pattern.h"

namespace lynxdb::query {
namespace {

using event::ValueView;

constexpr std::int64_t kIntMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kIntMax = std::numeric_limits<std::int64_t>::max();
constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr IntRange kNoInts{0, -1};

// The number that a value written without wildcards stands for.
std::optional<ValueView> number_of(const spl2::SearchPattern& value) {
  if (value.has_wildcard()) return std::nullopt;
  const std::optional<ValueView> number = event::parse_number(value.text);
  return number && !number->is_null() ? number : std::nullopt;
}

std::optional<std::int64_t> time_of(const spl2::SearchPattern& value, std::int64_t now_ns) {
  if (value.has_wildcard()) return std::nullopt;
  return event::try_time_expression(value.text, now_ns);
}

int compare_numbers(ValueView a, ValueView b) {
  const bool a_int = a.type() == event::Type::kInt;
  const bool b_int = b.type() == event::Type::kInt;
  if (a_int && b_int) return a.as_int() < b.as_int() ? -1 : a.as_int() > b.as_int() ? 1 : 0;
  if (a_int) return event::compare_int_float(a.as_int(), b.as_float());
  if (b_int) return -event::compare_int_float(b.as_int(), a.as_float());
  return a.as_float() < b.as_float() ? -1 : a.as_float() > b.as_float() ? 1 : 0;
}

bool fits(spl2::Op op, int comparison) {
  switch (op) {
    case spl2::Op::kLt:
      return comparison < 0;
    case spl2::Op::kLe:
      return comparison <= 0;
    case spl2::Op::kGt:
      return comparison > 0;
    case spl2::Op::kGe:
      return comparison >= 0;
    case spl2::Op::kNe:
      return comparison != 0;
    default:
      return comparison == 0;
  }
}

// x < 2.5 is x <= 2 for ints, and so on. `bound` is finite.
IntRange ints_below(double bound) {
  if (bound < -kTwoTo63) return kNoInts;
  return {kIntMin, bound >= kTwoTo63 ? kIntMax : static_cast<std::int64_t>(std::floor(bound))};
}

IntRange ints_above(double bound) {
  if (bound >= kTwoTo63) return kNoInts;
  return {bound < -kTwoTo63 ? kIntMin : static_cast<std::int64_t>(std::ceil(bound)), kIntMax};
}

IntRange ints_that_fit(spl2::Op op, std::int64_t bound) {
  switch (op) {
    case spl2::Op::kLt:
      return bound == kIntMin ? kNoInts : IntRange{kIntMin, bound - 1};
    case spl2::Op::kLe:
      return {kIntMin, bound};
    case spl2::Op::kGt:
      return bound == kIntMax ? kNoInts : IntRange{bound + 1, kIntMax};
    case spl2::Op::kGe:
      return {bound, kIntMax};
    default:
      return {bound, bound};
  }
}

IntRange ints_that_fit(spl2::Op op, ValueView bound) {
  if (bound.type() == event::Type::kInt) return ints_that_fit(op, bound.as_int());
  const double value = bound.as_float();
  const bool integral = value == std::floor(value) && value >= -kTwoTo63 && value < kTwoTo63;
  if (integral) return ints_that_fit(op, static_cast<std::int64_t>(value));
  switch (op) {
    case spl2::Op::kLt:
    case spl2::Op::kLe:
      return ints_below(value);
    case spl2::Op::kGt:
    case spl2::Op::kGe:
      return ints_above(value);
    default:
      return kNoInts;
  }
}

// Bytes with ASCII letters folded, as memcmp would; the second text is folded already.
int compare_folded(std::string_view text, std::string_view folded) {
  const std::size_t size = std::min(text.size(), folded.size());
  for (std::size_t i = 0; i < size; ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != folded[i])
      return static_cast<unsigned char>(c) < static_cast<unsigned char>(folded[i]) ? -1 : 1;
  }
  return text.size() < folded.size() ? -1 : text.size() > folded.size() ? 1 : 0;
}

class EqualsCondition final : public ScalarCondition {
 public:
  EqualsCondition(const spl2::SearchPattern& value, std::int64_t now_ns)
      : pattern_(value, base::LetterCase::kIgnoreAscii),
        wildcard_(value.has_wildcard()),
        number_(number_of(value)),
        time_(time_of(value, now_ns)) {}

  bool text(std::string_view text) const override { return pattern_.matches(text); }

  bool number(ValueView number) const override {
    if (number_) return compare_numbers(number, *number_) == 0;
    return wildcard_ && pattern_.matches(event::text(number));
  }

  bool timestamp(std::int64_t ns) const override {
    return time_ == ns || pattern_.matches(event::text(ValueView::timestamp(ns)));
  }

  std::optional<IntRange> ints() const override {
    if (wildcard_) return std::nullopt;
    return number_ ? ints_that_fit(spl2::Op::kEq, *number_) : kNoInts;
  }

 private:
  WildcardPattern pattern_;
  bool wildcard_;
  std::optional<ValueView> number_;
  std::optional<std::int64_t> time_;
};

// Plain values by hash; those with wildcards one after the other.
class AnyOfCondition final : public ScalarCondition {
 public:
  AnyOfCondition(std::span<const spl2::SearchPattern> values, std::int64_t now_ns) {
    for (const spl2::SearchPattern& value : values) {
      if (value.has_wildcard()) {
        patterns_.push_back(equals_condition(value, now_ns));
        continue;
      }
      texts_.insert(fold_ascii(value.pieces.empty() ? std::string() : value.pieces.front()));
      if (const auto time = time_of(value, now_ns)) times_.insert(*time);
      if (const auto number = number_of(value)) add_number(*number);
    }
  }

  bool text(std::string_view text) const override {
    if (texts_.contains(fold_ascii(text))) return true;
    return any_pattern([&](const ScalarCondition& condition) { return condition.text(text); });
  }

  bool number(ValueView number) const override {
    const bool listed = number.type() == event::Type::kInt ? ints_.contains(number.as_int())
                                                           : contains_float(number.as_float());
    return listed ||
           any_pattern([&](const ScalarCondition& condition) { return condition.number(number); });
  }

  bool timestamp(std::int64_t ns) const override {
    if (times_.contains(ns)) return true;
    if (texts_.contains(fold_ascii(event::text(ValueView::timestamp(ns))))) return true;
    return any_pattern([&](const ScalarCondition& condition) { return condition.timestamp(ns); });
  }

 private:
  // Numbers are kept as ints where they are whole, so that 5, 5.0 and 5e0 are one.
  void add_number(ValueView number) {
    const IntRange same = ints_that_fit(spl2::Op::kEq, number);
    if (same.low <= same.high)
      ints_.insert(same.low);
    else
      floats_.insert(number.as_float());
  }

  bool contains_float(double value) const {
    const IntRange same = ints_that_fit(spl2::Op::kEq, ValueView::floating(value));
    return same.low <= same.high ? ints_.contains(same.low) : floats_.contains(value);
  }

  template <typename Ask>
  bool any_pattern(Ask&& ask) const {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const ScalarConditionPtr& condition) { return ask(*condition); });
  }

  std::unordered_set<std::string> texts_;
  std::unordered_set<std::int64_t> ints_;
  std::unordered_set<double> floats_;
  std::unordered_set<std::int64_t> times_;
  std::vector<ScalarConditionPtr> patterns_;
};

class OrderCondition final : public ScalarCondition {
 public:
  OrderCondition(spl2::Op op, const spl2::SearchPattern& value, std::int64_t now_ns)
      : op_(op),
        folded_(fold_ascii(value.text)),
        number_(number_of(value)),
        time_(time_of(value, now_ns)) {}

  bool text(std::string_view text) const override {
    if (number_) {
      const std::optional<ValueView> number = event::parse_number(text);
      if (number && !number->is_null()) return fits(op_, compare_numbers(*number, *number_));
    }
    return fits(op_, compare_folded(text, folded_));
  }

  bool number(ValueView number) const override {
    if (number_) return fits(op_, compare_numbers(number, *number_));
    return fits(op_, compare_folded(event::text(number), folded_));
  }

  bool timestamp(std::int64_t ns) const override {
    if (time_) return fits(op_, ns < *time_ ? -1 : ns > *time_ ? 1 : 0);
    return fits(op_, compare_folded(event::text(ValueView::timestamp(ns)), folded_));
  }

  std::optional<IntRange> ints() const override {
    return number_ ? std::optional(ints_that_fit(op_, *number_)) : std::nullopt;
  }

 private:
  spl2::Op op_;
  std::string folded_;
  std::optional<ValueView> number_;
  std::optional<std::int64_t> time_;
};

class LikeCondition final : public ScalarCondition {
 public:
  explicit LikeCondition(std::string_view pattern) : pattern_(pattern, /*ignore_case=*/true) {}
  bool text(std::string_view text) const override { return pattern_.matches(text); }
  bool number(ValueView number) const override { return text(event::text(number)); }
  bool timestamp(std::int64_t ns) const override {
    return text(event::text(ValueView::timestamp(ns)));
  }

 private:
  LikePattern pattern_;
};

}  // namespace

ScalarConditionPtr equals_condition(const spl2::SearchPattern& value, std::int64_t now_ns) {
  return std::make_unique<EqualsCondition>(value, now_ns);
}

ScalarConditionPtr any_of_condition(std::span<const spl2::SearchPattern> values,
                                    std::int64_t now_ns) {
  return std::make_unique<AnyOfCondition>(values, now_ns);
}

ScalarConditionPtr order_condition(spl2::Op op, const spl2::SearchPattern& value,
                                   std::int64_t now_ns) {
  return std::make_unique<OrderCondition>(op, value, now_ns);
}

ScalarConditionPtr like_condition(const spl2::SearchPattern& value) {
  return std::make_unique<LikeCondition>(value.text);
}

}  // namespace lynxdb::query
