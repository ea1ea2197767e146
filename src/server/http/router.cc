#include "server/http/router.h"

#include <algorithm>
#include <set>

#include "base/suggest.h"

namespace lynxdb::server {
namespace {

// "/a/b" and "/a/b/" are {"a", "b"}; "//a" keeps its empty first segment.
std::vector<std::string> split_path(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    segments.push_back(percent_decoded(path.substr(0, slash), false));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

// Words that the pattern has in common with the path, plus one; nullopt when it does not fit.
std::optional<std::size_t> fit(const std::vector<std::string>& pattern,
                               const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::size_t words = 1;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) {
      if (path[i].empty()) return std::nullopt;
    } else if (pattern[i] == path[i]) {
      ++words;
    } else {
      return std::nullopt;
    }
  }
  return words;
}

Parameters parameters_of(const std::vector<std::string>& pattern,
                         const std::vector<std::string>& path) {
  Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (is_parameter(pattern[i]))
      parameters.add(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
  return parameters;
}

}  // namespace

void Router::add(Route route) {
  std::vector<std::string> segments = split_path(route.pattern);
  entries_.push_back({std::move(route), std::move(segments)});
}

Router::Match Router::find(Method method, std::string_view path) const {
  const std::vector<std::string> segments = split_path(path);
  Match match;
  std::size_t best_fit = 0;
  std::size_t best_any = 0;
  std::set<std::string_view> allowed;
  const Entry* best = nullptr;
  for (const Entry& entry : entries_) {
    const std::optional<std::size_t> words = fit(entry.segments, segments);
    if (!words) continue;
    // Methods of a vaguer pattern do not count: `/a/{x}` says nothing about `/a/b`.
    if (*words > best_any) allowed.clear();
    if (*words >= best_any && !entry.route.vague) {
      best_any = *words;
      allowed.insert(to_string(entry.route.method));
      if (entry.route.method == Method::kGet) allowed.insert("HEAD");
    }
    const bool exact = entry.route.method == method;
    const bool as_get = method == Method::kHead && entry.route.method == Method::kGet;
    if (!exact && !as_get) continue;
    // An own HEAD route wins over that of GET.
    const std::size_t score = *words * 2 + (exact ? 1 : 0);
    if (score <= best_fit) continue;
    best_fit = score;
    best = &entry;
  }
  // A path of ours is not what `/{index}` is for, whatever the method.
  if (best != nullptr && best->route.vague && best_fit / 2 < best_any) best = nullptr;
  if (best != nullptr) {
    match.route = &best->route;
    match.parameters = parameters_of(best->segments, segments);
    return match;
  }
  for (const std::string_view name : allowed) {
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += name;
  }
  if (allowed.empty()) match.nearest = nearest(path);
  return match;
}

std::string Router::nearest(std::string_view path) const {
  constexpr std::string_view kBase = "/api/v1";
  constexpr std::size_t kLongest = 64;  // Longer paths are not worth comparing.
  if (path.size() > kLongest) return "";
  std::vector<std::string_view> patterns;
  for (const Entry& entry : entries_) {
    const std::string_view pattern = entry.route.pattern;
    if (entry.route.vague) continue;
    if (pattern.starts_with(kBase) && pattern.substr(kBase.size()) == path)
      return std::string(pattern);
    patterns.push_back(pattern);
  }
  if (auto known = base::suggest(path, patterns)) return *known;
  return base::suggest(std::string(kBase) + std::string(path), patterns).value_or("");
}

}  // namespace lynxdb::server
