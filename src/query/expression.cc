#include "query/expression.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/suggest.h"
#include "query/error_place.h"
#include "query/expression_column.h"
#include "query/expression_nodes.h"
#include "query/field.h"
#include "query/functions/function.h"
#include "spl2/parser.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;
using spl2::Expr;
using spl2::ExprKind;
using spl2::Op;

ColumnPtr Literal::evaluate(const EventBatch& batch) const {
  return Column::constant(value_, batch.rows());
}

ExpressionPtr make_literal(Value value) { return std::make_shared<Literal>(std::move(value)); }

std::optional<Value> constant_value(const Expression& expression) {
  const auto* literal = dynamic_cast<const Literal*>(&expression);
  if (literal == nullptr) return std::nullopt;
  return literal->value();
}

namespace {

class FieldRead final : public Expression {
 public:
  explicit FieldRead(std::string name) : name_(std::move(name)) {}
  ColumnPtr evaluate(const EventBatch& batch) const override { return resolve_field(batch, name_); }
  void collect_fields(std::set<std::string>& fields) const override { fields.insert(name_); }

 private:
  std::string name_;
};

// Operator chains (`a + a + ...`) nest without parentheses, so the parser's limit does not bound
// them; this does, far above what anyone writes.
constexpr int kDepthMax = 1200;

Value literal_value(const spl2::Literal& literal) {
  struct Visitor {
    Value operator()(std::monostate) const { return {}; }
    Value operator()(bool v) const { return Value::boolean(v); }
    Value operator()(std::int64_t v) const { return Value::integer(v); }
    Value operator()(double v) const { return Value::floating(v); }
    Value operator()(const std::string& v) const { return Value::string(v); }
  };
  return std::visit(Visitor{}, literal);
}

// Names of aggregates, p99 and perc99.9 included.
bool is_aggregate_name(std::string_view name) {
  const std::vector<std::string_view> names = spl2::aggregate_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return true;
  for (const std::string_view prefix : {"perc", "p"})
    if (name.starts_with(prefix) && name.size() > prefix.size())
      return name.find_first_not_of("0123456789.", prefix.size()) == std::string_view::npos;
  return false;
}

Error unknown_function(const Expr& call) {
  if (is_aggregate_name(call.name))
    return {ErrorCode::kInvalidArgument,
            call.name + "() is an aggregate and cannot be computed row by row",
            "stats " + call.call_text + " AS x, or eventstats " + call.call_text +
                " AS x to keep the rows, then x"};
  return {ErrorCode::kInvalidArgument, "unknown function '" + call.name + "'",
          base::suggest(call.name, scalar_function_names()).value_or("")};
}

Error wrong_count(const Function& function, std::size_t given) {
  std::string expected = std::to_string(function.arguments_min);
  if (function.arguments_max >= kManyArguments)
    expected = "at least " + expected;
  else if (function.arguments_max != function.arguments_min)
    expected += " to " + std::to_string(function.arguments_max);
  return {ErrorCode::kInvalidArgument, std::string(function.name) + "() takes " + expected +
                                           " argument" + (expected == "1" ? "" : "s") + ", not " +
                                           std::to_string(given)};
}

class Compiler {
 public:
  Compiler(std::int64_t now_ns, const std::set<std::string>& upstream_columns)
      : now_ns_(now_ns), upstream_columns_(upstream_columns) {}

  Result<ExpressionPtr> compile(const Expr& expr, int depth) const {
    if (depth > kDepthMax)
      return placed(Error{ErrorCode::kInvalidArgument, "expression is nested too deeply"},
                    expr.span);
    if (expr.kind == ExprKind::kLiteral) return make_literal(literal_value(expr.literal));
    if (expr.kind == ExprKind::kField) return make_field(expr.name);
    if (expr.kind == ExprKind::kCall && upstream_columns_.contains(expr.call_text))
      return make_field(expr.call_text);

    std::vector<ExpressionPtr> args;
    args.reserve(expr.args.size());
    bool constant = true;
    for (const spl2::ExprPtr& arg : expr.args) {
      args.push_back(TRY(compile(*arg, depth + 1)));
      constant = constant && dynamic_cast<const Literal*>(args.back().get()) != nullptr;
    }
    ExpressionPtr node = TRY(placed(build(expr, std::move(args)), expr.span));
    if (!constant) return node;
    return make_literal(node->evaluate(EventBatch(1))->value(0));
  }

 private:
  Result<ExpressionPtr> build(const Expr& expr, std::vector<ExpressionPtr> args) const {
    switch (expr.kind) {
      case ExprKind::kCall:
        return call(expr, std::move(args));
      case ExprKind::kAnd:
        return any_constant(args, false) ? make_literal(Value::boolean(false))
                                         : make_and(std::move(args));
      case ExprKind::kOr:
        return any_constant(args, true) ? make_literal(Value::boolean(true))
                                        : make_or(std::move(args));
      case ExprKind::kNot:
        return make_not(std::move(args[0]));
      case ExprKind::kNegate:
        return make_negate(std::move(args[0]));
      case ExprKind::kCompare:
        return make_compare(expr.op, std::move(args[0]), std::move(args[1]), now_ns_);
      case ExprKind::kArithmetic:
        return expr.op == Op::kConcat ? make_concat(std::move(args[0]), std::move(args[1]))
                                      : make_arithmetic(expr.op, args[0], args[1]);
      case ExprKind::kCoalesce:
        return make_coalesce(std::move(args));
      case ExprKind::kIn:
        return make_in(std::move(args), expr.negated, now_ns_);
      case ExprKind::kBetween:
        return make_between(std::move(args), expr.negated, now_ns_);
      case ExprKind::kLike:
      case ExprKind::kILike:
        return make_like(std::move(args[0]), std::move(args[1]), expr.kind == ExprKind::kILike,
                         expr.negated);
      case ExprKind::kIsNull:
        return make_is_null(std::move(args[0]), expr.negated);
      case ExprKind::kRegex:
        return placed(make_regex_match(std::move(args[0]), std::move(args[1]), expr.negated),
                      expr.args[1]->span);
      case ExprKind::kLiteral:
      case ExprKind::kField:
        break;
    }
    return Error{ErrorCode::kInvalidArgument, "unknown kind of expression"};
  }

