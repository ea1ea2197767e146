#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "spl2/ascii_case.h"
#include "spl2/command_parsers.h"
#include "spl2/duration.h"
#include "spl2/expression_parser.h"
#include "spl2/field_list_parser.h"
#include "spl2/functions.h"
#include "spl2/option_parser.h"
#include "spl2/regex_scan.h"

namespace lynxdb::spl2 {
namespace {

bool at_quote(Cursor& cursor) {
  const char c = cursor.peek();
  return c == '"' || c == '\'';
}

// `eval count(x)`: a call where a field should be set.
bool fail_call_as_target(Context& context) {
  Cursor& cursor = context.cursor;
  const std::size_t end = call_name_end(cursor, cursor.position());
  const Span span = cursor.span(cursor.position(), end);
  const std::string name = to_lower(cursor.text().substr(span.offset, span.length));
  if (find_aggregate(name) && find_function(name) == nullptr)
    return context.fail(span, fmt::format("{} is an aggregate, and eval works on one row", name),
                        fmt::format("stats {}(...)", name));
  return context.fail(span, "eval sets a field", fmt::format("eval result = {}(...)", name));
}

bool parse_assignment(Context& context, EvalCommand::Assignment& assignment) {
  Cursor& cursor = context.cursor;
  const std::size_t start = (cursor.skip_space(), cursor.position());
  if (!context.at_command_end() && call_name_end(cursor, start) > start)
    return fail_call_as_target(context);
  std::optional<FieldName> field = parse_field_name(context, false);
  if (!field) return false;
  if (cursor.peek() != '=' || cursor.at(cursor.position() + 1) == '=')
    return context.fail_here("expected '='", fmt::format("eval {} = ...", field->name));
  cursor.accept('=');
  assignment.field = std::move(field->name);
  assignment.expr = parse_expression(context);
  if (!assignment.expr) return false;
  assignment.span = cursor.span_from(start);
  return true;
}

// Of two fields in one place, one would be lost.
bool fail_same_target(Context& context, const RenameCommand& command,
                      const RenameCommand::Pair& pair, Span target) {
  const auto other = std::find_if(command.pairs.begin(), command.pairs.end(),
                                  [&](const auto& before) { return before.to == pair.to; });
  return context.fail(target, fmt::format("two fields are renamed to '{}'", pair.to),
                      fmt::format("eval {} = coalesce({}, {})", pair.to, other->from, pair.from));
}

// Reads one pair and adds it to the command's.
bool parse_rename_pair(Context& context, RenameCommand& command, std::set<std::string>& targets) {
  Cursor& cursor = context.cursor;
  const std::size_t start = (cursor.skip_space(), cursor.position());
  const std::optional<FieldName> from = parse_field_name(context, true);
  if (!from) return false;
  if (context.at_command_end() || !cursor.accept_keyword("as"))
    return context.fail_here("expected AS", fmt::format("rename {} AS new_name", from->name));
  const std::size_t target = (cursor.skip_space(), cursor.position());
  const std::optional<FieldName> to = parse_field_name(context, true);
  if (!to) return false;
  const Span target_span = cursor.span_from(target);
  RenameCommand::Pair pair = {.from = from->name, .to = to->name, .span = cursor.span_from(start)};
  if (from->glob || to->glob)
    return context.fail(pair.span, "rename with '*' is not supported yet", "name each field");
  if (!targets.insert(pair.to).second) return fail_same_target(context, command, pair, target_span);
  command.pairs.push_back(std::move(pair));
  return context.allows_names(command.pairs.size());
}

// rex writes the named groups of its regex.
bool set_regex(Context& context, RexCommand& command) {
  Cursor& cursor = context.cursor;
  const std::size_t start = cursor.position();
  std::optional<std::string> regex = parse_string(context);
  if (!regex) return false;
  command.regex = *std::move(regex);
  command.regex_span = cursor.span_from(start);
  RegexScan scan = scan_regex(command.regex);
  if (!check_regex(context, command.regex, command.regex_span)) return false;
  if (scan.groups.empty())
    return context.fail(command.regex_span, "rex needs a named group",
                        "(?P<name>...) in the regex; regex or match() to filter");
  command.groups = std::move(scan.groups);
  return true;
}

bool parse_rex_option(Context& context, RexCommand& command) {
  const Span span = context.token_span();
  const std::optional<std::string> name =
      read_option_name(context, "rex", {"field", "max_match", "mode"});
  if (!name) return false;
  if (*name == "mode")
    return context.fail(span, "rex mode=sed is not supported yet",
                        "eval field = replace(field, \"regex\", \"new\")");
  if (*name == "max_match") {
    const std::optional<std::uint64_t> count = read_count(context);
    if (count) command.max_match = *count;
    return count.has_value();
  }
  std::optional<FieldName> field = parse_field_name(context, false);
  if (field) command.field = std::move(field->name);
  return field.has_value();
}

// The bare value of fillnull: a number, true, false, or text.
Literal fill_value(const OptionValue& value) {
  if (!value.quoted) {
    if (std::optional<Literal> number = parse_number(value.text)) return *std::move(number);
    if (equal_ignoring_case(value.text, "true")) return true;
    if (equal_ignoring_case(value.text, "false")) return false;
  }
  return value.text;
}

bool set_bin_span(Context& context, BinCommand& command) {
  const std::optional<OptionValue> value = read_value(context);
  if (!value) return false;
  command.time_span = parse_time_span(value->text);
  if (command.time_span) return true;
  const std::optional<Literal> number = parse_number(value->text);
  const auto* whole = number ? std::get_if<std::int64_t>(&*number) : nullptr;
  const auto* real = number ? std::get_if<double>(&*number) : nullptr;
  if (whole != nullptr)
    command.number_span = static_cast<double>(*whole);
  else if (real != nullptr)
    command.number_span = *real;
  command.number_span_is_int = whole != nullptr;
  if (command.number_span && *command.number_span > 0) return true;
  return context.fail(value->span, fmt::format("'{}' is no span", value->text), "5m, 1h or 100");
}

}  // namespace

bool parse_eval_command(Context& context, std::string_view, std::vector<Command>& commands) {
  EvalCommand command;
  do {
    EvalCommand::Assignment assignment;
    if (!parse_assignment(context, assignment)) return false;
    command.assignments.push_back(std::move(assignment));
    if (!context.allows_names(command.assignments.size())) return false;
  } while (context.cursor.accept(','));
  if (!context.at_command_end() && at_option(context))
    return context.fail_here("expected ','", "eval a = 1, b = 2");
  commands.push_back({.node = std::move(command), .name = "eval"});
  return true;
}

bool parse_fields_command(Context& context, std::string_view word, std::vector<Command>& commands) {
  Cursor& cursor = context.cursor;
  FieldsCommand command;
  command.table = word == "table";
  if (!command.table && cursor.accept('-'))
    command.remove = true;
  else if (!command.table)
    cursor.accept('+');
  if (!parse_field_list(context, true, "", command.fields)) return false;
  if (command.fields.empty()) return context.fail_here(fmt::format("{} needs a field", word));
  std::string name = command.table ? "table" : "fields";
  commands.push_back({.node = std::move(command), .name = std::move(name)});
  return true;
}

bool parse_rename_command(Context& context, std::string_view, std::vector<Command>& commands) {
  RenameCommand command;
  std::set<std::string> targets;
  bool after_comma = false;
  do {
    if (!parse_rename_pair(context, command, targets)) return false;
    if (command.pairs.size() > 1 && !after_comma)
      context.hint(command.pairs.back().span, "separate renames with commas");
    after_comma = context.cursor.accept(',');
  } while (after_comma || !context.at_command_end());
  commands.push_back({.node = std::move(command), .name = "rename"});
  return true;
}

bool parse_rex_command(Context& context, std::string_view, std::vector<Command>& commands) {
  RexCommand command;
  while (!context.at_command_end()) {
    if (at_option(context)) {
      if (!parse_rex_option(context, command)) return false;
    } else if (command.regex_span.length == 0 && at_quote(context.cursor)) {
      if (!set_regex(context, command)) return false;
    } else {
      return context.fail_here("expected a regex in quotes",
                               "rex field=message \"id=(?P<id>\\d+)\"");
    }
  }
  if (command.regex_span.length == 0) return context.fail_here("rex needs a regex in quotes");
  commands.push_back({.node = std::move(command), .name = "rex"});
  return true;
}

bool parse_fillnull_command(Context& context, std::string_view, std::vector<Command>& commands) {
  FillnullCommand command;
  std::vector<FieldName> fields;
  do {
    if (at_option(context)) {
      if (!read_option_name(context, "fillnull", {"value"})) return false;
      const std::optional<OptionValue> value = read_value(context);
      if (!value) return false;
      command.value = fill_value(*value);
    }
    if (!parse_field_list(context, false, "", fields)) return false;
  } while (at_option(context));
  for (FieldName& field : fields) command.fields.push_back(std::move(field.name));
  commands.push_back({.node = std::move(command), .name = "fillnull"});
  return true;
}

bool parse_unroll_command(Context& context, std::string_view word, std::vector<Command>& commands) {
  if (at_option(context) && !read_option_name(context, word, {"field"})) return false;
  std::optional<FieldName> field = parse_field_name(context, false);
  if (!field) return false;
  commands.push_back({.node = UnrollCommand{std::move(field->name)}, .name = "unroll"});
  return true;
}

bool parse_bin_command(Context& context, std::string_view, std::vector<Command>& commands) {
  BinCommand command;
  while (!context.at_command_end()) {
    if (at_option(context)) {
      if (!read_option_name(context, "bin", {"span"}) || !set_bin_span(context, command))
        return false;
    } else if (command.field.empty()) {
      std::optional<FieldName> field = parse_field_name(context, false);
      if (!field) return false;
      command.field = std::move(field->name);
    } else if (command.output.empty() && context.cursor.next_is("as")) {
      if (!parse_alias(context, command.output)) return false;
    } else {
      return context.fail_here("unexpected text in bin", "bin field span=5m AS name");
    }
  }
  if (command.field.empty()) return context.fail_here("bin needs a field", "bin _time span=5m");
  if (command.output.empty()) command.output = command.field;
  commands.push_back({.node = std::move(command), .name = "bin"});
  return true;
}

}  // namespace lynxdb::spl2
