#include "spl2/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "spl2/context.h"
#include "spl2/pipeline_parser.h"

namespace lynxdb::spl2 {
namespace {

// `$name =` at the cursor.
bool at_cte(Cursor& cursor) {
  if (cursor.peek() != '$') return false;
  const std::string_view name = cursor.word_at(cursor.position() + 1);
  const std::size_t next = cursor.after_space(cursor.position() + 1 + name.size());
  return !name.empty() && cursor.at(next) == '=';
}

void check_cte_name(Context& context, const std::string& name, Span span) {
  const std::vector<std::string>& known = context.cte_names;
  if (std::find(known.begin(), known.end(), name) != known.end())
    context.fail(span, fmt::format("'${}' is defined twice", name));
  else if (++context.subsearches > context.options.subsearches_max)
    context.fail(
        span, fmt::format("a query has at most {} subsearches", context.options.subsearches_max));
}

// Reads `$name = pipeline [;]`. The name is known from here on even if its pipeline is wrong, or
// each use would be one more error.
void parse_cte(Context& context, Query& query) {
  Cursor& cursor = context.cursor;
  const std::size_t start = cursor.position();
  std::string name(cursor.word_at(start + 1));
  cursor.seek(start + 1 + name.size());
  const Span span = cursor.span_from(start);
  check_cte_name(context, name, span);
  cursor.accept('=');
  context.in_cte = true;
  PipelinePtr pipeline = parse_pipeline(context, PipelineKind::kCte);
  context.in_cte = false;
  cursor.accept(';');
  context.cte_names.push_back(name);
  if (pipeline)
    query.ctes.push_back({.name = std::move(name), .pipeline = std::move(pipeline), .span = span});
}

std::vector<ParseError> in_text_order(std::vector<ParseError> errors) {
  std::sort(errors.begin(), errors.end(),
            [](const ParseError& a, const ParseError& b) { return a.span.offset < b.span.offset; });
  return errors;
}

}  // namespace

std::variant<Query, std::vector<ParseError>> parse(std::string_view text,
                                                   const ParseOptions& options) {
  Context context(text, options);
  if (text.size() > options.query_bytes_max) {
    context.fail({}, fmt::format("the query is longer than {} bytes", options.query_bytes_max));
    return std::move(context.errors);
  }
  Query query;
  while (at_cte(context.cursor) && !context.full()) parse_cte(context, query);
  const bool nothing_left = context.cursor.at_text_end();
  if (nothing_left && !query.ctes.empty() && context.errors.empty())
    context.fail(query.ctes.back().span, "the query ends with a definition",
                 fmt::format("FROM ${}", query.ctes.back().name));
  else if (!context.full() && !(nothing_left && !context.errors.empty()))
    query.main = parse_pipeline(context, PipelineKind::kMain);
  if (!context.errors.empty()) return in_text_order(std::move(context.errors));
  query.hints = std::move(context.hints);
  return query;
}

}  // namespace lynxdb::spl2
