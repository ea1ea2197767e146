#include "query/explain.h"

#include <algorithm>

#include <fmt/format.h>

#include "spl2/printer.h"

namespace lynxdb::query {
namespace {

using Sources = std::vector<spl2::SourceName>;

std::string text_of(const Sources& sources) {
  std::string text;
  for (const spl2::SourceName& source : sources)
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", source.cte ? "$" : "", source.name);
  return text;
}

class Describer {
 public:
  Describer(const spl2::Query& query, const QueryOptions& options)
      : query_(query), options_(options) {}

  PipelineDescription describe(std::string label, const spl2::Pipeline& pipeline,
                               const FieldSet& needed, const Sources& defaults) const {
    const Plan plan = make_plan(pipeline, needed, defaults, options_.now_ns, cte_shape());
    PipelineDescription result;
    result.label = std::move(label);
    result.sources = text_of(plan.sources);
    result.scan = plan.scan;
    result.scan.from_ns =
        std::max(result.scan.from_ns, options_.from_ns.value_or(result.scan.from_ns));
    result.scan.to_ns = std::min(result.scan.to_ns, options_.to_ns.value_or(result.scan.to_ns));
    result.result_type = plan.shapes.back().type;
    result.columns = plan.shapes.back().columns;

    std::vector<FieldSet> behind(plan.commands.size() + 1, needed);
    for (std::size_t i = plan.commands.size(); i-- > 0;)
      behind[i] = fields_before(plan.commands[i].command, behind[i + 1]);
    for (std::size_t i = 0; i < plan.commands.size(); ++i) {
      result.steps.push_back(describe_step(plan, i));
      add_subs(plan.commands[i].command, behind[i + 1], plan.sources, result.subs);
    }
    return result;
  }

  ShapeOfCte cte_shape() const {
    return [this](const std::string& name) {
      for (const spl2::Cte& cte : query_.ctes)
        if (cte.name == name) return shape_of(*cte.pipeline, cte_shape());
      return Shape{};
    };
  }

 private:
  static StepDescription describe_step(const Plan& plan, std::size_t i) {
    StepDescription step;
    step.text = spl2::to_text(plan.commands[i].command);
    const bool partial = plan.partial_aggregation && i == plan.transforms;
    step.where = i < plan.transforms ? "shard" : (partial ? "shard + coordinator" : "coordinator");
    if (const auto limit = plan.commands[i].row_limit)
      step.note = fmt::format("keeps {} rows", *limit);
    return step;
  }

  void add_subs(const spl2::Command& command, const FieldSet& behind, const Sources& sources,
                std::vector<PipelineDescription>& subs) const {
    const FieldSet needed = fields_of_sub(command, behind);
    if (const auto* join = std::get_if<spl2::JoinCommand>(&command.node))
      subs.push_back(describe("join", *join->sub, needed, sources));
    if (const auto* append = std::get_if<spl2::AppendCommand>(&command.node))
      subs.push_back(describe("append", *append->sub, needed, sources));
    if (const auto* multi = std::get_if<spl2::MultisearchCommand>(&command.node))
      for (const spl2::PipelinePtr& sub : multi->subs)
        subs.push_back(describe("multisearch", *sub, needed, sources));
  }

