#include "tests/query/stored_query.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "event/parse/event_parser.h"
#include "spl2/parser.h"
#include "spl2/printer.h"

namespace lynxdb::tests {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Canonical text that says nowhere that it reads main: nothing when `query` does not parse.
std::optional<std::string> canonical(const std::string& query) {
  const auto parsed = spl2::parse(query);
  const auto* tree = std::get_if<spl2::Query>(&parsed);
  if (tree == nullptr) return std::nullopt;
  std::string text = spl2::to_text(*tree);
  replace_all(text, "FROM main | ", "");
  replace_all(text, "FROM main", "");
  // Printed where the first command could be taken for a word to search for.
  return text.starts_with("| ") ? text.substr(2) : text;
}

struct Line {
  std::string_view text;
  std::int64_t time_ns = 0;
  bool is_event = false;
};

std::vector<Line> timed_lines(std::string_view lines, const PipeOptions& options) {
  event::ParserOptions parser_options;
  parser_options.format = event::format_named(options.format).value_or(event::Format::kAuto);
  parser_options.receipt_ns = options.now_ns;
  event::EventParser parser(parser_options);
  std::vector<Line> timed;
  while (!lines.empty()) {
    const std::size_t size = std::min(lines.find('\n'), lines.size() - 1) + 1;
    Line line{.text = lines.substr(0, size)};
    lines.remove_prefix(size);
    const auto padded = std::make_shared<std::string>(
        std::string(line.text) + std::string(event::EventParser::kPaddingBytes, '\n'));
    const event::EventBatch batch =
        parser.parse(std::string_view(*padded).substr(0, size), padded).batch;
    line.is_event = batch.rows() > 0;
    if (line.is_event) line.time_ns = (*batch.find(event::kTime))->view(0).as_int();
    timed.push_back(line);
  }
  return timed;
}

}  // namespace

std::optional<std::string> over_index(const std::string& query, const std::string& index) {
  const auto wanted = canonical(query);
  if (!wanted) return query;
  std::string named = query;
  for (const std::string from : {"FROM", "from"})
    replace_all(named, from + " main", from + " " + index);
  std::vector<std::string> candidates{named, "FROM " + index + "\n" + query,
                                      "FROM " + index + " | " + query,
                                      "FROM " + index + " | search " + query};
  if (query.starts_with("| multisearch")) {
    // It has no input of its own: each subsearch reads main.
    candidates.clear();
    for (const std::string start : {" | ", " | search "}) {
      candidates.push_back(query);
      replace_all(candidates.back(), "[", "[FROM " + index + start);
    }
  }
  for (const std::string& candidate : candidates) {
    if (candidate == query) continue;
    std::string as_main = candidate;
    replace_all(as_main, index, "main");
    if (canonical(as_main) == wanted) return candidate;
  }
  return std::nullopt;
}

std::string newest_first(std::string_view lines, const PipeOptions& options) {
  // Skipped at the start only, and this line may not stay the first.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (lines.starts_with(kByteOrderMark)) lines.remove_prefix(kByteOrderMark.size());
  std::vector<Line> timed = timed_lines(lines, options);
  // Of the same time, the later line is the newer one; texts lie in their order.
  std::ranges::sort(timed, [](const Line& a, const Line& b) {
    return a.time_ns != b.time_ns ? a.time_ns > b.time_ns
                                  : std::greater<>()(a.text.data(), b.text.data());
  });
  std::string sorted;
  for (const Line& line : timed) sorted += line.text;
  return sorted;
}

std::size_t days_of(std::string_view lines, const PipeOptions& options) {
  constexpr std::int64_t kDay = 86'400LL * 1'000'000'000;
  std::set<std::int64_t> days;
  for (const Line& line : timed_lines(lines, options))
    if (line.is_event) days.insert(line.time_ns / kDay);
  return days.size();
}

}  // namespace lynxdb::tests
