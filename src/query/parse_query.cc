#include "query/parse_query.h"

#include "query/regex.h"

namespace lynxdb::query {

std::variant<spl2::Query, std::vector<spl2::ParseError>> parse_query(std::string_view text,
                                                                     spl2::ParseOptions options) {
  options.regex_problem = [](std::string_view regex) -> std::optional<std::string> {
    const Result<RegexPtr> compiled = Regex::compile(regex);
    if (compiled.has_value()) return std::nullopt;
    return compiled.error().message;
  };
  return spl2::parse(text, options);
}

}  // namespace lynxdb::query
