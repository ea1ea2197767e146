#include <fmt/format.h>

#include <utility>

#include "spl2/command_parsers.h"
#include "spl2/field_list_parser.h"
#include "spl2/option_parser.h"

namespace lynxdb::spl2 {
namespace {

// `N` or `limit=N`; `count` is left alone if neither is there.
bool parse_row_count(Context& context, std::string_view word, std::uint64_t& count) {
  if (context.at_command_end()) return true;
  if (at_option(context)) {
    const Span span = context.token_span();
    if (!read_option_name(context, word, {"limit"})) return false;
    context.hint(span, fmt::format("limit= is not needed: write {} N", word));
  }
  const std::optional<std::uint64_t> number = read_count(context);
  if (!number) return false;
  count = *number;
  return true;
}

// The sign in front of a sort key; a space may follow it.
bool accept_sign(Cursor& cursor, bool& descending) {
  const char c = cursor.peek();
  if (c != '-' && c != '+') return false;
  cursor.accept(c);
  descending = c == '-';
  return true;
}

bool parse_sort_key(Context& context, SortKey& key) {
  Cursor& cursor = context.cursor;
  const std::size_t start = (cursor.skip_space(), cursor.position());
  const bool sign = accept_sign(cursor, key.descending);
  std::optional<FieldName> field = parse_field_name(context, false);
  if (!field) return false;
  key.field = std::move(field->name);
  if (!sign && !context.at_command_end()) {
    if (cursor.accept_keyword("desc"))
      key.descending = true;
    else
      cursor.accept_keyword("asc");
  }
  key.span = cursor.span_from(start);
  return true;
}

bool parse_sort_keys(Context& context, std::vector<SortKey>& keys) {
  Cursor& cursor = context.cursor;
  bool after_comma = false;
  do {
    SortKey key;
    if (!parse_sort_key(context, key)) return false;
    if (!keys.empty() && !after_comma) context.hint(key.span, "separate sort keys with commas");
    keys.push_back(std::move(key));
    if (!context.allows_names(keys.size())) return false;
    after_comma = cursor.accept(',');
  } while (after_comma || !context.at_command_end());
  return true;
}

}  // namespace

bool parse_head_command(Context& context, std::string_view word, std::vector<Command>& commands) {
  std::uint64_t count = 10;
  if (!parse_row_count(context, word, count)) return false;
  if (word == "tail")
    commands.push_back({.node = TailCommand{count}, .name = "tail"});
  else
    commands.push_back({.node = HeadCommand{count}, .name = "head"});
  return true;
}

// `sort 10 -f` is `sort -f | head 10`; 0 means all.
bool parse_sort_command(Context& context, std::string_view, std::vector<Command>& commands) {
  Cursor& cursor = context.cursor;
  std::optional<std::uint64_t> limit;
  if (is_digit(cursor.peek())) {
    const Span span = context.token_span();
    limit = read_count(context);
    if (!limit) return false;
    context.hint(span, *limit == 0
                           ? "sort 0 is not needed: sort keeps all rows"
                           : fmt::format("sort {0} is read as sort ... | head {0}", *limit));
  }
  if (context.at_command_end()) return context.fail_here("sort needs a field", "sort -field");
  if (cursor.next_is("by") && is_space(cursor.at(cursor.position() + 2)))
    return context.fail(context.token_span(), "sort takes its fields without 'by'", "sort field");
  SortCommand command;
  if (!parse_sort_keys(context, command.keys)) return false;
  commands.push_back({.node = std::move(command), .name = "sort"});
  if (limit.value_or(0) > 0) commands.push_back({.node = HeadCommand{*limit}, .name = "head"});
  return true;
}

bool parse_dedup_command(Context& context, std::string_view word, std::vector<Command>& commands) {
  DedupCommand command;
  if (is_digit(context.cursor.peek())) {
    const std::optional<std::uint64_t> count =
        read_count(context, 1, "the number of rows that dedup keeps of each kind");
    if (!count) return false;
    command.count = *count;
  }
  if (!parse_names(context, word, "", command.fields)) return false;
  commands.push_back({.node = std::move(command), .name = "dedup"});
  return true;
}

bool parse_reverse_command(Context&, std::string_view, std::vector<Command>& commands) {
  commands.push_back({.node = ReverseCommand{}, .name = "reverse"});
  return true;
}

}  // namespace lynxdb::spl2
