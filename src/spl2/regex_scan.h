// What the parser must know of a regular expression; compiling it is the query module's work.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lynxdb::spl2 {

struct RegexScan {
  std::vector<std::string> groups;  // Names of `(?P<n>...)` and `(?<n>...)`, in order.
  // "back-references ..." or "look-around ...": what RE2 cannot do in linear time; or a group name
  // that stands twice.
  std::optional<std::string> problem;
};

RegexScan scan_regex(std::string_view regex);

}  // namespace lynxdb::spl2