  // A false operand decides an AND, a true one an OR, whatever the others are.
  static bool any_constant(const std::vector<ExpressionPtr>& args, bool wanted) {
    return std::any_of(args.begin(), args.end(), [&](const ExpressionPtr& arg) {
      const auto* literal = dynamic_cast<const Literal*>(arg.get());
      return literal != nullptr && truth(literal->value()) == wanted;
    });
  }

  Result<ExpressionPtr> call(const Expr& expr, std::vector<ExpressionPtr> args) const {
    const Function* function = find_function(expr.name);
    if (function == nullptr) return unknown_function(expr);
    if (args.size() < function->arguments_min || args.size() > function->arguments_max)
      return wrong_count(*function, args.size());
    return function->build(std::move(args), {.now_ns = now_ns_, .written = expr.args});
  }

  std::int64_t now_ns_;
  const std::set<std::string>& upstream_columns_;
};

}  // namespace

ExpressionPtr make_field(std::string name) { return std::make_shared<FieldRead>(std::move(name)); }

Result<ExpressionPtr> compile(const Expr& expr, std::int64_t now_ns,
                              const std::set<std::string>& upstream_columns) {
  return Compiler(now_ns, upstream_columns).compile(expr, 0);
}

std::optional<bool> truth(ValueView value) {
  switch (value.type()) {
    case Type::kNull:
      return std::nullopt;
    case Type::kBool:
      return value.as_bool();
    case Type::kInt:
      return value.as_int() != 0;
    case Type::kFloat:
      return value.as_float() != 0;
    case Type::kString:
      return !value.as_string().empty();
    case Type::kTimestamp:
      return true;
    case Type::kList:
      return value.list_size() == 1 ? truth(value.list_at(0)) : true;
  }
  return std::nullopt;
}

namespace {

std::vector<std::uint32_t> true_rows(const Column& column) {
  std::vector<std::uint32_t> rows(column.size());
  std::size_t found = 0;
  if (column.kind() == Kind::kBool) {
    const std::span<const std::uint8_t> values = column.bool_values();
    const bool nulls = column.null_bitmap().any();
    for (std::size_t row = 0; row < values.size(); ++row) {
      rows[found] = static_cast<std::uint32_t>(row);
      found += values[row] != 0 && !(nulls && column.null_bitmap().test(row)) ? 1 : 0;
    }
  } else if (column.kind() != Kind::kNull) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      rows[found] = static_cast<std::uint32_t>(row);
      found += truth(column.view(row)) == true ? 1 : 0;
    }
  }
  rows.resize(found);
  return rows;
}

// The rows named, with the columns that `condition` may read and no others.
EventBatch narrowed(const EventBatch& batch, std::span<const std::uint32_t> rows,
                    const Expression& condition) {
  std::set<std::string> names;
  condition.collect_fields(names);
  EventBatch result(rows.size());
  for (const std::string& name : names)
    for (const std::string& stored : stored_fields_of(name))
      if (const ColumnPtr* column = batch.find(stored); column != nullptr && !result.find(stored))
        result.set(stored, event::take(*column, rows));
  return result;
}

}  // namespace

std::vector<std::uint32_t> matching_rows(const Expression& condition, const EventBatch& batch) {
  const auto* conjunction = dynamic_cast<const Conjunction*>(&condition);
  if (conjunction == nullptr) return true_rows(*condition.evaluate(batch));

  // Each condition looks only at what the ones before it left, once that is few rows.
  constexpr std::size_t kFewFraction = 4;
  const std::vector<ExpressionPtr>& conditions = conjunction->conditions();
  std::vector<std::uint32_t> rows = true_rows(*conditions.front()->evaluate(batch));
  for (std::size_t i = 1; i < conditions.size() && !rows.empty(); ++i) {
    if (rows.size() < batch.rows() / kFewFraction) {
      const EventBatch left = narrowed(batch, rows, *conditions[i]);
      std::vector<std::uint32_t> kept = matching_rows(*conditions[i], left);
      for (std::uint32_t& row : kept) row = rows[row];
      rows = std::move(kept);
    } else {
      const std::vector<std::uint32_t> next = matching_rows(*conditions[i], batch);
      std::vector<std::uint32_t> both;
      std::set_intersection(rows.begin(), rows.end(), next.begin(), next.end(),
                            std::back_inserter(both));
      rows = std::move(both);
    }
  }
  return rows;
}

}  // namespace lynxdb::query
