#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/suggest.h"
#include "spl2/ascii_case.h"
#include "spl2/command_parsers.h"
#include "spl2/field_list_parser.h"
#include "spl2/option_parser.h"
#include "spl2/pipeline_parser.h"

namespace lynxdb::spl2 {
namespace {

constexpr std::array<std::string_view, 4> kJoinTypes{"inner", "left", "outer", "full"};

bool read_join_type(Context& context, JoinCommand& command) {
  if (!read_option_name(context, "join", {"type"})) return false;
  const std::optional<OptionValue> value = read_value(context);
  if (!value) return false;
  const std::string type = to_lower(value->text);
  using enum JoinCommand::Type;
  if (type == "inner")
    command.type = kInner;
  else if (type == "left" || type == "outer")
    command.type = kLeft;
  else if (type == "full")
    command.type = kFull;
  else
    return context.fail(value->span, fmt::format("unknown join type '{}'", value->text),
                        base::suggest(type, kJoinTypes).value_or("inner, left, outer or full"));
  return true;
}

}  // namespace

bool parse_join_command(Context& context, std::string_view word, std::vector<Command>& commands) {
  JoinCommand command;
  while (!context.at_command_end()) {
    if (at_option(context)) {
      if (!read_join_type(context, command)) return false;
    } else if (context.cursor.peek() == '[') {
      if (command.sub) return context.fail(context.token_span(), "join takes one subsearch");
      command.sub = parse_subsearch(context);
      if (!command.sub) return false;
    } else if (command.fields.empty()) {
      if (!parse_names(context, word, "", command.fields)) return false;
    } else {
      return context.fail_here("unexpected text in join", "join field [ ... ]");
    }
  }
  if (command.fields.empty()) return context.fail_here("join needs a field", "join field [ ... ]");
  if (!command.sub)
    return context.fail_here("join needs a subsearch in brackets", "join field [ ... ]");
  commands.push_back({.node = std::move(command), .name = "join"});
  return true;
}

bool parse_append_command(Context& context, std::string_view, std::vector<Command>& commands) {
  if (context.cursor.peek() != '[')
    return context.fail_here("append needs a subsearch in brackets", "append [ ... ]");
  PipelinePtr sub = parse_subsearch(context);
  if (!sub) return false;
  commands.push_back({.node = AppendCommand{std::move(sub)}, .name = "append"});
  return true;
}

bool parse_multisearch_command(Context& context, std::string_view, std::vector<Command>& commands) {
  MultisearchCommand command;
  if (!commands.empty())
    return context.fail_here("multisearch must be the first command", "append [ ... ]");
  while (context.cursor.peek() == '[') {
    PipelinePtr sub = parse_subsearch(context);
    if (!sub) return false;
    command.subs.push_back(std::move(sub));
    context.cursor.accept(',');
  }
  if (command.subs.size() < 2)
    return context.fail_here("multisearch needs two or more subsearches",
                             "multisearch [ ... ] [ ... ]");
  commands.push_back({.node = std::move(command), .name = "multisearch"});
  return true;
}

}  // namespace lynxdb::spl2
