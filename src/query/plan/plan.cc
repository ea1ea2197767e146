#include "query/plan/plan.h"

namespace lynxdb::query {

bool is_aggregating(const spl2::Command& command) {
  return std::holds_alternative<spl2::StatsCommand>(command.node) ||
         std::holds_alternative<spl2::TimechartCommand>(command.node) ||
         std::holds_alternative<spl2::TopCommand>(command.node);
}

FieldSet fields_of_sub(const spl2::Command& command, const FieldSet& needed) {
  FieldSet fields = needed;
  if (const auto* join = std::get_if<spl2::JoinCommand>(&command.node))
    for (const std::string& field : join->fields) fields.add(field);
  return fields;
}

Plan make_plan(const spl2::Pipeline& pipeline, const FieldSet& needed,
               const std::vector<spl2::SourceName>& default_sources, std::int64_t now_ns, const ShapeOfCte& cte) {
  Plan plan;
  for (const spl2::Command& command : pipeline.commands) plan.commands.push_back({command, std::nullopt});
  const bool makes_rows =
      !pipeline.commands.empty() && std::holds_alternative<spl2::MultisearchCommand>(pipeline.commands.front().node);
  if (!makes_rows) plan.sources = pipeline.sources.empty() ? default_sources : pipeline.sources;
  if (!makes_rows && plan.sources.empty()) plan.sources.push_back({"main", false, false, {}});

  fold_conditions(plan.commands, now_ns);
  push_down_filters(plan.commands);
  limit_sorts(plan.commands);
  drop_dead_evals(plan.commands, needed);
  plan.scan = scan_request(plan.commands, needed, now_ns);

  spl2::Pipeline start = pipeline;
  start.commands.clear();
  start.sources = plan.sources;
  plan.shapes.push_back(shape_of(start, cte));
  for (const PlannedCommand& planned : plan.commands)
    plan.shapes.push_back(shape_after(planned.command, plan.shapes.back(), cte));

  if (makes_rows) return plan;
  while (plan.transforms < plan.commands.size() && is_transform(plan.commands[plan.transforms].command)) ++plan.transforms;
  plan.partial_aggregation =
      plan.transforms < plan.commands.size() && is_aggregating(plan.commands[plan.transforms].command);
  return plan;
}

}  // namespace lynxdb::query
