#include "query/stages/compile_spec.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "query/error_place.h"

namespace lynxdb::query {

Result<AggregationSpec> compile_spec(std::span<const spl2::Aggregate> aggregates,
                                     std::span<const spl2::ByKey> by, std::string_view command,
                                     const CompileContext& context) {
  AggregationSpec spec;
  spec.command = command;
  spec.newest_first = context.newest_first;
  for (const spl2::ByKey& key : by)
    spec.keys.push_back(
        {TRY(compile(*key.expr, context.now_ns, context.upstream_columns)), key.output, key.span});
  for (const spl2::Aggregate& aggregate : aggregates) {
    if (!is_aggregate(aggregate.function))
      return placed(Error{ErrorCode::kInvalidArgument,
                          fmt::format("unknown aggregate '{}'", aggregate.function)},
                    aggregate.span);
    ExpressionPtr argument;
    if (aggregate.argument != nullptr)
      argument = TRY(compile(*aggregate.argument, context.now_ns, context.upstream_columns));
    else if (aggregate.function != "count")
      return placed(
          Error{ErrorCode::kInvalidArgument, fmt::format("{}() needs a field", aggregate.function)},
          aggregate.span);
    spec.calls.push_back({aggregate, std::move(argument), false});
  }
  TRY(check_outputs(spec));
  return spec;
}

Result<AggregationSpec::Key> field_key(const std::string& field, const CompileContext& context) {
  spl2::Expr expr;
  expr.kind = spl2::ExprKind::kField;
  expr.name = field;
  return AggregationSpec::Key{TRY(compile(expr, context.now_ns, context.upstream_columns)), field};
}

Result<> check_outputs(const AggregationSpec& spec) {
  std::set<std::string> names;
  const auto check = [&](const std::string& name, base::TextSpan span) -> Result<> {
    if (names.insert(name).second) return {};
    Error error{ErrorCode::kInvalidArgument,
                fmt::format("{}: two columns are named '{}'", spec.command, name),
                "AS another_name"};
    return span.length == 0 ? error : placed(std::move(error), span);
  };
  for (const AggregationSpec::Key& key : spec.keys) TRY(check(key.output, key.span));
  for (const AggregationSpec::Call& call : spec.calls)
    TRY(check(call.aggregate.output, call.aggregate.span));
  return {};
}

}  // namespace lynxdb::query
