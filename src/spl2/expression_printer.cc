#include <fmt/format.h>

#include "spl2/name_printer.h"
#include "spl2/printer.h"

namespace lynxdb::spl2 {
namespace {

// How tightly a node binds; an operand that binds less needs parentheses.
enum Level {
  kOrLevel = 1,
  kAndLevel,
  kNotLevel,
  kCompareLevel,
  kCoalesceLevel,
  kAddLevel,
  kMulLevel,
  kUnaryLevel,
  kPrimaryLevel
};

Level level_of(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kOr:
      return kOrLevel;
    case ExprKind::kAnd:
      return kAndLevel;
    case ExprKind::kNot:
      return kNotLevel;
    case ExprKind::kCompare:
    case ExprKind::kIn:
    case ExprKind::kBetween:
    case ExprKind::kLike:
    case ExprKind::kILike:
    case ExprKind::kIsNull:
    case ExprKind::kRegex:
      return kCompareLevel;
    case ExprKind::kCoalesce:
      return kCoalesceLevel;
    case ExprKind::kArithmetic:
      return expr.op == Op::kMul || expr.op == Op::kDiv || expr.op == Op::kMod ? kMulLevel
                                                                               : kAddLevel;
    case ExprKind::kNegate:
      return kUnaryLevel;
    case ExprKind::kLiteral:
    case ExprKind::kField:
    case ExprKind::kCall:
      return kPrimaryLevel;
  }
  return kPrimaryLevel;
}

std::string_view op_text(Op op) {
  switch (op) {
    case Op::kEq:
      return "=";
    case Op::kNe:
      return "!=";
    case Op::kLt:
      return "<";
    case Op::kLe:
      return "<=";
    case Op::kGt:
      return ">";
    case Op::kGe:
      return ">=";
    case Op::kAdd:
      return "+";
    case Op::kSub:
      return "-";
    case Op::kMul:
      return "*";
    case Op::kDiv:
      return "/";
    case Op::kMod:
      return "%";
    case Op::kConcat:
      return ".";
    case Op::kNone:
      break;
  }
  return "";
}

std::string operand(const Expr& expr, int level) {
  std::string text = to_text(expr);
  return level_of(expr) < level ? "(" + text + ")" : text;
}

std::string joined(const std::vector<ExprPtr>& args, std::size_t first, std::string_view separator,
                   int level) {
  std::string result;
  for (std::size_t i = first; i < args.size(); ++i) {
    if (i > first) result += separator;
    result += operand(*args[i], level);
  }
  return result;
}

std::string two_sided(const Expr& expr, std::string_view op, int left, int right) {
  return fmt::format("{} {} {}", operand(*expr.args[0], left), op, operand(*expr.args[1], right));
}

std::string keyword(const Expr& expr, std::string_view word) {
  return expr.negated ? fmt::format("NOT {}", word) : std::string(word);
}

}  // namespace

std::string to_text(const Expr& expr) {
  const Level level = level_of(expr);
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return literal_text(expr.literal);
    case ExprKind::kField:
      return expression_name(expr.name);
    case ExprKind::kCall:
      return fmt::format("{}({})", expr.name, joined(expr.args, 0, ", ", kOrLevel));
    case ExprKind::kAnd:
      return joined(expr.args, 0, " AND ", kAndLevel + 1);
    case ExprKind::kOr:
      return joined(expr.args, 0, " OR ", kOrLevel + 1);
    case ExprKind::kNot:
      return "NOT " + operand(*expr.args[0], kNotLevel);
    case ExprKind::kNegate:
      return "-" + operand(*expr.args[0], kPrimaryLevel);
    case ExprKind::kArithmetic:
      return two_sided(expr, op_text(expr.op), level, level + 1);
    case ExprKind::kCoalesce:
      return two_sided(expr, "??", level, level + 1);
    case ExprKind::kCompare:
      return two_sided(expr, op_text(expr.op), kCoalesceLevel, kCoalesceLevel);
    case ExprKind::kLike:
      return two_sided(expr, keyword(expr, "LIKE"), kCoalesceLevel, kCoalesceLevel);
    case ExprKind::kILike:
      return two_sided(expr, keyword(expr, "ILIKE"), kCoalesceLevel, kCoalesceLevel);
    case ExprKind::kRegex:
      return two_sided(expr, expr.negated ? "!~" : "=~", kCoalesceLevel, kCoalesceLevel);
    case ExprKind::kIn:
      return fmt::format("{} {} ({})", operand(*expr.args[0], kCoalesceLevel), keyword(expr, "IN"),
                         joined(expr.args, 1, ", ", kOrLevel));
    case ExprKind::kBetween:
      return fmt::format("{} {} {}", operand(*expr.args[0], kCoalesceLevel),
                         keyword(expr, "BETWEEN"), joined(expr.args, 1, " AND ", kCoalesceLevel));
    case ExprKind::kIsNull:
      return fmt::format("{} IS {}NULL", operand(*expr.args[0], kCoalesceLevel),
                         expr.negated ? "NOT " : "");
  }
  return {};
}

}  // namespace lynxdb::spl2
