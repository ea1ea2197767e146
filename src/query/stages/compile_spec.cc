#include "query/stages/compile_spec.h"

#include <fmt/format.h>

#include <set>

namespace lynxdb::query {

Result<AggregationSpec> compile_spec(std::span<const spl2::Aggregate> aggregates,
                                     std::span<const spl2::ByKey> by, std::string_view command,
                                     const CompileContext& context) {
  AggregationSpec spec;
  spec.command = command;
  spec.newest_first = context.newest_first;
  for (const spl2::ByKey& key : by)
    spec.keys.push_back(
        {TRY(compile(*key.expr, context.now_ns, context.upstream_columns)), key.output});
  for (const spl2::Aggregate& aggregate : aggregates) {
    if (!is_aggregate(aggregate.function))
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("unknown aggregate '{}'", aggregate.function)};
    ExpressionPtr argument;
    if (aggregate.argument != nullptr)
      argument = TRY(compile(*aggregate.argument, context.now_ns, context.upstream_columns));
    else if (aggregate.function != "count")
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{}() needs a field", aggregate.function)};
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
  const auto check = [&](const std::string& name) -> Result<> {
    if (names.insert(name).second) return {};
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: two columns are named '{}'", spec.command, name),
                 "name one of them with AS"};
  };
  for (const AggregationSpec::Key& key : spec.keys) TRY(check(key.output));
  for (const AggregationSpec::Call& call : spec.calls) TRY(check(call.aggregate.output));
  return {};
}

}  // namespace lynxdb::query
