// From plans to running operators: opens sources, CTEs and subsearches, and strings commands
// together.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "query/aggregation.h"
#include "query/batch_store.h"
#include "query/engine.h"
#include "query/plan/plan.h"
#include "query/profile.h"
#include "query/unquoted_values.h"

namespace lynxdb::query {

// What runs beside a source. Without a stage its rows go on as they are.
struct OpenShard {
  SourcePtr source;
  RemoteGroups* remote = nullptr;  // Of the source.
  std::vector<TransformPtr> transforms;
  StagePtr stage;
};

// One per running query; outlives its operators (subsearches are opened late). Belongs to the
// query's thread, but for `progress`.
class PipelineBuilder {
 public:
  PipelineBuilder(std::shared_ptr<const spl2::Query> query, const QueryOptions& options,
                  OpenSource open, Execution& execution);

  Result<OperatorPtr> open_main();
  // Only what runs beside the main pipeline's source.
  Result<OpenShard> open_main_shard();
  // Compiles every pipeline as it was written, without opening anything: mistakes are found before
  // any output, in text order, and also where the optimiser would never look. Errors have a place.
  Result<> check();
  Shape main_shape() const;
  Source::Progress progress() const EXCLUDES(mutex_);
  std::vector<StepProfile> profile() const;
  // What only shows when rows have been read; Execution has the others.
  std::vector<std::string> hints() const { return unquoted_.hints(); }

 private:
  using Sources = std::vector<spl2::SourceName>;

  Result<OperatorPtr> open_pipeline(const spl2::Pipeline& pipeline, const FieldSet& needed,
                                    const Sources& default_sources);
  Result<> check_pipeline(const spl2::Pipeline& pipeline, const Sources& default_sources);
  Result<OpenShard> open_shard(const Plan& plan);
  Result<SourcePtr> open_source(const Plan& plan);
  Result<SourcePtr> open_stored(const Sources& names, const ScanRequest& request);
  Result<SourcePtr> open_cte(const std::string& name);
  Result<OperatorPtr> add_operator(const Plan& plan, std::size_t i, OperatorPtr input,
                                   const FieldSet& needed_behind, const Sources& sources);

  CompileContext context(const spl2::Command& command, const Shape& before) const;
  Shape cte_shape(const std::string& name) const;
  StepCountersPtr step(const spl2::Command& command, std::string where,
                       StepCountersPtr input = nullptr);

  const std::shared_ptr<const spl2::Query> query_;
  const QueryOptions& options_;
  const OpenSource open_;
  Execution& execution_;
  std::map<std::string, std::shared_ptr<BatchStore>> stores_;
  std::vector<StepCountersPtr> steps_;
  UnquotedValues unquoted_;
  RemoteGroups* remote_groups_ = nullptr;  // Of the source opened last.

  mutable base::Mutex mutex_;
  std::vector<SourcePtr> opened_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::query
