#include "spl2/comparison_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "spl2/ascii_case.h"
#include "spl2/expression_nodes.h"
#include "spl2/expression_parser.h"

namespace lynxdb::spl2 {
namespace {

constexpr std::array<std::string_view, 8> kOperatorWords{"and",  "or",    "not",     "in",
                                                         "like", "ilike", "between", "is"};

// `[NOT] word` of a comparison at the cursor; reads both words.
bool accept_negatable(Cursor& cursor, std::string_view keyword, bool* negated) {
  const std::size_t start = cursor.position();
  *negated = cursor.accept_keyword("not");
  if (cursor.accept_keyword(keyword)) return true;
  cursor.seek(start);
  return false;
}

ExprPtr parse_in(Context& context, ExprPtr left, bool negated, std::size_t start) {
  Cursor& cursor = context.cursor;
  if (cursor.peek() == '[')
    return context.fail_here("IN takes a list of values, no subsearch", "join or a CTE");
  if (!cursor.accept('(')) return context.fail_here("expected '(' after IN");
  const NestingGuard guard(context);
  if (!guard.allowed()) return nullptr;
  Expr node{.kind = ExprKind::kIn, .negated = negated};
  node.args.push_back(std::move(left));
  do {
    ExprPtr item = parse_expression(context);
    if (!item) return nullptr;
    node.args.push_back(std::move(item));
    if (node.args.size() > context.options.in_list_max + 1)
      return context.fail(node.args.back()->span, fmt::format("an IN list holds at most {} values",
                                                              context.options.in_list_max));
  } while (cursor.accept(','));
  if (!cursor.accept(')')) return context.fail_here("expected ',' or ')'");
  return finish(context, std::move(node), start);
}

ExprPtr parse_between(Context& context, ExprPtr left, bool negated, std::size_t start) {
  ExprPtr low = parse_coalesce(context);
  if (!low) return nullptr;
  if (!context.cursor.accept_keyword("and"))
    return context.fail_here("expected AND", "BETWEEN low AND high");
  ExprPtr high = parse_coalesce(context);
  if (!high) return nullptr;
  Expr node{.kind = ExprKind::kBetween, .negated = negated};
  node.args = {std::move(left), std::move(low), std::move(high)};
  return finish(context, std::move(node), start);
}

ExprPtr parse_is_null(Context& context, ExprPtr left, std::size_t start) {
  const bool negated = context.cursor.accept_keyword("not");
  if (!context.cursor.accept_keyword("null"))
    return context.fail_here("expected NULL after IS", "IS NULL or IS NOT NULL");
  Expr node{.kind = ExprKind::kIsNull, .negated = negated};
  node.args = {std::move(left)};
  return finish(context, std::move(node), start);
}

std::string like_pattern(std::string pattern) {
  std::replace(pattern.begin(), pattern.end(), '*', '%');
  return pattern;
}

// `f="*.com"` compares the star itself: right as it stands, but seldom what was meant.
void hint_at_wildcard(Context& context, const Expr& left, const Expr& right) {
  const auto* text = std::get_if<std::string>(&right.literal);
  if (left.kind != ExprKind::kField || right.kind != ExprKind::kLiteral || text == nullptr) return;
  if (text->size() < 2 || (text->front() != '*' && text->back() != '*')) return;
  context.hint(right.span, fmt::format("a star is only a star here: for a wildcard, write {0} LIKE "
                                       "\"{1}\", or search {0}=\"{2}\"",
                                       left.name, like_pattern(*text), *text));
}

ExprPtr parse_two_sided(Context& context, Expr node, ExprPtr left, std::size_t start) {
  ExprPtr right = parse_coalesce(context);
  if (!right) return nullptr;
  if (node.kind == ExprKind::kRegex) {
    const auto* regex = std::get_if<std::string>(&right->literal);
    if (regex != nullptr && !check_regex(context, *regex, right->span)) return nullptr;
  }
  if (node.op == Op::kEq || node.op == Op::kNe) hint_at_wildcard(context, *left, *right);
  node.args = {std::move(left), std::move(right)};
  return finish(context, std::move(node), start);
}

ExprPtr parse_symbol(Context& context, ExprPtr left, std::size_t start) {
  Cursor& cursor = context.cursor;
  const std::size_t position = cursor.position();
  const char c = cursor.at(position);
  if ((c == '=' || c == '!') && cursor.at(position + 1) == '~') {
    cursor.seek(position + 2);
    return parse_two_sided(context, {.kind = ExprKind::kRegex, .negated = c == '!'},
                           std::move(left), start);
  }
  const Cursor::Operator found = cursor.comparison_at(position);
  if (found.length == 0) return left;
  if (c == '<' && cursor.at(position + 1) == '>')
    return context.fail(cursor.span(position, position + 2), "unknown operator '<>'", "!=");
  cursor.seek(position + found.length);
  return parse_two_sided(context, {.kind = ExprKind::kCompare, .op = found.op}, std::move(left),
                         start);
}

ExprPtr parse_words(Context& context, ExprPtr left, std::size_t start) {
  Cursor& cursor = context.cursor;
  bool negated = false;
  if (accept_negatable(cursor, "in", &negated))
    return parse_in(context, std::move(left), negated, start);
  if (accept_negatable(cursor, "between", &negated))
    return parse_between(context, std::move(left), negated, start);
  if (accept_negatable(cursor, "like", &negated))
    return parse_two_sided(context, {.kind = ExprKind::kLike, .negated = negated}, std::move(left),
                           start);
  if (accept_negatable(cursor, "ilike", &negated))
    return parse_two_sided(context, {.kind = ExprKind::kILike, .negated = negated}, std::move(left),
                           start);
  if (cursor.accept_keyword("is")) return parse_is_null(context, std::move(left), start);
  return left;
}

// `host=web-*`: a star where an operand should be, or the last thing before it.
bool at_wildcard(const Cursor& cursor, std::size_t position) {
  if (cursor.at(position) == '*') return true;
  while (position > 0 && is_space(cursor.at(position - 1))) --position;
  return position > 0 && cursor.at(position - 1) == '*';
}

Failure fail_wildcard(Context& context) {
  Cursor& cursor = context.cursor;
  std::size_t star = cursor.position();
  while (cursor.at(star) != '*') --star;
  const auto belongs = [&](std::size_t i) {
    return is_name_char(cursor.at(i)) || cursor.at(i) == '-' || cursor.at(i) == '.' ||
           cursor.at(i) == '*' || cursor.at(i) == '/' || cursor.at(i) == ':';
  };
  std::size_t start = star;
  while (start > 0 && belongs(start - 1)) --start;
  std::size_t end = star;
  while (end < cursor.text().size() && belongs(end)) ++end;
  std::string pattern(cursor.text().substr(start, end - start));
  return context.fail(
      cursor.span(start, end),
      fmt::format("'{}' is no expression: wildcards work in search", pattern),
      fmt::format("search field={} or field LIKE \"{}\"", pattern, like_pattern(pattern)));
}

}  // namespace

bool is_operator_word(std::string_view word) {
  for (const std::string_view keyword : kOperatorWords)
    if (equal_ignoring_case(keyword, word)) return true;
  return false;
}

bool names_a_field(Cursor& cursor) {
  const std::size_t next = cursor.after_space(cursor.position() + cursor.peek_word().size());
  constexpr std::string_view kAfterField = "=!<>+*/%?,).";
  return next < cursor.text().size() && kAfterField.find(cursor.at(next)) != std::string_view::npos;
}

bool starts_operand(Cursor& cursor) {
  const char c = cursor.peek();
  return is_name_start(c) || is_digit(c) || c == '"' || c == '\'' || c == '`' || c == '(';
}

Failure fail_operand(Context& context) {
  Cursor& cursor = context.cursor;
  const char c = cursor.peek();
  if (at_wildcard(cursor, cursor.position())) return fail_wildcard(context);
  if (c == '[')
    return context.fail_here("a subsearch cannot stand in an expression: expected a value",
                             "join or a CTE");
  if (c == '!') return context.fail_here("expected a value", "NOT");
  if (c == '|' && cursor.at(cursor.position() + 1) == '|')
    return context.fail(cursor.span(cursor.position(), cursor.position() + 2),
                        "expected a value before '||'", "OR");
  return context.fail_here("expected a value");
}

ExprPtr parse_comparison(Context& context) {
  Cursor& cursor = context.cursor;
  cursor.skip_space();
  const std::size_t start = cursor.position();
  ExprPtr left = parse_coalesce(context);
  if (!left) return nullptr;
  cursor.skip_space();
  const std::size_t operator_start = cursor.position();
  ExprPtr result = is_name_start(cursor.peek()) ? parse_words(context, std::move(left), start)
                                                : parse_symbol(context, std::move(left), start);
  if (!result || cursor.position() == operator_start) return result;
  cursor.skip_space();
  const char c = cursor.at(cursor.position());
  if (cursor.comparison_at(cursor.position()).length > 0 ||
      (c == '!' && cursor.at(cursor.position() + 1) == '~'))
    return context.fail_here("comparisons do not chain: unexpected operator", "join them with AND");
  return result;
}

}  // namespace lynxdb::spl2
