// Calls: their arguments, and what of them can be checked without data.
#include <fmt/format.h>

#include <utility>

#include "base/suggest.h"
#include "spl2/ascii_case.h"
#include "spl2/call_text.h"
#include "spl2/comparison_parser.h"
#include "spl2/duration.h"
#include "spl2/expression_nodes.h"
#include "spl2/expression_parser.h"
#include "spl2/functions.h"
#include "spl2/regex_scan.h"

namespace lynxdb::spl2 {
namespace {

std::string count_text(std::size_t count) {
  return count == 1 ? "1 argument" : fmt::format("{} arguments", count);
}

bool check_count(Context& context, const Expr& call, std::size_t min, std::size_t max) {
  const std::size_t count = call.args.size();
  if (count >= min && count <= max) return true;
  std::string expected = count_text(min);
  if (max == Signature::kAny)
    expected = "at least " + expected;
  else if (max > min)
    expected = fmt::format("{} to {} arguments", min, max);
  return context.fail(call.span, fmt::format("{}() takes {}, not {}", call.name, expected, count));
}

bool check_span(Context& context, const Expr& argument) {
  const auto* text = std::get_if<std::string>(&argument.literal);
  if (text != nullptr && parse_time_span(*text)) return true;
  return context.fail(argument.span, "expected a time span in quotes", "\"5m\"");
}

bool check_base(Context& context, const Expr& argument) {
  const auto* base = std::get_if<std::int64_t>(&argument.literal);
  const bool literal = argument.kind == ExprKind::kLiteral;
  if (!literal || (base != nullptr && *base >= 2 && *base <= 36)) return true;
  return context.fail(argument.span, "the base must be a number from 2 to 36");
}

bool check_literals(Context& context, const Expr& call, const Signature& signature) {
  if (signature.check == Signature::Check::kNone || call.args.size() <= signature.checked)
    return true;
  const Expr& argument = *call.args[signature.checked];
  switch (signature.check) {
    case Signature::Check::kSpan:
      return check_span(context, argument);
    case Signature::Check::kBase:
      return check_base(context, argument);
    case Signature::Check::kRegex: {
      const auto* regex = std::get_if<std::string>(&argument.literal);
      return regex == nullptr || check_regex(context, *regex, argument.span);
    }
    case Signature::Check::kNone:
      return true;
  }
  return true;
}

// `a.lower(x)` was meant to join a and lower(x).
std::string suggest_function(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos && find_function(name.substr(dot + 1)) != nullptr)
    return fmt::format("{} . {}(...)", name.substr(0, dot), name.substr(dot + 1));
  std::vector<std::string_view> known = function_names();
  for (const std::string_view aggregate : aggregate_names()) known.push_back(aggregate);
  return base::suggest(name, known).value_or("");
}

bool fail_unknown(Context& context, std::string_view name, Span span) {
  std::optional<Replacement> missing = find_missing_function(name);
  if (!missing) missing = find_missing_aggregate(name);
  if (missing) return context.fail(span, missing->message, missing->suggestion);
  return context.fail(span, fmt::format("unknown function '{}'", name), suggest_function(name));
}

bool known(std::string_view name) {
  return find_function(name) != nullptr || find_aggregate(name).has_value();
}

// A call of an aggregate is a column made upstream, or an error that the planner reports.
bool check_call(Context& context, const Expr& call) {
  if (const Signature* signature = find_function(call.name))
    return check_count(context, call, signature->arguments_min, signature->arguments_max) &&
           check_literals(context, call, *signature);
  const std::optional<AggregateName> aggregate = find_aggregate(call.name);
  return aggregate &&
         check_count(context, call, aggregate->arguments_min, aggregate->arguments_max);
}

bool parse_arguments(Context& context, Expr& call) {
  Cursor& cursor = context.cursor;
  if (cursor.accept(')')) return true;
  const bool is_aggregate = find_aggregate(call.name).has_value();
  do {
    bool was_eval = false;
    ExprPtr argument =
        is_aggregate ? parse_aggregate_argument(context, &was_eval) : parse_expression(context);
    if (!argument) return false;
    call.args.push_back(std::move(argument));
  } while (cursor.accept(','));
  if (cursor.accept(')')) return true;
  return context.fail_here("expected ',' or ')'");
}

}  // namespace

std::size_t call_name_end(const Cursor& cursor, std::size_t position) {
  std::size_t end = cursor.expression_name_end(position);
  if (end == position) return position;
  const std::string_view name = cursor.text().substr(position, end - position);
  if (cursor.at(end) == '.' && find_aggregate(to_lower(name)) && is_digit(name.back())) {
    std::size_t fraction = end + 1;
    while (is_digit(cursor.at(fraction))) ++fraction;
    if (fraction > end + 1 && cursor.at(cursor.after_space(fraction)) == '(') end = fraction;
  }
  if (cursor.at(cursor.after_space(end)) != '(') return position;
  const bool function = !is_operator_word(name) || find_function(to_lower(name)) != nullptr;
  return function || equal_ignoring_case(name, "in") ? end : position;
}

ExprPtr parse_aggregate_argument(Context& context, bool* was_eval) {
  Cursor& cursor = context.cursor;
  const std::size_t start = (cursor.skip_space(), cursor.position());
  *was_eval = cursor.accept_keyword("eval") && cursor.accept('(');
  if (!*was_eval) {
    cursor.seek(start);
    return parse_expression(context);
  }
  const NestingGuard guard(context);
  if (!guard.allowed()) return nullptr;
  ExprPtr argument = parse_expression(context);
  if (!argument) return nullptr;
  if (!cursor.accept(')')) return context.fail_here("expected ')'");
  return argument;
}

ExprPtr parse_call(Context& context, std::size_t name_end) {
  Cursor& cursor = context.cursor;
  const NestingGuard guard(context);
  if (!guard.allowed()) return nullptr;
  const std::size_t start = cursor.position();
  Expr call{.kind = ExprKind::kCall};
  call.name = to_lower(cursor.text().substr(start, name_end - start));
  if (!known(call.name)) {
    fail_unknown(context, call.name, cursor.span(start, name_end));
    return nullptr;
  }
  cursor.seek(name_end);
  cursor.accept('(');
  if (!parse_arguments(context, call)) return nullptr;
  call.span = cursor.span_from(start);
  if (!check_call(context, call)) return nullptr;
  call.call_text = call_text(cursor.text().substr(start, cursor.position() - start));
  return finish(context, std::move(call), start);
}

bool check_regex(Context& context, std::string_view regex, Span span) {
  std::optional<std::string> problem = scan_regex(regex).problem;
  if (!problem && context.options.regex_problem) problem = context.options.regex_problem(regex);
  if (!problem) return true;
  return context.fail(span, *std::move(problem));
}

}  // namespace lynxdb::spl2
