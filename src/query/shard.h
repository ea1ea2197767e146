// The part of a pipeline that can run where its rows are, on another node: as text on its way
// there, as groups on its way back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "query/aggregation.h"
#include "query/engine.h"
#include "query/plan/plan.h"

namespace lynxdb::query {

// Groups that others make of a source's rows.
class RemoteGroups {
 public:
  virtual ~RemoteGroups() = default;

  // Does the same with rows that nobody else could read in the end.
  using Aggregate = std::function<Result<AggregationParts>(Source& rows)>;

  // Waits for all of them; called at most once. Errors: kUnavailable, kCancelled, kTimeout and
  // those of aggregations.
  virtual Result<AggregationParts> collect(std::shared_ptr<const AggregationSpec> spec,
                                           const Aggregate& aggregate) = 0;
};

// Fills in ScanRequest::filter_text, shard_text and what belongs to it.
void describe_shard(Plan& plan, const QueryOptions& options);

// The filters that filter_text says. Errors: kInvalidArgument, it is no such text.
Result<std::vector<ScanFilter>> read_filters(const std::string& filter_text, std::int64_t now_ns);

// Runs shard_text over what `open` opens and gives the groups in blocks (encode_groups). `take`:
// false ends it early. Gives the hints. Errors: those of engine.h.
Result<std::vector<std::string>> run_shard(const std::string& shard_text,
                                           const QueryOptions& options, OpenSource open,
                                           const std::function<bool(std::string)>& take);

}  // namespace lynxdb::query
