#include "query/pipeline_builder.h"

#include <algorithm>

#include "query/command_compiler.h"
#include "query/parallel.h"
#include "query/shard.h"
#include "spl2/printer.h"

namespace lynxdb::query {
namespace {

using event::EventBatch;

// A stored source narrowed to the query's time range.
class TimeRangeSource final : public Source {
 public:
  TimeRangeSource(SourcePtr source, TransformPtr range)
      : source_(std::move(source)), range_(std::move(range)) {}

  Result<std::optional<EventBatch>> next() override {
    std::optional<EventBatch> batch = TRY(source_->next());
    if (!batch) return batch;
    const std::uint64_t sequence = batch->sequence();
    const std::uint64_t next_sequence = batch->next_sequence();
    EventBatch rows = TRY(range_->apply(std::move(*batch)));
    rows.set_sequence(sequence, next_sequence);
    return std::optional<EventBatch>(std::move(rows));
  }
  void stop() override { source_->stop(); }
  Progress progress() const override { return source_->progress(); }

 private:
  SourcePtr source_;
  TransformPtr range_;
};

}  // namespace

PipelineBuilder::PipelineBuilder(std::shared_ptr<const spl2::Query> query,
                                 const QueryOptions& options, OpenSource open, Execution& execution)
    : query_(std::move(query)), options_(options), open_(std::move(open)), execution_(execution) {}

Shape PipelineBuilder::cte_shape(const std::string& name) const {
  for (const spl2::Cte& cte : query_->ctes)
    if (cte.name == name)
      return shape_of(*cte.pipeline, [this](const std::string& other) { return cte_shape(other); });
  return {};
}

Shape PipelineBuilder::main_shape() const {
  return shape_of(*query_->main, [this](const std::string& name) { return cte_shape(name); });
}

CompileContext PipelineBuilder::context(const spl2::Command& command, const Shape& before) const {
  return {.now_ns = options_.now_ns,
          .upstream_columns = before.made,
          .from_ns = options_.from_ns,
          .to_ns = options_.to_ns,
          .newest_first = options_.newest_first,
          .command_span = command.span};
}

StepCountersPtr PipelineBuilder::step(const spl2::Command& command, std::string where,
                                      StepCountersPtr input) {
  auto counters = std::make_shared<StepCounters>();
  counters->text = spl2::to_text(command);
  counters->where = std::move(where);
  counters->input = std::move(input);
  steps_.push_back(counters);
  return counters;
}

Result<OperatorPtr> PipelineBuilder::open_main() {
  const Shape shape = main_shape();
  FieldSet printed = FieldSet::everything();
  if (shape.columns) {
    printed = FieldSet();
    for (const std::string& name : *shape.columns) printed.add(name);
  }
  return open_pipeline(*query_->main, printed, {});
}

// --- Checking
// ------------------------------------------------------------------------------------------

Result<> PipelineBuilder::check() {
  for (const spl2::Cte& cte : query_->ctes) TRY(check_pipeline(*cte.pipeline, {}));
  return check_pipeline(*query_->main, {});
}

Result<> PipelineBuilder::check_pipeline(const spl2::Pipeline& pipeline,
                                         const Sources& default_sources) {
  const ShapeOfCte cte = [this](const std::string& name) { return cte_shape(name); };
  spl2::Pipeline start = pipeline;
  start.commands.clear();
  start.sources = sources_of(pipeline, default_sources);
  Shape shape = shape_of(start, cte);
  for (const spl2::Command& command : pipeline.commands) {
    TRY(check_command(command, context(command, shape), execution_));
    if (const auto* join = std::get_if<spl2::JoinCommand>(&command.node))
      TRY(check_pipeline(*join->sub, start.sources));
    if (const auto* append = std::get_if<spl2::AppendCommand>(&command.node))
      TRY(check_pipeline(*append->sub, start.sources));
    if (const auto* multi = std::get_if<spl2::MultisearchCommand>(&command.node))
      for (const spl2::PipelinePtr& sub : multi->subs) TRY(check_pipeline(*sub, start.sources));
    shape = shape_after(command, std::move(shape), cte);
  }
  return {};
}

// --- Sources
// -------------------------------------------------------------------------------------------

Result<SourcePtr> PipelineBuilder::open_stored(const Sources& names, const ScanRequest& request) {
  ScanRequest narrowed = request;
  const bool ranged = options_.from_ns || options_.to_ns;
  if (ranged) {
    narrowed.from_ns = std::max(narrowed.from_ns, options_.from_ns.value_or(narrowed.from_ns));
    narrowed.to_ns = std::min(narrowed.to_ns, options_.to_ns.value_or(narrowed.to_ns));
    narrowed.rows_wanted = 0;  // Rows outside the range do not count.
    const std::string time(event::kTime);
    if (!narrowed.all_fields &&
        std::find(narrowed.fields.begin(), narrowed.fields.end(), time) == narrowed.fields.end())
      narrowed.fields.push_back(time);
  }
  SourcePtr source = TRY(open_(names, narrowed, execution_));
  remote_groups_ = source->remote_groups();
  {
    const base::MutexLock lock(mutex_);
    opened_.push_back(source);
  }
  auto counters = std::make_shared<StepCounters>();
  counters->text = "scan";
  for (const spl2::SourceName& name : names) counters->text += ' ' + name.name;
  counters->where = "scan";
  steps_.push_back(counters);
  source = profiled(std::move(source), std::move(counters));
  if (!ranged) return source;
  const TransformPtr range =
      make_time_range(options_.from_ns.value_or(std::numeric_limits<std::int64_t>::min()),
                      options_.to_ns.value_or(std::numeric_limits<std::int64_t>::max()));
  return SourcePtr(std::make_shared<TimeRangeSource>(std::move(source), range));
}

Result<SourcePtr> PipelineBuilder::open_cte(const std::string& name) {
  if (const auto known = stores_.find(name); known != stores_.end())
    return BatchStore::open(known->second);
  for (const spl2::Cte& cte : query_->ctes) {
    if (cte.name != name) continue;
    const OperatorPtr rows = TRY(open_pipeline(*cte.pipeline, FieldSet::everything(), {}));
    auto store = std::make_shared<BatchStore>(execution_);
    TRY(store->fill(*rows));
    stores_.emplace(name, store);
    return BatchStore::open(store);
  }
  // The parser knows the names, so this is no text of a user.
  return Error{ErrorCode::kInvalidArgument, "unknown $" + name};
}

Result<SourcePtr> PipelineBuilder::open_source(const Plan& plan) {
  std::vector<SourcePtr> sources;
  Sources stored;  // Neighbours are opened together: one index set, one order.
  for (const spl2::SourceName& name : plan.sources) {
    if (!name.cte) {
      stored.push_back(name);
      continue;
    }
    if (!stored.empty()) sources.push_back(TRY(open_stored(stored, plan.scan)));
    stored.clear();
    sources.push_back(TRY(open_cte(name.name)));
  }
  if (!stored.empty()) sources.push_back(TRY(open_stored(stored, plan.scan)));
  return concat_sources(std::move(sources));
}

// --- Operators
// -----------------------------------------------------------------------------------------

Result<OpenShard> PipelineBuilder::open_shard(const Plan& plan) {
  OpenShard shard;
  remote_groups_ = nullptr;
  shard.source = TRY(open_source(plan));
  // With CTEs among the sources nothing was told to them (describe_shard).
  shard.remote = std::exchange(remote_groups_, nullptr);
  for (std::size_t i = 0; i < plan.transforms; ++i) {
    const spl2::Command& command = plan.commands[i].command;
    shard.transforms.push_back(profiled(
        unquoted_.watch(command, TRY(compile_transform(command, context(command, plan.shapes[i])))),
        step(command, "shard")));
  }
  if (!plan.partial_aggregation) return shard;
  const PlannedCommand& aggregation = plan.commands[plan.transforms];
  CompileContext compile_context = context(aggregation.command, plan.shapes[plan.transforms]);
  compile_context.first_rows = aggregation.first_rows;
  shard.stage = TRY(compile_stage(aggregation.command, compile_context));
  return shard;
}

Result<OpenShard> PipelineBuilder::open_main_shard() {
  return open_shard(make_plan(*query_->main, FieldSet::everything(), {}, options_.now_ns,
                              [this](const std::string& name) { return cte_shape(name); }));
}

Result<OperatorPtr> PipelineBuilder::open_pipeline(const spl2::Pipeline& pipeline,
                                                   const FieldSet& needed,
                                                   const Sources& default_sources) {
  Plan plan = make_plan(pipeline, needed, default_sources, options_.now_ns,
                        [this](const std::string& name) { return cte_shape(name); });
  if (options_.describes_shards) describe_shard(plan, options_);
  // Fields that are read behind each command: what subsearches must deliver.
  std::vector<FieldSet> needed_behind(plan.commands.size() + 1, needed);
  for (std::size_t i = plan.commands.size(); i-- > 0;)
    needed_behind[i] = fields_before(plan.commands[i].command, needed_behind[i + 1]);

  OperatorPtr rows;
  std::size_t next = 0;
  if (!plan.sources.empty()) {
    OpenShard shard = TRY(open_shard(plan));
    next = plan.transforms;
    if (shard.stage != nullptr) {
      rows =
          profiled(make_parallel_aggregation(std::move(shard.source), std::move(shard.transforms),
                                             std::move(shard.stage), execution_, shard.remote),
                   step(plan.commands[next].command, "shard + coordinator"));
      ++next;
    } else {
      rows = make_parallel_scan(std::move(shard.source), std::move(shard.transforms), execution_);
    }
  }
  for (; next < plan.commands.size(); ++next)
    rows = TRY(add_operator(plan, next, std::move(rows), needed_behind[next + 1], plan.sources));
  return rows;
}

Result<OperatorPtr> PipelineBuilder::add_operator(const Plan& plan, std::size_t i,
                                                  OperatorPtr input, const FieldSet& needed_behind,
                                                  const Sources& sources) {
  const PlannedCommand& planned = plan.commands[i];
  const spl2::Command& command = planned.command;
  CompileContext compile_context = context(command, plan.shapes[i]);
  compile_context.first_rows = planned.first_rows;
  const StepCountersPtr counters = step(command, "coordinator");
  if (input != nullptr) {
    // Rows that go in are counted at the input.
    auto below = std::make_shared<StepCounters>();
    counters->input = below;
    input = profiled(std::move(input), std::move(below));
  }
  const auto open_sub = [this, sources, needed = fields_of_sub(command, needed_behind)](
                            const spl2::PipelinePtr& sub) {
    return OpenPipeline(
        [this, sources, needed, sub] { return open_pipeline(*sub, needed, sources); });
  };

  OperatorPtr made;
  if (is_transform(command)) {
    TransformPtr transform = TRY(compile_transform(command, compile_context));
    made = make_transform_operator(std::move(input),
                                   {unquoted_.watch(command, std::move(transform))}, execution_);
  } else if (is_aggregating(command)) {
    made = make_aggregation(std::move(input), TRY(compile_stage(command, compile_context)),
                            execution_);
  } else if (const auto* head = std::get_if<spl2::HeadCommand>(&command.node)) {
    made = make_head(std::move(input), head->count);
  } else if (const auto* tail = std::get_if<spl2::TailCommand>(&command.node)) {
    made = make_tail(std::move(input), tail->count, execution_);
  } else if (const auto* sort = std::get_if<spl2::SortCommand>(&command.node)) {
    made = make_sort(std::move(input), sort->keys, planned.row_limit, execution_);
  } else if (const auto* dedup = std::get_if<spl2::DedupCommand>(&command.node)) {
    made = make_dedup(std::move(input), *dedup, execution_);
  } else if (const auto* fillnull = std::get_if<spl2::FillnullCommand>(&command.node)) {
    made = make_fillnull_all(std::move(input), *fillnull, execution_);
  } else if (std::holds_alternative<spl2::ReverseCommand>(command.node)) {
    made = make_reverse(std::move(input), execution_);
  } else if (const auto* eventstats = std::get_if<spl2::EventstatsCommand>(&command.node)) {
    made = TRY(make_eventstats(std::move(input), *eventstats, compile_context, execution_));
  } else if (const auto* streamstats = std::get_if<spl2::StreamstatsCommand>(&command.node)) {
    made = TRY(make_streamstats(std::move(input), *streamstats, compile_context, execution_));
  } else if (const auto* join = std::get_if<spl2::JoinCommand>(&command.node)) {
    made = make_join(std::move(input), TRY(open_sub(join->sub)()), *join, execution_);
  } else if (const auto* append = std::get_if<spl2::AppendCommand>(&command.node)) {
    made = make_append(std::move(input), open_sub(append->sub), execution_);
  } else if (const auto* multi = std::get_if<spl2::MultisearchCommand>(&command.node)) {
    std::vector<OpenPipeline> subs;
    for (const spl2::PipelinePtr& sub : multi->subs) subs.push_back(open_sub(sub));
    made = make_multisearch(std::move(subs), execution_);
  } else if (const auto* transaction = std::get_if<spl2::TransactionCommand>(&command.node)) {
    made = TRY(make_transaction(std::move(input), *transaction, compile_context, execution_));
  } else if (const auto* xyseries = std::get_if<spl2::XyseriesCommand>(&command.node)) {
    made = make_xyseries(std::move(input), *xyseries, execution_);
  }
  LYNXDB_CHECK(made != nullptr);
  return profiled(std::move(made), counters);
}

// --- Reports
// -------------------------------------------------------------------------------------------

Source::Progress PipelineBuilder::progress() const {
  const base::MutexLock lock(mutex_);
  Source::Progress sum;
  for (const SourcePtr& source : opened_) {
    const Source::Progress one = source->progress();
    sum.events += one.events;
    sum.bytes += one.bytes;
    sum.bytes_total += one.bytes_total;
  }
  return sum;
}

std::vector<StepProfile> PipelineBuilder::profile() const {
  std::vector<StepProfile> profiles;
  for (const StepCountersPtr& counters : steps_) profiles.push_back(read_profile(*counters));
  return profiles;
}

}  // namespace lynxdb::query
