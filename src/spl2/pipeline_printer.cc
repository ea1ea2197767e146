#include <algorithm>

#include "spl2/command_table.h"
#include "spl2/lexer.h"
#include "spl2/name_printer.h"
#include "spl2/printer.h"

namespace lynxdb::spl2 {
namespace {

bool is_plain_source(const SourceName& source) {
  return Cursor(source.name).list_name_end(0, true) == source.name.size();
}

std::string source_text(const SourceName& source) {
  if (source.cte) return "$" + source.name;
  return is_plain_source(source) ? source.name : quoted(source.name);
}

std::string from_text(const std::vector<SourceName>& sources) {
  std::string result;
  for (const SourceName& source : sources)
    result += (result.empty() ? "FROM " : ", ") + source_text(source);
  return result;
}

// At the start of a query `search <x>` is a condition on a field named search.
bool reads_as_condition(std::string_view command) {
  const std::size_t space = command.find(' ');
  return space != std::string_view::npos && Cursor(command).comparison_at(space + 1).length > 0;
}

}  // namespace

std::string to_text(const Pipeline& pipeline) {
  std::string result = pipeline.explicit_from ? from_text(pipeline.sources) : "";
  for (const Command& command : pipeline.commands) {
    const std::string text = to_text(command);
    if (!result.empty())
      result += " | ";
    else if (!is_leading_command(command.name) || reads_as_condition(text))
      result += "| ";
    result += text;
  }
  return result;
}

std::string to_text(const Query& query) {
  std::string result;
  for (const Cte& cte : query.ctes)
    result += "$" + cte.name + " = " + to_text(*cte.pipeline) + ";\n";
  return result + to_text(*query.main);
}

}  // namespace lynxdb::spl2
