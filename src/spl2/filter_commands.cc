#include <fmt/format.h>

#include <utility>

#include "spl2/command_parsers.h"
#include "spl2/expression_parser.h"
#include "spl2/field_list_parser.h"
#include "spl2/search_parser.h"

namespace lynxdb::spl2 {

bool parse_search_command(Context& context, std::string_view, std::vector<Command>& commands) {
  SearchPtr expr = parse_search(context, commands.empty());
  if (!expr) return false;
  commands.push_back({.node = SearchCommand{std::move(expr)}, .name = "search"});
  return true;
}

bool parse_where_command(Context& context, std::string_view, std::vector<Command>& commands) {
  ExprPtr expr = parse_expression(context);
  if (!expr) return false;
  commands.push_back({.node = WhereCommand{std::move(expr)}, .name = "where"});
  return true;
}

// regex "RE", regex f="RE", regex f!="RE".
bool parse_regex_command(Context& context, std::string_view, std::vector<Command>& commands) {
  Cursor& cursor = context.cursor;
  RegexCommand command;
  const auto at_quote = [&] { return cursor.peek() == '"' || cursor.peek() == '\''; };
  if (!at_quote()) {
    std::optional<FieldName> field = parse_field_name(context, false);
    if (!field) return false;
    command.field = std::move(field->name);
    const Cursor::Operator op = cursor.comparison_at((cursor.skip_space(), cursor.position()));
    if (op.op != Op::kEq && op.op != Op::kNe)
      return context.fail_here("expected = or !=", "regex field=\"...\"");
    command.negated = op.op == Op::kNe;
    cursor.seek(cursor.position() + op.length);
    if (!at_quote()) return context.fail_here("expected a regex in quotes");
  }
  const std::size_t start = cursor.position();
  std::optional<std::string> regex = parse_string(context);
  if (!regex) return false;
  command.regex = *std::move(regex);
  command.regex_span = cursor.span_from(start);
  if (!check_regex(context, command.regex, command.regex_span)) return false;
  commands.push_back({.node = std::move(command), .name = "regex"});
  return true;
}

}  // namespace lynxdb::spl2
