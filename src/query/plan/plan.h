// From a pipeline's syntax to its plan: what the workers do beside the source, what one thread does
// behind them.
#pragma once

#include <string>
#include <vector>

#include "query/plan/rewrite.h"
#include "query/plan/shape.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// The shard part (`transforms`, then `partial` when it is set) runs beside each source; the
// coordinator part runs once over the merged rows. Indexes into `commands`.
struct Plan {
  std::vector<spl2::SourceName> sources;  // Empty: the first command makes the rows (multisearch).
  ScanRequest scan;
  PlannedCommands commands;
  std::size_t transforms = 0;        // commands[0, transforms) are transforms.
  bool partial_aggregation = false;  // commands[transforms] is stats, timechart or top.
  // Columns made before each command, for calls that mean them; one more for behind the last.
  std::vector<Shape> shapes;
};

// Where a pipeline reads: empty when its first command makes the rows. `default_sources`: those of
// the pipeline around a subsearch without FROM.
std::vector<spl2::SourceName> sources_of(const spl2::Pipeline& pipeline,
                                         const std::vector<spl2::SourceName>& default_sources);

// `needed`: fields that the reader of the pipeline's rows uses. `default_sources` as above.
Plan make_plan(const spl2::Pipeline& pipeline, const FieldSet& needed,
               const std::vector<spl2::SourceName>& default_sources, std::int64_t now_ns,
               const ShapeOfCte& cte);

// Fields that the subsearch of a command must deliver when `needed` are read behind the command.
FieldSet fields_of_sub(const spl2::Command& command, const FieldSet& needed);

bool is_aggregating(const spl2::Command& command);

}  // namespace lynxdb::query
