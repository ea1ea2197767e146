// IN and BETWEEN. Long IN lists of constants are looked up by hash; what the hashes cannot answer
// goes through compare_values.
#include <cmath>
#include <string>
#include <unordered_set>
#include <utility>

#include "query/expression_column.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"

namespace lynxdb::query {

using event::ColumnPtr;
using event::EventBatch;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;
using spl2::Op;

namespace {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// Numbers by exact value, ints and floats alike: 1 and 1.0 are the same.
class NumberSet {
 public:
  void insert(ValueView number) {
    if (const auto whole = as_int(number))
      ints_.insert(*whole);
    else
      floats_.insert(number.as_float());
  }
  bool contains(ValueView number) const {
    if (const auto whole = as_int(number)) return ints_.contains(*whole);
    return floats_.contains(number.as_float());
  }

 private:
  static std::optional<std::int64_t> as_int(ValueView number) {
    if (number.type() == Type::kInt) return number.as_int();
    const double value = number.as_float();
    if (value != std::trunc(value) || value < -9223372036854775808.0 ||
        value >= 9223372036854775808.0)
      return std::nullopt;
    return static_cast<std::int64_t>(value);
  }

  std::unordered_set<std::int64_t> ints_;
  std::unordered_set<double> floats_;
};

// A list of constants, split by what they can be equal to.
class ConstantSet {
 public:
  explicit ConstantSet(std::span<const Value> items, std::int64_t now_ns) : now_ns_(now_ns) {
    for (const Value& item : items) add(item);
  }

  // true, false, or unknown when no item is equal and one is null.
  std::uint8_t contains(ValueView value) const {
    if (value.is_null()) return kUnknown;
    return fits(value) ? kTrue : (has_null_ ? kUnknown : kFalse);
  }

 private:
  void add(const Value& item) {
    switch (item.type()) {
      case Type::kNull:
        has_null_ = true;
        return;
      case Type::kInt:
      case Type::kFloat:
        numbers_.insert(item);
        break;
      case Type::kString:
        texts_.insert(item.as_string());
        if (const auto number = event::parse_number(item.as_string()); number && !number->is_null())
          numbers_in_text_.insert(*number);
        break;
      default:
        others_.push_back(item);
    }
    all_.push_back(item);
  }

  bool fits(ValueView value) const {
    switch (value.type()) {
      case Type::kInt:
      case Type::kFloat:
        return numbers_.contains(value) || numbers_in_text_.contains(value) || any(others_, value);
      case Type::kString: {
        if (texts_.contains(value.as_string())) return true;
        const auto number = event::parse_number(value.as_string());
        if (number && !number->is_null() && numbers_.contains(*number)) return true;
        return any(others_, value);
      }
      case Type::kList:
        for (std::size_t i = 0; i < value.list_size(); ++i)
          if (fits(value.list_at(i))) return true;
        return false;
      default:
        return any(all_, value);
    }
  }

  bool any(const std::vector<Value>& items, ValueView value) const {
    for (const Value& item : items)
      if (compare_values(Op::kEq, value, item, now_ns_) == true) return true;
    return false;
  }

  std::int64_t now_ns_;
  bool has_null_ = false;
  std::unordered_set<std::string, TextHash, std::equal_to<>> texts_;
  NumberSet numbers_;
  NumberSet numbers_in_text_;  // Numeric strings: equal to numbers by value, to strings by bytes.
  std::vector<Value> others_;  // Bools, timestamps, lists.
  std::vector<Value> all_;
};

class InConstants final : public Expression {
 public:
  InConstants(ExpressionPtr value, std::span<const Value> items, bool negated, std::int64_t now_ns)
      : value_(std::move(value)), items_(items, now_ns), negated_(negated) {}

  ColumnPtr evaluate(const EventBatch& batch) const override {
    return membership(value_->evaluate(batch));
  }
  void collect_fields(std::set<std::string>& fields) const override {
    value_->collect_fields(fields);
  }

