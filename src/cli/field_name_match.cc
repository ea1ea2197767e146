#include "cli/field_name_match.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/suggest.h"

namespace lynxdb::cli {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

}  // namespace

std::function<bool(const std::string&)> wanted_fields(const Arguments& arguments,
                                                      const std::vector<std::string>& names) {
  const std::string prefix = arguments.prefix.value_or("");
  if (arguments.positionals.empty())
    return [prefix](const std::string& name) { return name.starts_with(prefix); };
  const std::string asked = lower(arguments.positionals.front());
  const bool part_of_any = std::ranges::any_of(
      names, [&](const std::string& name) { return lower(name).find(asked) != std::string::npos; });
  if (part_of_any)
    return [prefix, asked](const std::string& name) {
      return name.starts_with(prefix) && lower(name).find(asked) != std::string::npos;
    };
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string nearest = base::suggest(asked, known).value_or("");
  return [prefix, nearest](const std::string& name) {
    return name.starts_with(prefix) && name == nearest;
  };
}

std::string no_fields_hint(const Arguments& arguments, const std::vector<std::string>& names) {
  if (names.empty() && !arguments.prefix) return "no events match";
  constexpr std::size_t kNamesShown = 10;
  std::string text = "no field has a name ";
  if (!arguments.positionals.empty()) text += "like '" + arguments.positionals.front() + "'";
  if (!arguments.positionals.empty() && arguments.prefix) text += " and ";
  if (arguments.prefix) text += "that starts with '" + *arguments.prefix + "'";
  if (names.empty()) return text;
  text += "; the events have: ";
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kNamesShown)
    text += " and " + std::to_string(names.size() - kNamesShown) + " more";
  return text;
}

}  // namespace lynxdb::cli
