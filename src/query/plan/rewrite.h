// Rewrites of a pipeline's commands that never change its answer, only its cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/first_rows.h"
#include "query/plan/field_usage.h"
#include "query/scan_request.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// A command after rewriting, with what the rewriter found out about it.
struct PlannedCommand {
  spl2::Command command;
  // Of a sort: only the first so many rows are wanted (`sort ... | head N`); exact.
  std::optional<std::uint64_t> row_limit{};
  // Of stats: what the sort behind it leaves of its rows.
  std::optional<FirstRows> first_rows{};
};

using PlannedCommands = std::vector<PlannedCommand>;

// Row by row, nothing remembered: may run beside the workers.
bool is_transform(const spl2::Command& command);

// Constant conditions: `where true` goes; after `where false` nothing is read (head 0).
void fold_conditions(PlannedCommands& commands, std::int64_t now_ns);
// Filters move towards the source, past commands that neither make nor remove the fields they read.
void push_down_filters(PlannedCommands& commands);
// `sort ... | head N`, with row-by-row commands that keep the number of rows between them; tells
// stats before it.
void limit_sorts(PlannedCommands& commands);
// Removes assignments of eval that nobody reads. `needed`: fields read behind the last command.
void drop_dead_evals(PlannedCommands& commands, const FieldSet& needed);

// What the source must deliver for these commands: fields, literals that `_raw` must contain, time
// bounds, row limit.
ScanRequest scan_request(const PlannedCommands& commands, const FieldSet& needed,
                         std::int64_t now_ns);

}  // namespace lynxdb::query
