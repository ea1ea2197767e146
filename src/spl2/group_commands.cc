#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "spl2/aggregate_parser.h"
#include "spl2/ascii_case.h"
#include "spl2/command_parsers.h"
#include "spl2/expression_parser.h"
#include "spl2/field_list_parser.h"
#include "spl2/option_parser.h"
#include "spl2/search_parser.h"
#include "spl2/search_pattern.h"

namespace lynxdb::spl2 {
namespace {

// stats and eventstats have no options: the error names the command.
bool parse_plain_clause(Context& context, std::string_view word, AggregateClause& clause) {
  return parse_aggregate_clause(context, word, clause,
                                [&] { return read_option_name(context, word, {}).has_value(); });
}

bool read_timechart_option(Context& context, TimechartCommand& command) {
  const std::optional<std::string> name = read_option_name(
      context, "timechart", {"span", "limit", "useother", "usenull", "cont", "format"});
  if (!name) return false;
  if (*name == "useother") return read_bool(context, command.use_other);
  if (*name == "usenull") return read_bool(context, command.use_null);
  if (*name == "cont") return read_bool(context, command.fill);
  if (*name == "span") {
    command.span = read_time_span(context);
    return command.span.has_value();
  }
  if (*name == "limit") {
    const std::optional<std::uint64_t> limit = read_count(context);
    command.limit = limit.value_or(0);
    return limit.has_value();
  }
  const std::optional<OptionValue> format = read_value(context);
  if (!format) return false;
  command.long_format = equal_ignoring_case(format->text, "long");
  if (command.long_format || equal_ignoring_case(format->text, "wide")) return true;
  return context.fail(format->span, fmt::format("unknown format '{}'", format->text),
                      "long or wide");
}

bool read_streamstats_option(Context& context, StreamstatsCommand& command) {
  const std::optional<std::string> name =
      read_option_name(context, "streamstats", {"window", "current"});
  if (!name) return false;
  if (*name == "current") return read_bool(context, command.current);
  const std::optional<std::uint64_t> window = read_count(context);
  command.window = window.value_or(0);
  return window.has_value();
}

// startswith= and endswith=: "phrase", (search) or eval(EXPR).
bool read_condition(Context& context, std::optional<TransactionCommand::Condition>& result) {
  Cursor& cursor = context.cursor;
  TransactionCommand::Condition condition;
  const char c = cursor.peek();
  if (c == '"' || c == '\'') {
    const std::size_t start = cursor.position();
    const std::optional<std::string_view> raw = cursor.read_quoted_raw();
    if (!raw) return parse_string(context).has_value();  // Which reports the open quote.
    SearchExpr phrase{.kind = SearchKind::kText};
    phrase.values.push_back(quoted_pattern(*raw));
    if (is_all(phrase.values[0])) phrase = {.kind = SearchKind::kAll};
    phrase.span = cursor.span_from(start);
    condition.search = std::make_shared<const SearchExpr>(std::move(phrase));
  } else if (c == '(') {
    cursor.accept('(');
    condition.search = parse_search(context, false);
    if (!condition.search) return false;
    if (!cursor.accept(')')) return context.fail_here("expected ')'");
  } else {
    bool was_eval = false;
    if (!cursor.next_is("eval"))
      return context.fail_here("expected a condition", "\"text\", (search words) or eval(a=1)");
    condition.expr = parse_aggregate_argument(context, &was_eval);
    if (!condition.expr) return false;
  }
  result = std::move(condition);
  return true;
}

bool read_transaction_option(Context& context, TransactionCommand& command) {
  const std::optional<std::string> name = read_option_name(
      context, "transaction", {"maxspan", "maxpause", "maxevents", "startswith", "endswith"});
  if (!name) return false;
  if (*name == "startswith") return read_condition(context, command.startswith);
  if (*name == "endswith") return read_condition(context, command.endswith);
  if (*name == "maxevents") {
    const std::optional<std::uint64_t> count = read_count(context, 1, "maxevents");
    command.maxevents = count.value_or(1);
    return count.has_value();
  }
  std::optional<std::int64_t>& ns = *name == "maxspan" ? command.maxspan_ns : command.maxpause_ns;
  ns = read_duration(context);
  return ns.has_value();
}

// `N` or `limit=N`, once.
bool read_top_limit(Context& context, std::string_view word, TopCommand& command) {
  const Span span = context.token_span();
  std::vector<std::string>& seen = context.seen_options;
  const bool again = std::find(seen.begin(), seen.end(), "limit") != seen.end();
  const bool option = at_option(context);
  if (again && (!option || context.cursor.next_is("limit")))
    return context.fail(span, "the limit is given twice");
  if (option && !read_option_name(context, word, {"limit"})) return false;
  if (!option) seen.emplace_back("limit");
  const std::optional<std::uint64_t> limit = read_count(context, 1, "the limit");
  command.limit = limit.value_or(0);
  return limit.has_value();
}

// The columns of the result: two of them cannot have one name.
bool check_top_column(Context& context, const TopCommand& command, const FieldName& field) {
  const std::string& name = field.name;
  if (name == "count" || name == "percent")
    return context.fail(field.span,
                        fmt::format("{0}: two columns are named '{1}': the result has a {1} of its "
                                    "own",
                                    command.rare ? "rare" : "top", name),
                        fmt::format("rename {0} AS a_{0}", name));
  const bool known = name == command.field ||
                     std::find(command.by.begin(), command.by.end(), name) != command.by.end();
  if (!known) return true;
  return context.fail(field.span, fmt::format("{}: two columns are named '{}'",
                                              command.rare ? "rare" : "top", name));
}

bool read_top_keys(Context& context, std::string_view word, TopCommand& command) {
  std::vector<FieldName> keys;
  if (!parse_field_list(context, false, "by", keys)) return false;
  if (keys.empty()) return context.fail_here(fmt::format("{} needs a field", word));
  for (const FieldName& key : keys) {
    if (!check_top_column(context, command, key)) return false;
    command.by.push_back(key.name);
  }
  return true;
}

bool read_top_argument(Context& context, std::string_view word, TopCommand& command) {
  Cursor& cursor = context.cursor;
  if (at_option(context) || (is_digit(cursor.peek()) && command.field.empty()))
    return read_top_limit(context, word, command);
  if (!command.field.empty() && cursor.next_is("by")) {
    if (!command.by.empty()) return fail_second_by(context, command.by.back());
    cursor.accept_keyword("by");
    return read_top_keys(context, word, command);
  }
  if (!command.field.empty())
    return context.fail_here(fmt::format("{} takes one field: unexpected text", word),
                             fmt::format("{} {} by another_field", word, command.field));
  std::optional<FieldName> field = parse_field_name(context, false);
  if (!field || !check_top_column(context, command, *field)) return false;
  command.field = std::move(field->name);
  return true;
}

}  // namespace

bool parse_stats_command(Context& context, std::string_view word, std::vector<Command>& commands) {
  AggregateClause clause;
  if (!parse_plain_clause(context, word, clause)) return false;
  commands.push_back(
      {.node = StatsCommand{std::move(clause.aggregates), std::move(clause.by)}, .name = "stats"});
  return true;
}

bool parse_eventstats_command(Context& context, std::string_view word,
                              std::vector<Command>& commands) {
  AggregateClause clause;
  if (!parse_plain_clause(context, word, clause)) return false;
  commands.push_back({.node = EventstatsCommand{std::move(clause.aggregates), std::move(clause.by)},
                      .name = "eventstats"});
  return true;
}

bool parse_streamstats_command(Context& context, std::string_view word,
                               std::vector<Command>& commands) {
  StreamstatsCommand command;
  AggregateClause clause;
  const auto read_option = [&] { return read_streamstats_option(context, command); };
  if (!parse_aggregate_clause(context, word, clause, read_option)) return false;
  command.aggregates = std::move(clause.aggregates);
  command.by = std::move(clause.by);
  commands.push_back({.node = std::move(command), .name = "streamstats"});
  return true;
}

bool parse_timechart_command(Context& context, std::string_view word,
                             std::vector<Command>& commands) {
  TimechartCommand command;
  AggregateClause clause;
  const auto read_option = [&] { return read_timechart_option(context, command); };
  if (!parse_aggregate_clause(context, word, clause, read_option)) return false;
  if (clause.by.size() > 1)
    return context.fail(clause.by[1].span, "timechart takes one field behind by",
                        "bin _time span=5m | stats ... by _time, a, b");
  command.aggregates = std::move(clause.aggregates);
  if (!clause.by.empty()) command.by = std::move(clause.by.front());
  commands.push_back({.node = std::move(command), .name = "timechart"});
  return true;
}

bool parse_top_command(Context& context, std::string_view word, std::vector<Command>& commands) {
  TopCommand command;
  command.rare = word == "rare";
  while (!context.at_command_end())
    if (!read_top_argument(context, word, command)) return false;
  if (command.field.empty()) return context.fail_here(fmt::format("{} needs a field", word));
  commands.push_back({.node = std::move(command), .name = std::string(word)});
  return true;
}

bool parse_xyseries_command(Context& context, std::string_view, std::vector<Command>& commands) {
  XyseriesCommand command;
  for (std::string* name : {&command.x, &command.y, &command.value}) {
    if (context.at_command_end())
      return context.fail_here("xyseries needs three fields", "xyseries x y value");
    std::optional<FieldName> field = parse_field_name(context, false);
    if (!field) return false;
    *name = std::move(field->name);
    if (name == &command.y) command.y_span = field->span;
    if (name != &command.value) context.cursor.accept(',');
  }
  commands.push_back({.node = std::move(command), .name = "xyseries"});
  return true;
}

bool parse_transaction_command(Context& context, std::string_view word,
                               std::vector<Command>& commands) {
  TransactionCommand command;
  while (!context.at_command_end()) {
    if (at_option(context)) {
      if (!read_transaction_option(context, command)) return false;
    } else if (command.fields.empty()) {
      if (!parse_names(context, word, "", command.fields)) return false;
    } else {
      return context.fail_here("unexpected text in transaction");
    }
  }
  if (command.fields.empty()) return context.fail_here("transaction needs a field");
  commands.push_back({.node = std::move(command), .name = "transaction"});
  return true;
}

}  // namespace lynxdb::spl2
