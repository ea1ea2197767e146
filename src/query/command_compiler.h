// One command of a plan to the transform, stage or operator that executes it.
#pragma once

#include "query/aggregation.h"
#include "query/operators/operators.h"
#include "query/plan/plan.h"

namespace lynxdb::query {

// For commands for which is_transform() holds.
Result<TransformPtr> compile_transform(const spl2::Command& command, const CompileContext& context);
// For commands for which is_aggregating() holds.
Result<StagePtr> compile_stage(const spl2::Command& command, const CompileContext& context);
// Compiles whatever can be wrong in a command, and drops the result. Errors have a place: that of
// the part which is wrong, else that of the command.
Result<> check_command(const spl2::Command& command, const CompileContext& context,
                       Execution& execution);

}  // namespace lynxdb::query
