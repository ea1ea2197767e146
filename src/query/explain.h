// What a query will do, without running it: plan, fields read, pruning, what runs where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/engine.h"
#include "query/plan/plan.h"
#include "spl2/ast.h"

namespace lynxdb::query {

struct StepDescription {
  std::string text;   // The command after rewriting, canonical.
  std::string where;  // "shard" (beside the workers), "shard + coordinator" or "coordinator".
  std::string note;   // What the optimiser found out ("keeps 10 rows"), or empty.
};

struct PipelineDescription {
  std::string label;    // "main", "$name", "join", "append", "multisearch".
  std::string sources;  // "main", "$x"; empty when the first command makes the rows.
  ScanRequest scan;
  std::vector<StepDescription> steps;
  ResultType result_type = ResultType::kEvents;
  std::optional<std::vector<std::string>> columns;
  std::vector<PipelineDescription> subs;  // Subsearches, in text order.
};

// CTEs in their order, then main.
std::vector<PipelineDescription> describe(const spl2::Query& query, const QueryOptions& options);

// How much work the query is: "low" (stops early or is narrowed by literals or time), "medium"
// (one pass), "high" (several passes or blocking commands over events).
std::string_view estimated_cost(const std::vector<PipelineDescription>& pipelines);

// The display of `lynxdb explain`.
std::string render(const std::vector<PipelineDescription>& pipelines);
// The display of --analyze.
std::string render(const std::vector<StepProfile>& profile);

}  // namespace lynxdb::query
