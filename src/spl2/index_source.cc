#include "spl2/index_source.h"

#include <fmt/format.h>

#include <algorithm>

namespace lynxdb::spl2 {
namespace {

bool chooses_index(const SearchExpr& expr) {
  if (expr.kind == SearchKind::kOr)
    return std::all_of(expr.args.begin(), expr.args.end(),
                       [](const SearchPtr& arg) { return chooses_index(*arg); });
  const bool condition = (expr.kind == SearchKind::kCompare && expr.op == Op::kEq) ||
                         (expr.kind == SearchKind::kIn && !expr.negated);
  if (!condition || expr.field != "index") return false;
  return std::none_of(expr.values.begin(), expr.values.end(),
                      [](const SearchPattern& value) { return value.text.empty(); });
}

void add_sources(const SearchExpr& expr, std::vector<SourceName>& sources) {
  for (const SearchPtr& arg : expr.args) add_sources(*arg, sources);
  for (const SearchPattern& value : expr.values)
    sources.push_back(
        {.name = value.text, .glob = value.has_wildcard(), .cte = false, .span = expr.span});
}

SearchPtr without_first(const SearchExpr& list) {
  if (list.args.size() == 2) return list.args[1];
  auto rest = std::make_shared<SearchExpr>(list);
  rest->args.erase(rest->args.begin());
  return rest;
}

bool mentions_index(const SearchExpr& expr) {
  if (expr.field == "index" && expr.op == Op::kEq) return true;
  return std::any_of(expr.args.begin(), expr.args.end(),
                     [](const SearchPtr& arg) { return mentions_index(*arg); });
}

}  // namespace

bool take_index_sources(Context& context, SearchPtr& expr, std::vector<SourceName>& sources) {
  const bool list = expr->kind == SearchKind::kAnd;
  const SearchPtr first = list ? expr->args.front() : expr;
  if (!chooses_index(*first)) {
    if (mentions_index(*expr))
      context.hint(expr->span,
                   "index= is a filter here and does not choose the index: start with FROM name");
    return false;
  }
  add_sources(*first, sources);
  std::string names;
  for (const SourceName& source : sources) names += (names.empty() ? "" : ", ") + source.name;
  context.hint(first->span, fmt::format("index= is read as FROM {}", names));
  expr = list ? without_first(*expr) : nullptr;
  return true;
}

}  // namespace lynxdb::spl2
