#include "spl2/expression_parser.h"

#include <fmt/format.h>

#include <utility>

#include "spl2/ascii_case.h"
#include "spl2/comparison_parser.h"
#include "spl2/expression_nodes.h"

namespace lynxdb::spl2 {
namespace {

ExprPtr parse_and(Context& context);
ExprPtr parse_not(Context& context);
ExprPtr parse_unary(Context& context);

bool at_quote(Cursor& cursor) {
  const char c = cursor.peek();
  return c == '"' || c == '\'';
}

// OR and AND collect their operands in one node: long chains stay flat.
ExprPtr parse_list(Context& context, std::string_view keyword, ExprKind kind,
                   ExprPtr (*parse_operand)(Context&)) {
  std::vector<ExprPtr> operands;
  do {
    ExprPtr operand = parse_operand(context);
    if (!operand) return nullptr;
    append_flat(operands, kind, std::move(operand));
  } while (context.cursor.accept_keyword(keyword));
  return make_list(context, kind, std::move(operands));
}

ExprPtr parse_or(Context& context) { return parse_list(context, "or", ExprKind::kOr, parse_and); }
ExprPtr parse_and(Context& context) {
  return parse_list(context, "and", ExprKind::kAnd, parse_not);
}

ExprPtr parse_not(Context& context) {
  Cursor& cursor = context.cursor;
  if (!cursor.next_is("not") || names_a_field(cursor)) return parse_comparison(context);
  const NestingGuard guard(context);
  if (!guard.allowed()) return nullptr;
  const std::size_t start = cursor.position();
  cursor.accept_keyword("not");
  ExprPtr operand = parse_not(context);
  if (!operand) return nullptr;
  Expr node{.kind = ExprKind::kNot};
  node.args = {std::move(operand)};
  return finish(context, std::move(node), start);
}

Op additive_op(const Cursor& cursor, std::size_t position) {
  switch (cursor.at(position)) {
    case '+':
      return Op::kAdd;
    case '-':
      return Op::kSub;
    case '.':
      return Op::kConcat;
    default:
      return Op::kNone;
  }
}

Op multiplicative_op(const Cursor& cursor, std::size_t position) {
  switch (cursor.at(position)) {
    case '*':
      return Op::kMul;
    case '/':
      return Op::kDiv;
    case '%':
      return Op::kMod;
    default:
      return Op::kNone;
  }
}

ExprPtr parse_left_associative(Context& context, Op (*op_at)(const Cursor&, std::size_t),
                               ExprPtr (*parse_operand)(Context&)) {
  Cursor& cursor = context.cursor;
  cursor.skip_space();
  const std::size_t start = cursor.position();
  ExprPtr left = parse_operand(context);
  while (left) {
    cursor.skip_space();
    const Op op = op_at(cursor, cursor.position());
    if (op == Op::kNone) break;
    cursor.seek(cursor.position() + 1);
    ExprPtr right = parse_operand(context);
    if (!right) return nullptr;
    Expr node{.kind = ExprKind::kArithmetic, .op = op};
    node.args = {std::move(left), std::move(right)};
    left = finish(context, std::move(node), start);
  }
  return left;
}

ExprPtr parse_multiplicative(Context& context) {
  return parse_left_associative(context, multiplicative_op, parse_unary);
}

ExprPtr parse_additive(Context& context) {
  return parse_left_associative(context, additive_op, parse_multiplicative);
}

ExprPtr parse_number_literal(Context& context, std::size_t start) {
  Cursor& cursor = context.cursor;
  const std::size_t end =
      cursor.position() + number_length(cursor.text().substr(cursor.position()));
  const std::string text =
      (start < cursor.position() ? "-" : "") +
      std::string(cursor.text().substr(cursor.position(), end - cursor.position()));
  if (is_name_start(cursor.at(end))) {
    const std::size_t word_end = end + cursor.word_at(end).size();
    const std::string word(cursor.text().substr(start, word_end - start));
    return context.fail(cursor.span(start, word_end), fmt::format("'{}' is no number", word),
                        fmt::format("\"{}\"", word));
  }
  std::optional<Literal> literal = parse_number(text);
  if (!literal) return context.fail(cursor.span(start, end), "the number is out of range");
  cursor.seek(end);
  Expr node{.kind = ExprKind::kLiteral};
  node.literal = *std::move(literal);
  return finish(context, std::move(node), start);
}

ExprPtr parse_unary(Context& context) {
  Cursor& cursor = context.cursor;
  if (cursor.peek() != '-') return parse_primary(context);
  const NestingGuard guard(context);
  if (!guard.allowed()) return nullptr;
  const std::size_t start = cursor.position();
  cursor.seek(start + 1);
  if (is_digit(cursor.peek())) return parse_number_literal(context, start);
  ExprPtr operand = parse_unary(context);
  if (!operand) return nullptr;
  Expr node{.kind = ExprKind::kNegate};
  node.args = {std::move(operand)};
  return finish(context, std::move(node), start);
}

ExprPtr parse_parentheses(Context& context) {
  const NestingGuard guard(context);
  if (!guard.allowed()) return nullptr;
  context.cursor.accept('(');
  ExprPtr inner = parse_expression(context);
  if (!inner) return nullptr;
  if (!context.cursor.accept(')')) return context.fail_here("expected ')'");
  return inner;
}

ExprPtr parse_string_literal(Context& context) {
  const std::size_t start = context.cursor.position();
  std::optional<std::string> value = parse_string(context);
  if (!value) return nullptr;
  Expr node{.kind = ExprKind::kLiteral};
  node.literal = *std::move(value);
  return finish(context, std::move(node), start);
}

ExprPtr parse_quoted_field(Context& context) {
  const std::size_t start = context.cursor.position();
  std::optional<std::string> name = parse_string(context);
  if (!name) return nullptr;
  if (name->empty())
    return context.fail(context.cursor.span_from(start), "a field name cannot be empty");
  Expr node{.kind = ExprKind::kField};
  node.name = *std::move(name);
  return finish(context, std::move(node), start);
}

std::optional<Literal> literal_word(std::string_view word) {
  if (equal_ignoring_case(word, "true")) return Literal{true};
  if (equal_ignoring_case(word, "false")) return Literal{false};
  if (equal_ignoring_case(word, "null")) return Literal{};
  return std::nullopt;
}

ExprPtr parse_name(Context& context) {
  Cursor& cursor = context.cursor;
  const std::size_t start = cursor.position();
  const std::size_t call_end = call_name_end(cursor, start);
  if (call_end > start) return parse_call(context, call_end);
  const std::size_t end = cursor.expression_name_end(start);
  const std::string_view name = cursor.text().substr(start, end - start);
  if (is_operator_word(name) && !names_a_field(cursor)) return fail_operand(context);
  cursor.seek(end);
  Expr node{.kind = ExprKind::kField};
  if (std::optional<Literal> literal = literal_word(name)) {
    node.kind = ExprKind::kLiteral;
    node.literal = *std::move(literal);
  } else {
    node.name = name;
  }
  return finish(context, std::move(node), start);
}

}  // namespace

ExprPtr parse_expression(Context& context) { return parse_or(context); }

ExprPtr parse_adjacent_conditions(Context& context) {
  std::vector<ExprPtr> conditions;
  do {
    ExprPtr condition = parse_expression(context);
    if (!condition) return nullptr;
    append_flat(conditions, ExprKind::kAnd, std::move(condition));
  } while (!context.at_command_end() && starts_operand(context.cursor));
  return make_list(context, ExprKind::kAnd, std::move(conditions));
}

ExprPtr parse_coalesce(Context& context) {
  Cursor& cursor = context.cursor;
  cursor.skip_space();
  const std::size_t start = cursor.position();
  ExprPtr left = parse_additive(context);
  while (left && cursor.peek() == '?' && cursor.at(cursor.position() + 1) == '?') {
    cursor.seek(cursor.position() + 2);
    ExprPtr right = parse_additive(context);
    if (!right) return nullptr;
    Expr node{.kind = ExprKind::kCoalesce};
    node.args = {std::move(left), std::move(right)};
    left = finish(context, std::move(node), start);
  }
  return left;
}

ExprPtr parse_primary(Context& context) {
  Cursor& cursor = context.cursor;
  const char c = cursor.peek();
  if (c == '(') return parse_parentheses(context);
  if (at_quote(cursor)) return parse_string_literal(context);
  if (c == '`') return parse_quoted_field(context);
  if (is_digit(c)) return parse_number_literal(context, cursor.position());
  if (is_name_start(c) && !context.at_command_end()) return parse_name(context);
  return fail_operand(context);
}

std::optional<std::string> parse_string(Context& context) {
  Cursor& cursor = context.cursor;
  cursor.skip_space();
  const std::size_t start = cursor.position();
  std::optional<std::string> value = cursor.read_quoted();
  if (value) return value;
  const char quote = cursor.at(start);
  cursor.seek(cursor.text().size());  // No `|` behind an open quote is known to be one.
  return context.fail(cursor.span(start, start + 1), fmt::format("the {} is never closed", quote));
}

}  // namespace lynxdb::spl2