  const spl2::Query& query_;
  const QueryOptions& options_;
};

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// Texts of calls may stand among the fields (they could be columns made upstream); users meet
// fields.
std::string fields_text(const ScanRequest& scan) {
  if (scan.all_fields) return "all";
  std::vector<std::string> names;
  std::copy_if(scan.fields.begin(), scan.fields.end(), std::back_inserter(names),
               [](const std::string& name) { return name.find('(') == std::string::npos; });
  return names.empty() ? "none (counts events)" : join(names);
}

void render_pipeline(const PipelineDescription& pipeline, std::size_t depth, std::string& out) {
  const std::string indent(depth * 2, ' ');
  out += fmt::format("{}{}:\n", indent, pipeline.label);
  const ScanRequest& scan = pipeline.scan;
  if (!pipeline.sources.empty()) {
    out += fmt::format("{}  from {}\n{}    fields read: {}\n", indent, pipeline.sources, indent,
                       fields_text(scan));
    if (!scan.raw_contains.empty())
      out += fmt::format("{}    skips lines without: {}\n", indent,
                         fmt::join(scan.raw_contains, ", "));
    if (scan.from_ns != std::numeric_limits<std::int64_t>::min())
      out += fmt::format("{}    from time: {}\n", indent,
                         event::text(event::ValueView::timestamp(scan.from_ns)));
    if (scan.to_ns != std::numeric_limits<std::int64_t>::max())
      out += fmt::format("{}    to time: {}\n", indent,
                         event::text(event::ValueView::timestamp(scan.to_ns)));
    if (scan.rows_wanted > 0)
      out += fmt::format("{}    stops after {} events\n", indent, scan.rows_wanted);
  }
  for (const StepDescription& step : pipeline.steps)
    out += fmt::format("{}  | {}  [{}{}{}]\n", indent, step.text, step.where,
                       step.note.empty() ? "" : "; ", step.note);
  for (const PipelineDescription& sub : pipeline.subs) render_pipeline(sub, depth + 2, out);
}

bool blocks(const StepDescription& step) {
  for (const std::string_view command :
       {"sort", "dedup", "join", "transaction", "eventstats", "reverse", "xyseries", "tail"})
    if (step.text.starts_with(command)) return step.note.empty();
  return false;
}

}  // namespace

std::vector<PipelineDescription> describe(const spl2::Query& query, const QueryOptions& options) {
  const Describer describer(query, options);
  std::vector<PipelineDescription> pipelines;
  for (const spl2::Cte& cte : query.ctes)
    pipelines.push_back(
        describer.describe("$" + cte.name, *cte.pipeline, FieldSet::everything(), {}));
  const Shape shape = shape_of(*query.main, describer.cte_shape());
  FieldSet printed = FieldSet::everything();
  if (shape.columns) {
    printed = FieldSet();
    for (const std::string& name : *shape.columns) printed.add(name);
  }
  pipelines.push_back(describer.describe("main", *query.main, printed, {}));
  return pipelines;
}

std::string_view estimated_cost(const std::vector<PipelineDescription>& pipelines) {
  const PipelineDescription& main = pipelines.back();
  const bool several = pipelines.size() > 1 || !main.subs.empty();
  const bool events =
      std::none_of(main.steps.begin(), main.steps.end(),
                   [](const StepDescription& step) { return step.where == "shard + coordinator"; });
  if (several || (events && std::any_of(main.steps.begin(), main.steps.end(), blocks)))
    return "high";
  const bool narrowed =
      main.scan.rows_wanted > 0 || !main.scan.raw_contains.empty() || main.scan.count_only();
  return narrowed ? "low" : "medium";
}

std::string render(const std::vector<PipelineDescription>& pipelines) {
  std::string out;
  for (const PipelineDescription& pipeline : pipelines) render_pipeline(pipeline, 0, out);
  const PipelineDescription& main = pipelines.back();
  constexpr std::array<std::string_view, 3> kTypes = {"events", "aggregate", "timechart"};
  out += fmt::format("result: {}", kTypes[static_cast<std::size_t>(main.result_type)]);
  if (main.columns) out += " (" + join(*main.columns) + ")";
  out += fmt::format("\ncost: {}\n", estimated_cost(pipelines));
  return out;
}

std::string render(const std::vector<StepProfile>& profile) {
  std::string out = fmt::format("{:>12} {:>12} {:>10}  {}\n", "rows in", "rows out", "ms", "step");
  for (const StepProfile& step : profile)
    out += fmt::format("{:>12} {:>12} {:>10.1f}  {}  [{}]\n", step.rows_in, step.rows_out,
                       static_cast<double>(step.busy_ns) / 1e6, step.text, step.where);
  return out;
}

}  // namespace lynxdb::query
