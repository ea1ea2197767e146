#include "spl2/field_list_parser.h"

#include <fmt/format.h>

#include <utility>

#include "spl2/ascii_case.h"
#include "spl2/call_text.h"
#include "spl2/expression_nodes.h"
#include "spl2/expression_parser.h"
#include "spl2/option_parser.h"

namespace lynxdb::spl2 {
namespace {

constexpr std::string_view kCommaHint = "separate the fields of a list with commas";

bool at_call(const Cursor& cursor) {
  const std::size_t end = call_name_end(cursor, cursor.position());
  return end > cursor.position() && cursor.at(end) == '(';
}

std::optional<FieldName> parse_call_name(Context& context) {
  Cursor& cursor = context.cursor;
  const std::size_t start = cursor.position();
  if (!parse_call(context, call_name_end(cursor, start))) return std::nullopt;
  return FieldName{.name = call_text(cursor.text().substr(start, cursor.position() - start)),
                   .glob = false,
                   .span = cursor.span_from(start)};
}

std::optional<FieldName> parse_quoted_name(Context& context) {
  const std::size_t start = context.cursor.position();
  std::optional<std::string> name = parse_string(context);
  if (!name) return std::nullopt;
  const Span span = context.cursor.span_from(start);
  if (name->empty()) return context.fail(span, "a field name cannot be empty");
  return FieldName{.name = *std::move(name), .glob = false, .span = span};
}

Failure fail_name(Context& context) {
  Cursor& cursor = context.cursor;
  const char c = cursor.peek();
  if (is_digit(c)) {
    const std::string_view word = cursor.word_at(cursor.position());
    return context.fail_here("expected a field name", fmt::format("\"{}\"", word));
  }
  if (c == '*')
    return context.fail_here("expected a field name: '*' works in fields and table only");
  return context.fail_here("expected a field name");
}

bool parse_by_key(Context& context, ByKey& key) {
  Cursor& cursor = context.cursor;
  cursor.skip_space();
  const std::size_t start = cursor.position();
  const std::size_t call_end = call_name_end(cursor, start);
  if (call_end > start) {
    key.expr = parse_call(context, call_end);
    if (!key.expr) return false;
    key.output = key.expr->call_text;
  } else {
    std::optional<FieldName> field = parse_field_name(context, false);
    if (!field) return false;
    Expr node{.kind = ExprKind::kField, .name = field->name};
    key.expr = finish(context, std::move(node), start);
    key.output = std::move(field->name);
  }
  if (!parse_alias(context, key.output)) return false;
  key.span = cursor.span_from(start);
  return true;
}

}  // namespace

std::optional<FieldName> parse_field_name(Context& context, bool globs) {
  Cursor& cursor = context.cursor;
  if (context.at_command_end()) return fail_name(context);
  const char c = cursor.peek();
  if (c == '"' || c == '\'' || c == '`') return parse_quoted_name(context);
  if (at_call(cursor)) return parse_call_name(context);
  const std::size_t start = cursor.position();
  const std::size_t end = cursor.list_name_end(start, globs);
  if (end == start) return fail_name(context);
  cursor.seek(end);
  const std::string_view name = cursor.text().substr(start, end - start);
  return FieldName{.name = std::string(name),
                   .glob = name.find('*') != std::string_view::npos,
                   .span = cursor.span_from(start)};
}

bool parse_field_list(Context& context, bool globs, std::string_view stop,
                      std::vector<FieldName>& fields) {
  Cursor& cursor = context.cursor;
  bool after_comma = false;
  for (;;) {
    const bool stopped = context.at_command_end() || cursor.peek() == '[' || at_option(context) ||
                         (!stop.empty() && !fields.empty() && cursor.next_is(stop));
    if (stopped && !after_comma) return true;
    const bool spaced = !fields.empty() && !after_comma;
    const char c = cursor.peek();
    if (spaced && !is_name_start(c) && c != '"' && c != '\'' && c != '`' && !(globs && c == '*'))
      return true;
    std::optional<FieldName> field = parse_field_name(context, globs);
    if (!field) return false;
    if (spaced) context.hint(field->span, std::string(kCommaHint));
    fields.push_back(*std::move(field));
    if (!context.allows_names(fields.size())) return false;
    after_comma = cursor.accept(',');
  }
}

bool parse_names(Context& context, std::string_view command, std::string_view stop,
                 std::vector<std::string>& names) {
  std::vector<FieldName> fields;
  if (!parse_field_list(context, false, stop, fields)) return false;
  if (fields.empty()) return context.fail_here(fmt::format("{} needs a field", command));
  for (FieldName& field : fields) names.push_back(std::move(field.name));
  return true;
}

bool parse_alias(Context& context, std::string& name) {
  if (context.at_command_end() || !context.cursor.accept_keyword("as")) return true;
  std::optional<FieldName> field = parse_field_name(context, false);
  if (!field) return false;
  name = std::move(field->name);
  return true;
}

Failure fail_second_by(Context& context, std::string_view last) {
  Cursor& cursor = context.cursor;
  const Span span = context.token_span();
  const std::string_view next = cursor.text().substr(cursor.after_space(span.offset + span.length));
  const std::size_t end = next.find_first_of(" \t\r\n,|]");
  return context.fail(span, "'by' is given twice: its keys are one list",
                      fmt::format("by {}, {}", last, next.empty() ? "k" : next.substr(0, end)));
}

bool parse_by_keys(Context& context, std::vector<ByKey>& keys) {
  Cursor& cursor = context.cursor;
  bool after_comma = false;
  for (;;) {
    const bool stopped = context.at_command_end() || at_option(context);
    if (stopped && !after_comma && !keys.empty()) return true;
    const char c = cursor.peek();
    const bool spaced = !keys.empty() && !after_comma;
    if (spaced && !is_name_start(c) && c != '"' && c != '\'' && c != '`') return true;
    if (spaced && cursor.next_is("by")) return fail_second_by(context, keys.back().output);
    ByKey key;
    if (!parse_by_key(context, key)) return false;
    if (spaced) context.hint(key.span, std::string(kCommaHint));
    keys.push_back(std::move(key));
    if (!context.allows_names(keys.size())) return false;
    after_comma = cursor.accept(',');
  }
}

}  // namespace lynxdb::spl2
