#include "server/http/known_parameters.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/suggest.h"

namespace lynxdb::server {
namespace {

struct Spelling {
  std::string_view name;
  std::size_t parameter = 0;  // Which one of `known` it spells.
};

std::vector<Spelling> spellings_of(std::span<const std::string_view> known) {
  std::vector<Spelling> spellings;
  for (std::size_t i = 0; i < known.size(); ++i) {
    for (std::string_view rest = known[i]; !rest.empty();) {
      const std::size_t end = std::min(rest.find('|'), rest.size());
      spellings.push_back({rest.substr(0, end), i});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return spellings;
}

Error unknown(std::string_view name, const std::vector<Spelling>& spellings) {
  constexpr std::size_t kShownMax = 64;
  Error error{ErrorCode::kInvalidArgument,
              "unknown parameter '" + std::string(name.substr(0, kShownMax)) + "'"};
  std::vector<std::string_view> names;
  for (const Spelling& spelling : spellings) names.push_back(spelling.name);
  if (const auto nearest = base::suggest(name.substr(0, kShownMax), names)) {
    error.suggestion = "did you mean " + *nearest + "?";
    return error;
  }
  if (names.empty()) error.suggestion = "there are none here";
  for (const std::string_view known : names)
    error.suggestion.append(error.suggestion.empty() ? "known: " : ", ").append(known);
  return error;
}

Error repeated(std::string_view name, std::string_view before) {
  const std::string quoted = "'" + std::string(name) + "'";
  if (name == before)
    return Error{ErrorCode::kInvalidArgument, "the parameter " + quoted + " is given twice"};
  return Error{ErrorCode::kInvalidArgument, "'" + std::string(before) + "' and " + quoted +
                                                " are the same parameter: give one of them"};
}

}  // namespace

Result<> check_parameters(const Parameters& given, std::span<const std::string_view> known) {
  const std::vector<Spelling> spellings = spellings_of(known);
  std::vector<std::string_view> seen(known.size());
  for (const auto& [name, value] : given.all()) {
    const auto found = std::ranges::find(spellings, std::string_view(name), &Spelling::name);
    if (found == spellings.end()) return unknown(name, spellings);
    std::string_view& before = seen[found->parameter];
    if (!before.empty()) return repeated(name, before);
    before = found->name;
  }
  return {};
}

}  // namespace lynxdb::server
