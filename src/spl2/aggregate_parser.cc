#include "spl2/aggregate_parser.h"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

#include "base/suggest.h"
#include "spl2/ascii_case.h"
#include "spl2/call_text.h"
#include "spl2/command_table.h"
#include "spl2/expression_parser.h"
#include "spl2/field_list_parser.h"
#include "spl2/functions.h"
#include "spl2/option_parser.h"

namespace lynxdb::spl2 {
namespace {

std::optional<std::string> aggregate_name_for(std::string_view word) {
  const std::vector<std::string_view> names = aggregate_names();
  return base::suggest(word, names);
}

// What a lone word behind `before` may have been meant for; null at the start.
std::string place_for(std::string_view word, const Aggregate* before) {
  if (before == nullptr) return fmt::format("count by {}", word);
  if (before->argument == nullptr)
    return fmt::format("count({0}), count AS {0} or count by {0}", word);
  return fmt::format("{0} AS {1} or {0} by {1}", before->output, word);
}

Failure fail_unknown(Context& context, std::string_view name, Span span, bool is_call,
                     const Aggregate* before) {
  // A lone word of a letter or two is near to many names, and is none of them.
  constexpr std::size_t kLettersMin = 3;
  const bool is_name = is_call || name.size() >= kLettersMin;
  if (const auto missing = find_missing_aggregate(name); missing && is_name)
    return context.fail(span, missing->message, missing->suggestion);
  if (find_function(name) != nullptr)
    return context.fail(span, fmt::format("'{}' is no aggregate", name),
                        fmt::format("eval x = {}(...) first", name));
  if (const std::optional<std::string> near = aggregate_name_for(name); near && is_name)
    return context.fail(span, fmt::format("unknown aggregate '{}'", name), *near);
  if (is_command(name))
    return context.fail(span, fmt::format("expected an aggregate before '{}'", name),
                        fmt::format("| {}", name));
  if (is_call) return context.fail(span, fmt::format("unknown aggregate '{}'", name));
  return context.fail(span, fmt::format("expected an aggregate, not '{}'", name),
                      place_for(name, before));
}

bool set_percentile(Context& context, Aggregate& aggregate, const Expr& argument) {
  const auto* whole = std::get_if<std::int64_t>(&argument.literal);
  const auto* number = std::get_if<double>(&argument.literal);
  const double percentile = whole != nullptr    ? static_cast<double>(*whole)
                            : number != nullptr ? *number
                                                : -1;
  if (percentile < 0 || percentile > 100)
    return context.fail(argument.span, "the percentile must be a number from 0 to 100",
                        "perc(field, 95)");
  aggregate.percentile = percentile;
  return true;
}

bool parse_arguments(Context& context, const AggregateName& name, Aggregate& aggregate,
                     std::size_t start) {
  Cursor& cursor = context.cursor;
  std::vector<ExprPtr> arguments;
  bool was_eval = false;
  if (cursor.peek() == '*' && name.canonical == "count")
    return context.fail_here("expected ')'", "count");
  if (cursor.peek() != ')') {
    do {
      ExprPtr argument = parse_aggregate_argument(context, &was_eval);
      if (!argument) return false;
      arguments.push_back(std::move(argument));
    } while (cursor.accept(','));
  }
  if (!cursor.accept(')')) return context.fail_here("expected ',' or ')'");
  const Span span = cursor.span_from(start);
  const std::string_view written = cursor.text().substr(span.offset, span.length);
  const std::string word = to_lower(written.substr(0, call_name_end(cursor, start) - start));
  if (arguments.size() < name.arguments_min || arguments.size() > name.arguments_max)
    return context.fail(span,
                        fmt::format("{}() takes {}, not {}", word,
                                    name.arguments_max == 2   ? "a field and a number"
                                    : name.arguments_min == 0 ? "at most 1 argument"
                                                              : "1 argument",
                                    arguments.size()),
                        name.arguments_max == 2 ? fmt::format("{}(field, 95)", word) : "");
  if (arguments.size() == 2 && !set_percentile(context, aggregate, *arguments[1])) return false;
  if (!arguments.empty()) aggregate.argument = std::move(arguments[0]);
  const bool condition =
      was_eval || (aggregate.argument && aggregate.argument->kind != ExprKind::kField);
  aggregate.counts_condition = name.canonical == "count" && aggregate.argument && condition;
  aggregate.output = call_text(written);
  return true;
}

// `before`: the aggregate in front of it, or null.
bool parse_aggregate(Context& context, Aggregate& aggregate, const Aggregate* before) {
  Cursor& cursor = context.cursor;
  cursor.skip_space();
  const std::size_t start = cursor.position();
  const std::size_t call_end = call_name_end(cursor, start);
  const std::size_t end = call_end > start ? call_end : cursor.expression_name_end(start);
  if (end == start) return context.fail_here("expected an aggregate");
  const std::string name = to_lower(cursor.text().substr(start, end - start));
  const std::optional<AggregateName> known = find_aggregate(name);
  if (!known) return fail_unknown(context, name, cursor.span(start, end), call_end > start, before);
  cursor.seek(end);
  aggregate.function = known->canonical;
  aggregate.percentile = known->percentile.value_or(0);
  if (call_end == start) {
    if (name != "count")
      return context.fail(cursor.span_from(start),
                          fmt::format("{} needs its field in parentheses", name),
                          fmt::format("{}(field)", name));
    aggregate.output = "count";
  } else {
    cursor.accept('(');
    if (!parse_arguments(context, *known, aggregate, start)) return false;
  }
  if (!parse_alias(context, aggregate.output)) return false;
  aggregate.span = cursor.span_from(start);
  return true;
}

bool check_outputs(Context& context, const AggregateClause& clause) {
  std::unordered_set<std::string_view> seen;
  const auto fresh = [&](const std::string& name, Span span) {
    if (seen.insert(name).second) return true;
    return static_cast<bool>(
        context.fail(span, fmt::format("two columns are named '{}'", name), "AS another_name"));
  };
  for (const ByKey& key : clause.by)
    if (!fresh(key.output, key.span)) return false;
  for (const Aggregate& aggregate : clause.aggregates)
    if (!fresh(aggregate.output, aggregate.span)) return false;
  return true;
}

bool fail_without_aggregate(Context& context, std::string_view command,
                            const AggregateClause& clause, Span span) {
  const std::string suggestion = clause.by.empty()
                                     ? fmt::format("{} count", command)
                                     : fmt::format("{} count by {}", command, clause.by[0].output);
  return context.fail(span, fmt::format("{} needs an aggregate", command), suggestion);
}

}  // namespace

bool parse_aggregate_clause(Context& context, std::string_view command, AggregateClause& clause,
                            const std::function<bool()>& read_option) {
  Cursor& cursor = context.cursor;
  const Span first = context.token_span();
  bool after_comma = false;
  while (!context.at_command_end()) {
    if (at_option(context)) {
      if (!read_option()) return false;
    } else if (clause.by.empty() && cursor.next_is("by") && !after_comma) {
      cursor.accept_keyword("by");
      if (!parse_by_keys(context, clause.by)) return false;
    } else if (!clause.by.empty()) {
      return context.fail_here(fmt::format("unexpected text in {}", command));
    } else {
      Aggregate aggregate;
      const Aggregate* before = clause.aggregates.empty() ? nullptr : &clause.aggregates.back();
      if (!parse_aggregate(context, aggregate, before)) return false;
      clause.aggregates.push_back(std::move(aggregate));
      if (!context.allows_names(clause.aggregates.size())) return false;
    }
    after_comma = cursor.accept(',');
  }
  if (after_comma) return context.fail_here("expected an aggregate after ','");
  if (clause.aggregates.empty()) return fail_without_aggregate(context, command, clause, first);
  return check_outputs(context, clause);
}

}  // namespace lynxdb::spl2