 private:
  ColumnPtr membership(const ColumnPtr& column) const {
    if (column->kind() == Kind::kDictionary)
      return map_dictionary(column,
                            [this](const ColumnPtr& entries) { return membership(entries); });
    std::vector<std::uint8_t> result(column->size());
    for (std::size_t row = 0; row < result.size(); ++row) {
      const std::uint8_t contained = items_.contains(column->view(row));
      result[row] = negated_ ? static_cast<std::uint8_t>(kTrue - contained) : contained;
    }
    return from_ternary(std::move(result));
  }

  ExpressionPtr value_;
  ConstantSet items_;
  bool negated_;
};

// lo <= value <= hi of single values; an element of a list must fit both ends itself.
std::optional<bool> between(ValueView value, ValueView lo, ValueView hi, std::int64_t now_ns) {
  if (value.type() == Type::kList) {
    std::optional<bool> result = false;
    for (std::size_t i = 0; i < value.list_size(); ++i) {
      const std::optional<bool> one = between(value.list_at(i), lo, hi, now_ns);
      if (one == true) return true;
      if (!one) result = std::nullopt;
    }
    return result;
  }
  const std::uint8_t low = ternary(compare_values(Op::kGe, value, lo, now_ns));
  const std::uint8_t high = ternary(compare_values(Op::kLe, value, hi, now_ns));
  const std::uint8_t both = std::min(low, high);
  if (both == kUnknown) return std::nullopt;
  return both == kTrue;
}

class Between final : public Expression {
 public:
  Between(std::vector<ExpressionPtr> args, bool negated, std::int64_t now_ns)
      : args_(std::move(args)), negated_(negated), now_ns_(now_ns) {
    ExpressionPtr both = make_and({make_compare(Op::kGe, args_[0], args_[1], now_ns),
                                   make_compare(Op::kLe, args_[0], args_[2], now_ns)});
    scalar_ = negated ? make_not(std::move(both)) : std::move(both);
  }

  ColumnPtr evaluate(const EventBatch& batch) const override {
    const ColumnPtr values = args_[0]->evaluate(batch);
    const Kind kind = values->kind();
    if (kind != Kind::kList && kind != Kind::kMixed) return scalar_->evaluate(batch);
    const ColumnPtr lo = args_[1]->evaluate(batch);
    const ColumnPtr hi = args_[2]->evaluate(batch);
    std::vector<std::uint8_t> result(values->size());
    for (std::size_t row = 0; row < result.size(); ++row) {
      const std::uint8_t one =
          ternary(between(values->view(row), lo->view(row), hi->view(row), now_ns_));
      result[row] = negated_ ? static_cast<std::uint8_t>(kTrue - one) : one;
    }
    return from_ternary(std::move(result));
  }

  void collect_fields(std::set<std::string>& fields) const override {
    for (const ExpressionPtr& arg : args_) arg->collect_fields(fields);
  }

 private:
  std::vector<ExpressionPtr> args_;
  ExpressionPtr scalar_;  // For columns without lists: two typed comparisons.
  bool negated_;
  std::int64_t now_ns_;
};

}  // namespace

ExpressionPtr make_in(std::vector<ExpressionPtr> args, bool negated, std::int64_t now_ns) {
  std::vector<Value> constants;
  std::vector<ExpressionPtr> tests;
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (const auto constant = constant_value(*args[i]))
      constants.push_back(*constant);
    else
      tests.push_back(make_compare(Op::kEq, args[0], args[i], now_ns));
  }
  if (tests.empty()) return std::make_shared<InConstants>(args[0], constants, negated, now_ns);
  if (!constants.empty())
    tests.push_back(std::make_shared<InConstants>(args[0], constants, false, now_ns));
  ExpressionPtr any = tests.size() == 1 ? std::move(tests.front()) : make_or(std::move(tests));
  return negated ? make_not(std::move(any)) : any;
}

ExpressionPtr make_between(std::vector<ExpressionPtr> args, bool negated, std::int64_t now_ns) {
  return std::make_shared<Between>(std::move(args), negated, now_ns);
}

}  // namespace lynxdb::query
