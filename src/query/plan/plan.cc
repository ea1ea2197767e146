#include "query/plan/plan.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lynxdb::query {

bool is_aggregating(const spl2::Command& command) {
  return std::holds_alternative<spl2::StatsCommand>(command.node) ||
         std::holds_alternative<spl2::TimechartCommand>(command.node) ||
         std::holds_alternative<spl2::TopCommand>(command.node);
}

namespace {

// Aggregates whose result says nothing about the order of rows.
bool ignores_order(const spl2::Aggregate& aggregate) {
  static constexpr std::array<std::string_view, 12> kNames{
      "avg", "count", "dc", "max", "min", "perc", "range", "stdev", "stdevp", "sum", "var", "varp"};
  return std::find(kNames.begin(), kNames.end(), aggregate.function) != kNames.end();
}

bool ignores_order(const spl2::Command& command) {
  const auto all_ignore = [](const std::vector<spl2::Aggregate>& aggregates) {
    return std::all_of(aggregates.begin(), aggregates.end(),
                       [](const spl2::Aggregate& aggregate) { return ignores_order(aggregate); });
  };
  if (const auto* stats = std::get_if<spl2::StatsCommand>(&command.node))
    return all_ignore(stats->aggregates);
  if (const auto* timechart = std::get_if<spl2::TimechartCommand>(&command.node))
    return all_ignore(timechart->aggregates);
  // Counts, ordered by their values.
  return std::holds_alternative<spl2::TopCommand>(command.node);
}

}  // namespace

FieldSet fields_of_sub(const spl2::Command& command, const FieldSet& needed) {
  FieldSet fields = needed;
  if (const auto* join = std::get_if<spl2::JoinCommand>(&command.node))
    for (const std::string& field : join->fields) fields.add(field);
  return fields;
}

std::vector<spl2::SourceName> sources_of(const spl2::Pipeline& pipeline,
                                         const std::vector<spl2::SourceName>& default_sources) {
  const bool makes_rows =
      !pipeline.commands.empty() &&
      std::holds_alternative<spl2::MultisearchCommand>(pipeline.commands.front().node);
  if (makes_rows) return {};
  if (!pipeline.sources.empty()) return pipeline.sources;
  if (!default_sources.empty()) return default_sources;
  return {{"main", false, false, {}}};
}

Plan make_plan(const spl2::Pipeline& pipeline, const FieldSet& needed,
               const std::vector<spl2::SourceName>& default_sources, std::int64_t now_ns,
               const ShapeOfCte& cte) {
  Plan plan;
  for (const spl2::Command& command : pipeline.commands)
    plan.commands.push_back({.command = command});
  plan.sources = sources_of(pipeline, default_sources);

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

  if (plan.sources.empty()) return plan;
  while (plan.transforms < plan.commands.size() &&
         is_transform(plan.commands[plan.transforms].command))
    ++plan.transforms;
  plan.partial_aggregation = plan.transforms < plan.commands.size() &&
                             is_aggregating(plan.commands[plan.transforms].command);
  plan.scan.any_order =
      plan.partial_aggregation && ignores_order(plan.commands[plan.transforms].command);
  return plan;
}

}  // namespace lynxdb::query
