// Pipelines: where they start, what they read, their commands, and how to go on after an error.
#pragma once

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

enum class PipelineKind { kMain, kCte, kSubsearch };

// Reads a pipeline up to its end (of the text, `]`, or the CTE). Null, with errors recorded, if any
// part of it is wrong; it goes on behind the next `|`, so there may be several.
PipelinePtr parse_pipeline(Context& context, PipelineKind kind);

// `[ pipeline ]` at the cursor. Null, with errors recorded, if it is wrong.
PipelinePtr parse_subsearch(Context& context);

}  // namespace lynxdb::spl2
