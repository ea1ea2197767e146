// LIKE, ILIKE, `=~` and `!~`: patterns that are literals are compiled once, others per row (the
// last one is kept, as computed patterns mostly repeat).
#include <functional>
#include <utility>

#include "query/expression_column.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"
#include "query/like_pattern.h"
#include "query/regex.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Kind;
using event::Type;
using event::ValueView;

namespace {

// Does the text form of a value fit? A list fits when any element does; null is unknown.
template <typename Matcher>
std::uint8_t match_value(ValueView value, const Matcher& matches, std::string& scratch) {
  if (value.is_null()) return kUnknown;
  if (value.type() != Type::kList) return matches(text_of(value, scratch)) ? kTrue : kFalse;
  for (std::size_t i = 0; i < value.list_size(); ++i)
    if (matches(text_of(value.list_at(i), scratch))) return kTrue;
  return kFalse;
}

template <typename Matcher>
ColumnPtr match_column(const ColumnPtr& column, const Matcher& matches, bool negated) {
  if (column->kind() == Kind::kDictionary)
    return map_dictionary(
        column, [&](const ColumnPtr& entries) { return match_column(entries, matches, negated); });
  if (column->kind() == Kind::kString) {
    const std::span<const std::string_view> texts = column->string_values();
    std::vector<std::uint8_t> result(texts.size());
    for (std::size_t row = 0; row < texts.size(); ++row)
      result[row] = !column->is_null(row) && matches(texts[row]) != negated ? 1 : 0;
    return Column::bools(std::move(result), column->null_bitmap());
  }
  std::string scratch;
  std::vector<std::uint8_t> result(column->size());
  for (std::size_t row = 0; row < result.size(); ++row) {
    const std::uint8_t fits = match_value(column->view(row), matches, scratch);
    result[row] = negated ? static_cast<std::uint8_t>(kTrue - fits) : fits;
  }
  return from_ternary(std::move(result));
}

class MatchNode : public Expression {
 public:
  MatchNode(ExpressionPtr value, ExpressionPtr pattern, bool negated)
      : value_(std::move(value)), pattern_(std::move(pattern)), negated_(negated) {}
  void collect_fields(std::set<std::string>& fields) const override {
    value_->collect_fields(fields);
    pattern_.collect_fields(fields);
  }

 protected:
  // `fits(pattern, value)` for each row; a pattern that is no single string makes the row null.
  ColumnPtr evaluate_rows(
      const EventBatch& batch,
      const std::function<std::uint8_t(std::string_view, ValueView)>& fits) const {
    const ColumnPtr values = value_->evaluate(batch);
    const ColumnPtr patterns = pattern_.evaluate(batch);
    std::vector<std::uint8_t> result(values->size(), kUnknown);
    std::string scratch;
    for (std::size_t row = 0; row < result.size(); ++row) {
      const ValueView pattern = single(patterns->view(row));
      if (pattern.is_null() || pattern.type() == Type::kList) continue;
      const std::uint8_t one = fits(text_of(pattern, scratch), values->view(row));
      result[row] = negated_ ? static_cast<std::uint8_t>(kTrue - one) : one;
    }
    return from_ternary(std::move(result));
  }

  ExpressionPtr value_;
  Operand pattern_;
  bool negated_;
};

class Like final : public MatchNode {
 public:
  Like(ExpressionPtr value, ExpressionPtr pattern, bool ignore_case, bool negated)
      : MatchNode(std::move(value), std::move(pattern), negated), ignore_case_(ignore_case) {
    if (pattern_.is_constant() && !pattern_.constant().is_null())
      literal_.emplace(event::text(pattern_.constant()), ignore_case);
  }

  ColumnPtr evaluate(const EventBatch& batch) const override {
    if (literal_) {
      const auto matches = [this](std::string_view text) { return literal_->matches(text); };
      return match_column(value_->evaluate(batch), matches, negated_);
    }
    if (pattern_.is_constant()) return Column::nulls(batch.rows());
    std::string last_text;
    LikePattern last(last_text, ignore_case_);
    std::string scratch;
    return evaluate_rows(batch, [&](std::string_view pattern, ValueView value) {
      if (pattern != last_text) {
        last_text = pattern;
        last = LikePattern(pattern, ignore_case_);
      }
      return match_value(value, [&](std::string_view text) { return last.matches(text); }, scratch);
    });
  }

 private:
  bool ignore_case_;
  std::optional<LikePattern> literal_;
};

class RegexMatch final : public MatchNode {
 public:
  RegexMatch(ExpressionPtr value, ExpressionPtr pattern, RegexPtr literal, bool negated)
      : MatchNode(std::move(value), std::move(pattern), negated), literal_(std::move(literal)) {}

  ColumnPtr evaluate(const EventBatch& batch) const override {
    if (literal_) {
      const auto matches = [this](std::string_view text) { return literal_->matches(text); };
      return match_column(value_->evaluate(batch), matches, negated_);
    }
    if (pattern_.is_constant()) return Column::nulls(batch.rows());
    RegexCache regexes;
    std::string scratch;
    return evaluate_rows(batch, [&](std::string_view pattern, ValueView value) {
      const Regex* regex = regexes.get(pattern);
      if (regex == nullptr) return kUnknown;
      return match_value(
          value, [&](std::string_view text) { return regex->matches(text); }, scratch);
    });
  }

 private:
  RegexPtr literal_;
};

}  // namespace

ExpressionPtr make_like(ExpressionPtr value, ExpressionPtr pattern, bool ignore_case,
                        bool negated) {
  return std::make_shared<Like>(std::move(value), std::move(pattern), ignore_case, negated);
}

Result<ExpressionPtr> make_regex_match(ExpressionPtr value, ExpressionPtr pattern, bool negated) {
  RegexPtr literal;
  if (const auto constant = constant_value(*pattern); constant && !constant->is_null())
    literal = TRY(Regex::compile(event::text(*constant)));
  return ExpressionPtr(std::make_shared<RegexMatch>(std::move(value), std::move(pattern),
                                                    std::move(literal), negated));
}

}  // namespace lynxdb::query
