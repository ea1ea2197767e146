#include "spl2/regex_scan.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace lynxdb::spl2 {
namespace {

// The name in `(?P<name>` or `(?<name>` at the front of `rest`, which starts with "(?".
std::optional<std::string> group_name(std::string_view rest) {
  rest.remove_prefix(2);
  if (rest.starts_with('P')) rest.remove_prefix(1);
  if (!rest.starts_with('<')) return std::nullopt;
  const std::size_t end = rest.find('>');
  if (end == std::string_view::npos || end == 1) return std::nullopt;
  return std::string(rest.substr(1, end - 1));
}

bool is_look_around(std::string_view rest) {
  return rest.starts_with("(?=") || rest.starts_with("(?!") || rest.starts_with("(?<=") ||
         rest.starts_with("(?<!");
}

// Behind the `]` of the class that opens at `start`; a `]` directly behind the opening is a member.
std::size_t class_end(std::string_view regex, std::size_t start) {
  std::size_t i = start + 1;
  if (i < regex.size() && regex[i] == '^') ++i;
  if (i < regex.size() && regex[i] == ']') ++i;
  while (i < regex.size() && regex[i] != ']') {
    if (regex[i] == '\\') {
      ++i;
    } else if (regex.substr(i).starts_with("[:")) {
      const std::size_t end = regex.find(":]", i);
      if (end != std::string_view::npos) i = end + 1;
    }
    ++i;
  }
  return i + 1;
}

// Of two groups with one name, only one match could be kept.
void check_names(RegexScan& scan) {
  std::set<std::string_view> names;
  for (const std::string& name : scan.groups)
    if (!names.insert(name).second)
      scan.problem = fmt::format("two groups of the regex are named '{}'", name);
}

}  // namespace

RegexScan scan_regex(std::string_view regex) {
  RegexScan result;
  std::size_t i = 0;
  while (i < regex.size()) {
    const std::string_view rest = regex.substr(i);
    if (rest.starts_with("\\Q")) {
      const std::size_t end = regex.find("\\E", i);
      i = end == std::string_view::npos ? regex.size() : end + 2;
    } else if (rest[0] == '\\') {
      const char next = rest.size() > 1 ? rest[1] : '\0';
      if ((next >= '1' && next <= '9') || next == 'k')
        result.problem = "back-references are not supported: regexes run in linear time";
      i += 2;
    } else if (rest[0] == '[') {
      i = class_end(regex, i);
    } else {
      if (is_look_around(rest)) {
        result.problem = "look-around is not supported: regexes run in linear time";
      } else if (rest.starts_with("(?")) {
        if (std::optional<std::string> name = group_name(rest))
          result.groups.push_back(*std::move(name));
      }
      ++i;
    }
  }
  check_names(result);
  return result;
}

}  // namespace lynxdb::spl2
