#include "query/plan/scan_filters.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "query/expression.h"
#include "query/field.h"
#include "query/operators/operators.h"
#include "query/operators/scalar_condition.h"
#include "spl2/printer.h"

namespace lynxdb::query {

std::set<std::string> stored_fields(const FieldSet& read) {
  std::set<std::string> stored;
  for (const std::string& name : read.names())
    for (std::string& field : stored_fields_of(name)) stored.insert(std::move(field));
  return stored;
}

namespace {

std::vector<std::string> list_of(const std::set<std::string>& fields) {
  return {fields.begin(), fields.end()};
}

// --- search

std::optional<IntRange> ints_of(const spl2::SearchExpr& expr, std::int64_t now_ns) {
  if (expr.kind != spl2::SearchKind::kCompare || expr.op == spl2::Op::kNe) return std::nullopt;
  const spl2::SearchPattern& value = expr.values.front();
  return expr.op == spl2::Op::kEq ? equals_condition(value, now_ns)->ints()
                                  : order_condition(expr.op, value, now_ns)->ints();
}

// Nesting is bounded by the parser.
void add(const spl2::SearchExpr& expr, std::int64_t now_ns, std::vector<ScanFilter>& filters) {
  if (expr.kind == spl2::SearchKind::kAll) return;
  if (expr.kind == spl2::SearchKind::kAnd) {
    for (const spl2::SearchPtr& arg : expr.args) add(*arg, now_ns, filters);
    return;
  }
  Result<TransformPtr> keep = make_search(expr, now_ns);
  if (!keep) return;
  filters.push_back({.fields = list_of(stored_fields(fields_of(expr))),
                     .keep = std::move(*keep),
                     .ints = ints_of(expr, now_ns),
                     .text = spl2::to_text(expr)});
}

// --- where

// `number op field` read the other way round.
spl2::Op mirrored(spl2::Op op) {
  switch (op) {
    case spl2::Op::kLt:
      return spl2::Op::kGt;
    case spl2::Op::kLe:
      return spl2::Op::kGe;
    case spl2::Op::kGt:
      return spl2::Op::kLt;
    case spl2::Op::kGe:
      return spl2::Op::kLe;
    default:
      return op;
  }
}

std::optional<IntRange> ints_of(const spl2::Expr& expr, std::int64_t now_ns) {
  if (expr.kind != spl2::ExprKind::kCompare || expr.op == spl2::Op::kNe) return std::nullopt;
  const bool left = expr.args[0]->kind == spl2::ExprKind::kField;
  if (left == (expr.args[1]->kind == spl2::ExprKind::kField)) return std::nullopt;
  const spl2::Literal& literal = expr.args[left ? 1 : 0]->literal;
  if (expr.args[left ? 1 : 0]->kind != spl2::ExprKind::kLiteral) return std::nullopt;

  spl2::SearchPattern number;
  if (const auto* integer = std::get_if<std::int64_t>(&literal)) {
    number.text = std::to_string(*integer);
  } else if (const auto* real = std::get_if<double>(&literal)) {
    number.text = fmt::format("{}", *real);
  } else {
    return std::nullopt;
  }
  number.pieces = {number.text};
  return order_condition(left ? expr.op : mirrored(expr.op), number, now_ns)->ints();
}

void add(const spl2::Expr& expr, std::int64_t now_ns, std::vector<ScanFilter>& filters) {
  if (expr.kind == spl2::ExprKind::kAnd) {
    for (const spl2::ExprPtr& arg : expr.args) add(*arg, now_ns, filters);
    return;
  }
  const FieldSet read = fields_of(expr);
  if (read.all() || read.names().empty()) return;
  Result<ExpressionPtr> condition = compile(expr, now_ns);
  if (!condition) return;
  filters.push_back({.fields = list_of(stored_fields(read)),
                     .keep = make_where(std::move(*condition)),
                     .ints = ints_of(expr, now_ns),
                     .text = spl2::to_text(expr)});
}

}  // namespace

std::vector<ScanFilter> scan_filters(const PlannedCommands& commands, std::int64_t now_ns) {
  std::vector<ScanFilter> filters;
  for (const PlannedCommand& planned : commands) {
    if (const auto* search = std::get_if<spl2::SearchCommand>(&planned.command.node)) {
      add(*search->expr, now_ns, filters);
    } else if (const auto* where = std::get_if<spl2::WhereCommand>(&planned.command.node)) {
      add(*where->expr, now_ns, filters);
    } else if (!std::holds_alternative<spl2::RegexCommand>(planned.command.node)) {
      break;
    }
  }
  return filters;
}

}  // namespace lynxdb::query
