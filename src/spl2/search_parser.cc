#include "spl2/search_parser.h"

#include <fmt/format.h>

#include <utility>

#include "spl2/ascii_case.h"
#include "spl2/search_pattern.h"

namespace lynxdb::spl2 {
namespace {

class SearchParser {
 public:
  SearchParser(Context& context, bool leading)
      : context_(context), cursor_(context.cursor), leading_(leading) {}

  SearchPtr parse_or() { return parse_list(SearchKind::kOr); }

 private:
  SearchPtr parse_list(SearchKind kind);
  SearchPtr parse_not();
  SearchPtr parse_term();
  SearchPtr parse_parentheses();
  SearchPtr parse_phrase();
  SearchPtr parse_word();
  SearchPtr parse_breaker_call(SearchKind kind, std::size_t name_length);
  SearchPtr parse_condition(std::string field, std::size_t start);
  SearchPtr parse_symbol(std::string field, std::size_t start, Cursor::Operator op);
  SearchPtr parse_in(SearchExpr node, std::size_t start);
  SearchPtr parse_like(SearchExpr node, std::size_t start);
  SearchPtr parse_time_bound(std::string_view field, const SearchPattern& value, std::size_t start);
  std::optional<SearchPattern> parse_value(bool in_list, bool like);
  std::optional<std::string_view> read_quoted();

  bool at_end() { return context_.at_command_end() || cursor_.peek() == ')'; }
  bool next_is_operator_word(std::string_view word);
  void hint_at_operator_word();
  bool condition_follows(std::size_t position) const;
  SearchPtr finish(SearchExpr node, std::size_t start);

