#include "spl2/pipeline_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/suggest.h"
#include "spl2/ascii_case.h"
#include "spl2/command_table.h"
#include "spl2/expression_parser.h"
#include "spl2/index_source.h"
#include "spl2/search_parser.h"

namespace lynxdb::spl2 {
namespace {

// Names of indexes and views: `web-*`, `view.errors`.
bool is_source_char(char c) {
  constexpr std::string_view kOthers = "*-.:/@";
  return is_name_char(c) || (c != '\0' && kOthers.find(c) != std::string_view::npos);
}

// Moves to the next `|` outside quotes and brackets, or to the end of the pipeline.
void skip_to_pipe(Context& context) {
  Cursor& cursor = context.cursor;
  std::size_t depth = 0;
  while (cursor.position() < cursor.text().size()) {
    const std::size_t position = cursor.position();
    const char c = cursor.at(position);
    const bool after_word = position > 0 && is_name_char(cursor.at(position - 1));
    const bool token_start = c == ';' || !(after_word || is_space(c));
    if (depth == 0 && token_start && context.at_statement_end(position)) return;
    if (c == '"' || c == '`' || (c == '\'' && !after_word)) {
      if (cursor.read_quoted_raw()) continue;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']') {
      if (depth == 0 && context.brackets > 0) return;
      if (depth > 0) --depth;
    } else if (c == '|' && depth == 0) {
      return;
    }
    cursor.seek(position + 1);
  }
}

class PipelineParser {
 public:
  PipelineParser(Context& context, PipelineKind kind)
      : context_(context), cursor_(context.cursor), kind_(kind) {}

  PipelinePtr parse();

 private:
  template <typename Step>
  void run(Step step);
  bool parse_start();
  bool parse_leading_search();
  bool parse_from();
  bool parse_source();
  bool parse_cte_source();
  bool parse_from_where();
  bool parse_piped_command();
  bool parse_command(std::string_view word);
  bool check_after_command();
  bool at_from() const;
  void take_index();
  Failure fail_empty();

