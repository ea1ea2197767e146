// The nodes of a compiled expression. Children are compiled already; none is null.
#pragma once

#include <string>
#include <vector>

#include "query/expression.h"

namespace lynxdb::query {

// The same value in every row.
class Literal final : public Expression {
 public:
  explicit Literal(event::Value value) : value_(std::move(value)) {}
  event::ColumnPtr evaluate(const event::EventBatch& batch) const override;
  void collect_fields(std::set<std::string>&) const override {}
  const event::Value& value() const { return value_; }

 private:
  event::Value value_;
};

// Rows where all of `conditions` hold; the rows that are left after each one may be all that the
// next one looks at.
class Conjunction : public Expression {
 public:
  virtual const std::vector<ExpressionPtr>& conditions() const = 0;
};

ExpressionPtr make_literal(event::Value value);
ExpressionPtr make_field(std::string name);

ExpressionPtr make_and(std::vector<ExpressionPtr> conditions);
ExpressionPtr make_or(std::vector<ExpressionPtr> conditions);
ExpressionPtr make_not(ExpressionPtr condition);
ExpressionPtr make_is_null(ExpressionPtr value, bool negated);

ExpressionPtr make_compare(spl2::Op op, ExpressionPtr a, ExpressionPtr b, std::int64_t now_ns);
ExpressionPtr make_arithmetic(spl2::Op op, ExpressionPtr a, ExpressionPtr b);
ExpressionPtr make_concat(ExpressionPtr a, ExpressionPtr b);
ExpressionPtr make_negate(ExpressionPtr value);
// The first that is not null.
ExpressionPtr make_coalesce(std::vector<ExpressionPtr> values);

// args[0] IN (args[1..]).
ExpressionPtr make_in(std::vector<ExpressionPtr> args, bool negated, std::int64_t now_ns);
ExpressionPtr make_between(std::vector<ExpressionPtr> args, bool negated, std::int64_t now_ns);

ExpressionPtr make_like(ExpressionPtr value, ExpressionPtr pattern, bool ignore_case, bool negated);
// Error: kInvalidArgument for a literal pattern that is no regex.
Result<ExpressionPtr> make_regex_match(ExpressionPtr value, ExpressionPtr pattern, bool negated);

}  // namespace lynxdb::query
