#include "query/engine.h"

#include "query/pipeline_builder.h"

namespace lynxdb::query {

struct RunningQuery::Impl {
  Impl(std::shared_ptr<const spl2::Query> query, QueryOptions query_options, OpenSource open)
      : options(std::move(query_options)),
        spill(options.spill_directory, options.spill_bytes_max),
        execution(options.memory_limit_bytes, spill, options.cancellation, options.memory_pool),
        builder(std::move(query), options, std::move(open), execution) {
    execution.now_ns = options.now_ns;
    execution.threads = options.threads;
    if (options.timeout)
      execution.cancellation.set_deadline(std::chrono::steady_clock::now() + *options.timeout);
  }

  const QueryOptions options;
  SpillSpace spill;
  Execution execution;
  PipelineBuilder builder;
  OperatorPtr rows;  // Last: its workers use everything above.
  bool finished = false;
};

RunningQuery::RunningQuery(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RunningQuery::~RunningQuery() { impl_->execution.cancellation.cancel(); }

Result<std::optional<event::EventBatch>> RunningQuery::next() {
  if (impl_->finished) return std::optional<event::EventBatch>();
  Result<std::optional<event::EventBatch>> batch = impl_->rows->next();
  if (!batch || !*batch) impl_->finished = true;
  return batch;
}

void RunningQuery::cancel() { impl_->execution.cancellation.cancel(); }

Source::Progress RunningQuery::progress() const { return impl_->builder.progress(); }

std::vector<std::string> RunningQuery::hints() const {
  std::vector<std::string> hints = impl_->execution.hints.list();
  for (std::string& hint : impl_->builder.hints()) hints.push_back(std::move(hint));
  return hints;
}

std::uint64_t RunningQuery::spilled_bytes() const { return impl_->spill.spilled_bytes(); }
std::size_t RunningQuery::memory_peak_bytes() const { return impl_->execution.memory.peak_bytes(); }
ResultType RunningQuery::result_type() const { return impl_->builder.main_shape().type; }
std::optional<std::vector<std::string>> RunningQuery::columns() const {
  return impl_->builder.main_shape().columns;
}
std::vector<StepProfile> RunningQuery::profile() const { return impl_->builder.profile(); }

Result<> check(std::shared_ptr<const spl2::Query> query, const QueryOptions& options) {
  // Nothing is opened, so nothing of this is used.
  SpillSpace spill("", 0);
  Execution execution(1, spill);
  return PipelineBuilder(std::move(query), options, nullptr, execution).check();
}

Result<std::unique_ptr<RunningQuery>> start(std::shared_ptr<const spl2::Query> query,
                                            QueryOptions options, OpenSource open) {
  auto impl =
      std::make_unique<RunningQuery::Impl>(std::move(query), std::move(options), std::move(open));
  TRY(impl->builder.check());
  impl->rows = TRY(impl->builder.open_main());
  return std::make_unique<RunningQuery>(std::move(impl));
}

namespace {

std::size_t stored_scans(const spl2::Pipeline& pipeline, std::size_t default_scans) {
  std::size_t scans = 0;
  const bool makes_rows =
      !pipeline.commands.empty() &&
      std::holds_alternative<spl2::MultisearchCommand>(pipeline.commands.front().node);
  if (!makes_rows) {
    if (pipeline.sources.empty()) scans = default_scans;
    for (const spl2::SourceName& source : pipeline.sources) scans += source.cte ? 0 : 1;
  }
  const std::size_t inherited = pipeline.sources.empty() ? default_scans : scans;
  for (const spl2::Command& command : pipeline.commands) {
    if (const auto* join = std::get_if<spl2::JoinCommand>(&command.node))
      scans += stored_scans(*join->sub, inherited);
    if (const auto* append = std::get_if<spl2::AppendCommand>(&command.node))
      scans += stored_scans(*append->sub, inherited);
    if (const auto* multi = std::get_if<spl2::MultisearchCommand>(&command.node))
      for (const spl2::PipelinePtr& sub : multi->subs) scans += stored_scans(*sub, inherited);
  }
  return scans;
}

}  // namespace

std::size_t stored_scans(const spl2::Query& query) {
  std::size_t scans = stored_scans(*query.main, 1);
  for (const spl2::Cte& cte : query.ctes) scans += stored_scans(*cte.pipeline, 1);
  return scans;
}

}  // namespace lynxdb::query