  Context& context_;
  Cursor& cursor_;
  PipelineKind kind_;
  Pipeline pipeline_;
  std::string command_;  // The command being read, for messages.
  std::size_t command_count_ = 0;
};

Failure PipelineParser::fail_empty() {
  switch (kind_) {
    case PipelineKind::kMain:
      return context_.fail(context_.token_span(), "the query is empty");
    case PipelineKind::kCte:
      return context_.fail_here("expected a pipeline");
    case PipelineKind::kSubsearch:
      return context_.fail_here("the subsearch is empty: expected a pipeline");
  }
  return {};
}

PipelinePtr PipelineParser::parse() {
  const std::size_t errors_before = context_.errors.size();
  cursor_.skip_space();
  const std::size_t start = cursor_.position();
  if (context_.at_command_end() && cursor_.peek() != '|' && !at_from()) return fail_empty();
  run([&] { return parse_start(); });
  while (cursor_.peek() == '|' && !context_.full()) {
    cursor_.accept('|');
    run([&] { return parse_piped_command(); });
  }
  if (context_.errors.size() > errors_before || context_.full()) return nullptr;
  pipeline_.span = cursor_.span_from(start);
  return std::make_shared<const Pipeline>(std::move(pipeline_));
}

template <typename Step>
void PipelineParser::run(Step step) {
  if (step() && check_after_command()) return;
  if (context_.full())
    cursor_.seek(cursor_.text().size());
  else
    skip_to_pipe(context_);
}

bool PipelineParser::check_after_command() {
  if (context_.at_command_end()) return true;
  const std::string token = context_.token_text();
  std::string suggestion;
  if (is_command(to_lower(token))) suggestion = fmt::format("| {}", token);
  if (command_ == "from") suggestion = "FROM name | search ...";
  return context_.fail(context_.token_span(),
                       fmt::format("unexpected '{}' after {}", token, command_), suggestion);
}

// FROM with an operator behind it is a field of a search: `from=alice`.
bool PipelineParser::at_from() const {
  const std::size_t position = cursor_.position();
  if (!equal_ignoring_case(cursor_.word_at(position), "from")) return false;
  if (search_run_end(context_, position, false) != position + 4) return false;
  return cursor_.comparison_at(cursor_.after_space(position + 4)).length == 0;
}

bool PipelineParser::parse_start() {
  cursor_.skip_space();
  const std::size_t position = cursor_.position();
  if (cursor_.at(position) == '|') return true;
  if (at_from()) {
    cursor_.seek(position + 4);
    return parse_from();
  }
  if (kind_ == PipelineKind::kSubsearch && cursor_.at(position) == '$') return parse_from();
  const std::size_t run_end = search_run_end(context_, position, false);
  const std::string_view run = cursor_.text().substr(position, run_end - position);
  const bool condition = cursor_.comparison_at(cursor_.after_space(run_end)).length > 0;
  if (is_leading_command(run) && !condition) return parse_command(run);
  return parse_leading_search();
}

bool PipelineParser::parse_leading_search() {
  command_ = "the search";
  const std::size_t start = cursor_.position();
  SearchPtr expr = parse_search(context_, true);
  if (!expr) return false;
  ++command_count_;
  pipeline_.commands.push_back(
      {.node = SearchCommand{std::move(expr)}, .name = "search", .span = cursor_.span_from(start)});
  take_index();
  return true;
}

void PipelineParser::take_index() {
  auto* search = std::get_if<SearchCommand>(&pipeline_.commands.front().node);
  if (search == nullptr || pipeline_.explicit_from) return;
  pipeline_.explicit_from = take_index_sources(context_, search->expr, pipeline_.sources);
  if (!search->expr) pipeline_.commands.clear();
}

bool PipelineParser::parse_from() {
  command_ = "from";
  pipeline_.explicit_from = true;
  do {
    if (!parse_source()) return false;
  } while (cursor_.accept(','));
  if (context_.at_command_end() || !cursor_.next_is("where")) return true;
  return parse_from_where();
}

bool PipelineParser::parse_cte_source() {
  const std::size_t start = cursor_.position();
  const std::string name(cursor_.word_at(start + 1));
  cursor_.seek(start + 1 + name.size());
  const Span span = cursor_.span_from(start);
  if (name.empty()) return context_.fail(span, "expected a name after '$'");
  const std::vector<std::string>& known = context_.cte_names;
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    const std::optional<std::string> near = base::suggest(name, names);
    return context_.fail(span, fmt::format("'${}' is not defined", name), near ? "$" + *near : "");
  }
  pipeline_.sources.push_back({.name = name, .glob = false, .cte = true, .span = span});
  return true;
}

bool PipelineParser::parse_source() {
  if (context_.at_command_end()) return context_.fail_here("expected the name of an index");
  const std::size_t start = cursor_.position();
  const char c = cursor_.at(start);
  if (c == '$') return parse_cte_source();
  if (c == '[')
    return context_.fail_here("FROM takes names, no subsearch: expected a name",
                              "multisearch [ ... ] [ ... ]");
  SourceName source;
  if (c == '"' || c == '\'' || c == '`') {
    std::optional<std::string> name = parse_string(context_);
    if (!name) return false;
    source.name = *std::move(name);
    if (source.name.empty())
      return context_.fail(cursor_.span_from(start), "the name of an index cannot be empty");
  } else {
    std::size_t end = start;
    while (end < cursor_.text().size() && is_source_char(cursor_.at(end))) ++end;
    if (end == start) return context_.fail_here("expected the name of an index");
    cursor_.seek(end);
    source.name = cursor_.text().substr(start, end - start);
  }
  source.glob = source.name.find('*') != std::string::npos;  // In quotes, too: no index has a star.
  source.span = cursor_.span_from(start);
  pipeline_.sources.push_back(std::move(source));
  return true;
}

bool PipelineParser::parse_from_where() {
  command_ = "where";
  const std::size_t start = cursor_.position();
  cursor_.accept_keyword("where");
  ExprPtr expr = parse_adjacent_conditions(context_);
  if (!expr) return false;
  ++command_count_;
  pipeline_.commands.push_back(
      {.node = WhereCommand{std::move(expr)}, .name = "where", .span = cursor_.span_from(start)});
  return true;
}

bool PipelineParser::parse_piped_command() {
  if (context_.at_command_end()) {
    const bool doubled = cursor_.peek() == '|';
    return context_.fail_here("expected a command", doubled ? "a single | (or OR)" : "");
  }
  if (cursor_.peek() == '`')
    return context_.fail(context_.token_span(), "macros are not supported",
                         "write the macro's text");
  const bool first = command_count_ == 0 && !pipeline_.explicit_from;
  if (at_from() && first) {
    cursor_.seek(cursor_.position() + 4);
    return parse_from();
  }
  const std::string_view word = cursor_.peek_word();
  if (word.empty()) return context_.fail_here("expected a command");
  const bool after_from = pipeline_.explicit_from && command_count_ == 0;
  if (after_from && equal_ignoring_case(word, "where")) return parse_from_where();
  return parse_command(word);
}

bool PipelineParser::parse_command(std::string_view written) {
  const std::size_t start = cursor_.position();
  command_ = to_lower(written);
  cursor_.seek(start + written.size());
  const Span span = cursor_.span_from(start);
  const bool first = command_count_++ == 0;
  if (command_count_ > context_.options.commands_max)
    return context_.fail(
        span, fmt::format("a pipeline has at most {} commands", context_.options.commands_max));
  if (command_ == "from")
    return context_.fail(span, "from must be the first command", "append [FROM name]");
  if (command_ == "multisearch" && (!first || pipeline_.explicit_from))
    return context_.fail(span, "multisearch must be the first command", "append [ ... ]");
  const CommandParser parse = find_command(command_);
  if (parse == nullptr) return fail_unknown_command(context_, command_, span);
  std::vector<Command>& commands = pipeline_.commands;
  const std::size_t before = commands.size();
  context_.seen_options.clear();
  if (!parse(context_, command_, commands)) return false;
  for (std::size_t i = before; i < commands.size(); ++i)
    commands[i].span = cursor_.span_from(start);
  if (first && !commands.empty()) take_index();
  return true;
}

}  // namespace

PipelinePtr parse_pipeline(Context& context, PipelineKind kind) {
  return PipelineParser(context, kind).parse();
}

PipelinePtr parse_subsearch(Context& context) {
  Cursor& cursor = context.cursor;
  const NestingGuard guard(context);
  if (!guard.allowed()) return nullptr;
  if (++context.subsearches > context.options.subsearches_max)
    return context.fail(context.token_span(), fmt::format("a query has at most {} subsearches",
                                                          context.options.subsearches_max));
  const Span open = context.token_span();
  cursor.accept('[');
  ++context.brackets;
  PipelinePtr sub = parse_pipeline(context, PipelineKind::kSubsearch);
  --context.brackets;
  const bool closed = cursor.accept(']');
  if (sub && !closed) return context.fail(open, "the [ is never closed");
  return sub;
}

}  // namespace lynxdb::spl2
