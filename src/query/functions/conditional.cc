// if, case, coalesce, nullif, null, isnull, isnotnull.
#include <array>
#include <utility>

#include "query/expression_column.h"
#include "query/expression_nodes.h"
#include "query/functions/function.h"

namespace lynxdb::query {

using event::ColumnPtr;
using event::EventBatch;

namespace {

// The value beside the first condition that is true; `values` has one more when there is a default.
class Case final : public Expression {
 public:
  Case(FunctionArguments conditions, FunctionArguments values)
      : conditions_(std::move(conditions)), values_(std::move(values)) {}

  ColumnPtr evaluate(const EventBatch& batch) const override {
    std::vector<std::uint8_t> choice(batch.rows(), kNoSource);
    std::size_t open = batch.rows();
    std::vector<ColumnPtr> sources;
    for (std::size_t i = 0; i < values_.size() && open > 0; ++i) {
      const std::size_t taken = take(i, batch, choice, static_cast<std::uint8_t>(sources.size()));
      if (taken == 0) continue;
      sources.push_back(values_[i]->evaluate(batch));
      if (taken == batch.rows()) return sources.front();
      open -= taken;
    }
    return choose(sources, choice);
  }

  void collect_fields(std::set<std::string>& fields) const override {
    for (const ExpressionPtr& condition : conditions_) condition->collect_fields(fields);
    for (const ExpressionPtr& value : values_) value->collect_fields(fields);
  }

 private:
  // Gives the rows that branch `i` is the first for to `source`; how many there are.
  std::size_t take(std::size_t i, const EventBatch& batch, std::vector<std::uint8_t>& choice,
                   std::uint8_t source) const {
    std::vector<std::uint8_t> fits(choice.size(), kTrue);
    if (i < conditions_.size()) fits = to_ternary(*conditions_[i]->evaluate(batch));
    std::size_t taken = 0;
    for (std::size_t row = 0; row < choice.size(); ++row) {
      if (choice[row] != kNoSource || fits[row] != kTrue) continue;
      choice[row] = source;
      ++taken;
    }
    return taken;
  }

  FunctionArguments conditions_;
  FunctionArguments values_;
};

// Choices are bytes, so long cases become cases of a lesser size, one the default of the other.
ExpressionPtr make_case(std::span<const ExpressionPtr> arguments) {
  constexpr std::size_t kBranches = 120;
  FunctionArguments conditions;
  FunctionArguments values;
  std::size_t i = 0;
  for (; i + 1 < arguments.size() && conditions.size() < kBranches; i += 2) {
    conditions.push_back(arguments[i]);
    values.push_back(arguments[i + 1]);
  }
  if (i + 1 == arguments.size())
    values.push_back(arguments[i]);
  else if (i < arguments.size())
    values.push_back(make_case(arguments.subspan(i)));
  return std::make_shared<Case>(std::move(conditions), std::move(values));
}

// a, or null where a = b.
class NullIf final : public Expression {
 public:
  NullIf(FunctionArguments arguments, std::int64_t now_ns)
      : value_(arguments[0]),
        differs_(make_compare(spl2::Op::kNe, arguments[0], arguments[1], now_ns)) {}

  ColumnPtr evaluate(const EventBatch& batch) const override {
    std::vector<std::uint8_t> choice = to_ternary(*differs_->evaluate(batch));
    for (std::uint8_t& row : choice) row = row == kTrue ? 0 : kNoSource;
    const ColumnPtr value = value_->evaluate(batch);
    return choose({&value, 1}, choice);
  }
  void collect_fields(std::set<std::string>& fields) const override {
    differs_->collect_fields(fields);
  }

 private:
  ExpressionPtr value_;
  ExpressionPtr differs_;
};

Result<ExpressionPtr> build_case(FunctionArguments arguments, const FunctionContext&) {
  return make_case(arguments);
}

Result<ExpressionPtr> build_coalesce(FunctionArguments arguments, const FunctionContext&) {
  return make_coalesce(std::move(arguments));
}

Result<ExpressionPtr> build_nullif(FunctionArguments arguments, const FunctionContext& context) {
  return ExpressionPtr(std::make_shared<NullIf>(std::move(arguments), context.now_ns));
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): as the table of functions has it.
Result<ExpressionPtr> build_null(FunctionArguments, const FunctionContext&) {
  return make_literal({});
}

Result<ExpressionPtr> build_isnull(FunctionArguments arguments, const FunctionContext&) {
  return make_is_null(std::move(arguments[0]), false);
}

Result<ExpressionPtr> build_isnotnull(FunctionArguments arguments, const FunctionContext&) {
  return make_is_null(std::move(arguments[0]), true);
}

constexpr std::array kFunctions = {
    Function{"if", 3, 3, build_case},
    Function{"case", 2, kManyArguments, build_case},
    Function{"coalesce", 1, kManyArguments, build_coalesce},
    Function{"nullif", 2, 2, build_nullif},
    Function{"null", 0, 0, build_null},
    Function{"isnull", 1, 1, build_isnull},
    Function{"isnotnull", 1, 1, build_isnotnull},
};

}  // namespace

std::span<const Function> conditional_functions() { return kFunctions; }

}  // namespace lynxdb::query
