// The parallel part of a pipeline: workers pull batches from a source, apply the transforms, and
// either hand rows on in source order or feed partial aggregations.
#pragma once

#include <memory>
#include <vector>

#include "query/aggregation.h"
#include "query/execution.h"
#include "query/operator.h"

namespace lynxdb::query {

// Applies `transforms` in order; stops early when no rows are left.
Result<event::EventBatch> apply_all(const std::vector<TransformPtr>& transforms,
                                    event::EventBatch batch);

// Rows in source order. Holds at most a few batches per worker: a worker that runs ahead waits for
// the reader. With execution.threads == 1 everything runs in the caller's thread.
OperatorPtr make_parallel_scan(SourcePtr source, std::vector<TransformPtr> transforms,
                               Execution& execution);

// Consumes the whole source, one partial aggregation per worker.
Result<AggregationParts> aggregate_rows(Source& source, const std::vector<TransformPtr>& transforms,
                                        const std::shared_ptr<const AggregationSpec>& spec,
                                        Execution& execution);
// The same, and what the source had made of its rows elsewhere, when it is pulled; gives the
// stage's rows. `remote`: of the source, or null.
OperatorPtr make_parallel_aggregation(SourcePtr source, std::vector<TransformPtr> transforms,
                                      StagePtr stage, Execution& execution,
                                      RemoteGroups* remote = nullptr);

// The same over rows that come from an operator, in the caller's thread.
OperatorPtr make_aggregation(OperatorPtr input, StagePtr stage, Execution& execution);

}  // namespace lynxdb::query