  Context& context_;
  Cursor& cursor_;
  bool leading_;
};

// AND OR NOT count in upper case only, and not as the name of a field: `NOT=5`.
bool SearchParser::next_is_operator_word(std::string_view word) {
  if (cursor_.peek_word() != word) return false;
  const std::size_t end = cursor_.position() + word.size();
  if (cursor_.comparison_at(end).length > 0) return false;
  return search_run_end(context_, cursor_.position(), false) == end;
}

// Between two terms, `and`, `or` and `&&` are words to look for, but mostly not meant so.
void SearchParser::hint_at_operator_word() {
  for (const std::string_view word : {"and", "or", "&&"}) {
    const std::size_t start = cursor_.after_space(cursor_.position());
    const std::size_t end = start + word.size();
    if (search_run_end(context_, start, false) != end || condition_follows(end)) continue;
    if (cursor_.text().substr(start, word.size()) != word) continue;
    const std::size_t next = cursor_.after_space(end);
    if (next == cursor_.text().size() || cursor_.at(next) == '|' || cursor_.at(next) == ')')
      continue;
    context_.hint(cursor_.span(start, end),
                  fmt::format("'{}' is looked for as a word: the operators are AND, OR and NOT, in "
                              "upper case",
                              word));
  }
}

SearchPtr SearchParser::finish(SearchExpr node, std::size_t start) {
  node.span = cursor_.span_from(start);
  return std::make_shared<const SearchExpr>(std::move(node));
}

// OR of ANDs of terms. Operands of the same kind are taken in, so trees stay flat.
SearchPtr SearchParser::parse_list(SearchKind kind) {
  const bool is_or = kind == SearchKind::kOr;
  SearchExpr node{.kind = kind};
  cursor_.skip_space();
  const std::size_t start = cursor_.position();
  for (;;) {
    if (!is_or && !node.args.empty()) hint_at_operator_word();
    SearchPtr operand = is_or ? parse_list(SearchKind::kAnd) : parse_not();
    if (!operand) return nullptr;
    if (operand->kind == kind)
      node.args.insert(node.args.end(), operand->args.begin(), operand->args.end());
    else
      node.args.push_back(std::move(operand));
    if (next_is_operator_word(is_or ? "OR" : "AND"))
      cursor_.seek(cursor_.position() + (is_or ? 2 : 3));
    else if (is_or || at_end() || next_is_operator_word("OR"))
      break;
  }
  if (node.args.size() == 1) return node.args.front();
  return finish(std::move(node), start);
}

SearchPtr SearchParser::parse_not() {
  if (!next_is_operator_word("NOT")) return parse_term();
  const NestingGuard guard(context_);
  if (!guard.allowed()) return nullptr;
  const std::size_t start = cursor_.position();
  cursor_.seek(start + 3);
  SearchPtr operand = parse_not();
  if (!operand) return nullptr;
  SearchExpr node{.kind = SearchKind::kNot};
  node.args.push_back(std::move(operand));
  return finish(std::move(node), start);
}

SearchPtr SearchParser::parse_term() {
  if (at_end()) return context_.fail_here("expected a search term");
  for (const std::string_view word : {"AND", "OR"})
    if (next_is_operator_word(word))
      return context_.fail_here("expected a search term", fmt::format("\"{}\"", word));
  const char c = cursor_.peek();
  if (c == '(') return parse_parentheses();
  if (c == '"' || c == '\'') return parse_phrase();
  if (c == '[')
    return context_.fail(context_.token_span(), "a subsearch cannot stand in a search",
                         "join or a CTE");
  if (c == ']') return context_.fail_here("expected a search term");
  return parse_word();
}

SearchPtr SearchParser::parse_parentheses() {
  const NestingGuard guard(context_);
  if (!guard.allowed()) return nullptr;
  cursor_.accept('(');
  SearchPtr inner = parse_or();
  if (!inner) return nullptr;
  if (!cursor_.accept(')')) return context_.fail_here("expected ')'");
  return inner;
}

std::optional<std::string_view> SearchParser::read_quoted() {
  const std::size_t start = cursor_.position();
  std::optional<std::string_view> raw = cursor_.read_quoted_raw();
  if (raw) return raw;
  cursor_.seek(cursor_.text().size());
  return context_.fail(cursor_.span(start, start + 1),
                       fmt::format("the {} is never closed", cursor_.at(start)));
}

SearchPtr SearchParser::parse_phrase() {
  const std::size_t start = cursor_.position();
  const std::optional<std::string_view> raw = read_quoted();
  if (!raw) return nullptr;
  if (cursor_.comparison_at(cursor_.position()).length > 0)
    return context_.fail(cursor_.span_from(start), "a text in quotes is no field name",
                         fmt::format("`{}`", *raw));
  SearchExpr node{.kind = SearchKind::kText};
  node.values.push_back(quoted_pattern(*raw));
  if (is_all(node.values.front())) node = {.kind = SearchKind::kAll};
  return finish(std::move(node), start);
}

// Does a condition on a field go on behind its name: an operator, IN (, LIKE "?
bool SearchParser::condition_follows(std::size_t position) const {
  std::size_t next = cursor_.after_space(position);
  if (cursor_.comparison_at(next).length > 0) return true;
  if (next == position) return false;
  std::string_view word = cursor_.word_at(next);
  if (equal_ignoring_case(word, "not")) {
    next = cursor_.after_space(next + word.size());
    word = cursor_.word_at(next);
  }
  const std::size_t value = cursor_.after_space(next + word.size());
  if (equal_ignoring_case(word, "in")) return cursor_.at(value) == '(';
  const bool quoted = cursor_.at(value) == '"' || cursor_.at(value) == '\'';
  return word == "LIKE" || (quoted && equal_ignoring_case(word, "like"));
}

SearchPtr SearchParser::parse_word() {
  const std::size_t start = cursor_.position();
  if (cursor_.at(start) == '`') {
    std::optional<std::string_view> raw = read_quoted();
    if (!raw) return nullptr;
    if (condition_follows(cursor_.position())) return parse_condition(unescape(*raw), start);
    return context_.fail(cursor_.span_from(start),
                         "a condition must follow a field name in backticks",
                         fmt::format("`{}`=*", *raw));
  }
  const std::size_t run_end = search_run_end(context_, start, false);
  const std::size_t name_end = cursor_.list_name_end(start, false);
  const std::string_view run = cursor_.text().substr(start, run_end - start);
  if (cursor_.at(run_end) == '(' && equal_ignoring_case(run, "term"))
    return parse_breaker_call(SearchKind::kTerm, 4);
  if (cursor_.at(run_end) == '(' && equal_ignoring_case(run, "case"))
    return parse_breaker_call(SearchKind::kCase, 4);
  const bool whole = name_end == run_end || cursor_.comparison_at(name_end).length > 0;
  if (name_end > start && whole && condition_follows(name_end)) {
    cursor_.seek(name_end);
    return parse_condition(std::string(cursor_.text().substr(start, name_end - start)), start);
  }
  cursor_.seek(run_end);
  SearchExpr node{.kind = SearchKind::kText};
  node.values.push_back(bare_pattern(run));
  if (is_all(node.values.front())) node = {.kind = SearchKind::kAll};
  return finish(std::move(node), start);
}

// TERM(x) and CASE(x): x up to the parenthesis, quotes optional.
SearchPtr SearchParser::parse_breaker_call(SearchKind kind, std::size_t name_length) {
  const std::size_t start = cursor_.position();
  cursor_.seek(start + name_length + 1);
  SearchExpr node{.kind = kind};
  std::optional<SearchPattern> value = parse_value(false, true);
  if (!value) return nullptr;
  node.values.push_back(*std::move(value));
  if (!cursor_.accept(')')) return context_.fail_here("expected ')'");
  return finish(std::move(node), start);
}

SearchPtr SearchParser::parse_condition(std::string field, std::size_t start) {
  cursor_.skip_space();
  const Cursor::Operator op = cursor_.comparison_at(cursor_.position());
  if (op.length > 0) return parse_symbol(std::move(field), start, op);
  SearchExpr node{.field = std::move(field)};
  node.negated = cursor_.accept_keyword("not");
  if (cursor_.accept_keyword("in")) return parse_in(std::move(node), start);
  cursor_.accept_keyword("like");
  return parse_like(std::move(node), start);
}

SearchPtr SearchParser::parse_symbol(std::string field, std::size_t start, Cursor::Operator op) {
  cursor_.seek(cursor_.position() + op.length);
  std::optional<SearchPattern> value = parse_value(false, false);
  if (!value) return nullptr;
  const bool bound = field == "earliest" || field == "latest";
  if (leading_ && bound && op.op == Op::kEq) return parse_time_bound(field, *value, start);
  SearchExpr node{.kind = SearchKind::kCompare, .op = op.op, .field = std::move(field)};
  if (node.field == "sourcetype" && op.op == Op::kEq)
    context_.hint(cursor_.span_from(start), "sourcetype= filters the label _sourcetype of events");
  node.values.push_back(*std::move(value));
  return finish(std::move(node), start);
}

// earliest=T latest=T are conditions on _time, which the planner turns into a time range.
SearchPtr SearchParser::parse_time_bound(std::string_view field, const SearchPattern& value,
                                         std::size_t start) {
  const char c = value.text.empty() ? '\0' : value.text.front();
  const bool time =
      is_digit(c) || c == '-' || c == '+' || c == '@' || value.text.starts_with("now");
  if (!time || value.has_wildcard())
    return context_.fail(cursor_.span_from(start), fmt::format("{}= takes a time", field),
                         "-1h, now or 2026-01-15");
  context_.hint(
      cursor_.span_from(start),
      fmt::format(
          "{}= is read as a bound of the time range: the range of the request does the same",
          field));
  SearchExpr node{.kind = SearchKind::kCompare,
                  .op = field == "earliest" ? Op::kGe : Op::kLt,
                  .field = "_time"};
  node.values.push_back(value);
  return finish(std::move(node), start);
}

SearchPtr SearchParser::parse_in(SearchExpr node, std::size_t start) {
  node.kind = SearchKind::kIn;
  cursor_.accept('(');
  do {
    if (cursor_.peek() == '[')
      return context_.fail(context_.token_span(), "a subsearch cannot stand in a search",
                           "join or a CTE");
    std::optional<SearchPattern> value = parse_value(true, false);
    if (!value) return nullptr;
    node.values.push_back(*std::move(value));
    if (node.values.size() > context_.options.in_list_max)
      return context_.fail(
          cursor_.span_from(start),
          fmt::format("an IN list holds at most {} values", context_.options.in_list_max));
  } while (cursor_.accept(','));
  if (!cursor_.accept(')')) return context_.fail_here("expected ',' or ')'");
  return finish(std::move(node), start);
}

SearchPtr SearchParser::parse_like(SearchExpr node, std::size_t start) {
  node.kind = SearchKind::kLike;
  std::optional<SearchPattern> value = parse_value(false, true);
  if (!value) return nullptr;
  node.values.push_back(*std::move(value));
  return finish(std::move(node), start);
}

std::optional<SearchPattern> SearchParser::parse_value(bool in_list, bool like) {
  if (at_end()) return context_.fail_here("expected a value");
  const std::size_t start = cursor_.position();
  const char c = cursor_.at(start);
  if (c == '"' || c == '\'') {
    const std::optional<std::string_view> raw = read_quoted();
    if (!raw) return std::nullopt;
    return like ? like_pattern(*raw, true) : quoted_pattern(*raw);
  }
  if (c == '(') return context_.fail_here("expected a value", "field IN (a, b)");
  if (c == '[')
    return context_.fail(context_.token_span(), "a subsearch cannot stand in a search",
                         "join or a CTE");
  const std::size_t end = search_run_end(context_, start, in_list);
  if (end == start || c == '=' || c == '<' || c == '>' ||
      (c == '~' && cursor_.at(start - 1) == '='))
    return context_.fail_here("expected a value",
                              c == '~' ? "where field =~ \"regex\"" : "quotes around the value");
  cursor_.seek(end);
  const std::string_view written = cursor_.text().substr(start, end - start);
  return like ? like_pattern(written, false) : bare_pattern(written);
}

}  // namespace

std::size_t search_run_end(const Context& context, std::size_t position, bool in_list) {
  const Cursor& cursor = context.cursor;
  constexpr std::string_view kEnds = "|()[]\"";
  while (position < cursor.text().size()) {
    const char c = cursor.at(position);
    if (is_space(c) || kEnds.find(c) != std::string_view::npos || (in_list && c == ',')) break;
    if (c == ';' && context.at_statement_end(position)) break;
    ++position;
  }
  return position;
}

SearchPtr parse_search(Context& context, bool leading) {
  return SearchParser(context, leading).parse_or();
}

}  // namespace lynxdb::spl2
