#include "spl2/expression_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "spl2/expression_parser.h"

namespace lynxdb::spl2 {
namespace {

// -5 is a literal. The smallest int has no positive counterpart.
bool fold_negation(Expr& node) {
  if (node.kind != ExprKind::kNegate || node.args[0]->kind != ExprKind::kLiteral) return false;
  const Literal literal = node.args[0]->literal;
  if (const auto* whole = std::get_if<std::int64_t>(&literal)) {
    if (*whole == std::numeric_limits<std::int64_t>::min())
      node.literal = -static_cast<double>(*whole);
    else
      node.literal = -*whole;
  } else if (const auto* number = std::get_if<double>(&literal)) {
    node.literal = -*number;
  } else {
    return false;
  }
  node.kind = ExprKind::kLiteral;
  node.args.clear();
  return true;
}

}  // namespace

ExprPtr finish(Context& context, Expr node, std::size_t start) {
  node.span = context.cursor.span_from(start);
  fold_negation(node);
  for (const ExprPtr& arg : node.args) node.height = std::max(node.height, arg->height + 1);
  if (node.height > kTreeHeightMax)
    return context.fail(node.span, fmt::format("the expression has more than {} operators in a row",
                                               kTreeHeightMax));
  return std::make_shared<const Expr>(std::move(node));
}

void append_flat(std::vector<ExprPtr>& operands, ExprKind kind, ExprPtr operand) {
  if (operand->kind == kind)
    operands.insert(operands.end(), operand->args.begin(), operand->args.end());
  else
    operands.push_back(std::move(operand));
}

ExprPtr make_list(Context& context, ExprKind kind, std::vector<ExprPtr> operands) {
  if (operands.size() == 1) return std::move(operands.front());
  const std::size_t start = operands.front()->span.offset;
  Expr node{.kind = kind};
  node.args = std::move(operands);
  return finish(context, std::move(node), start);
}

}  // namespace lynxdb::spl2
