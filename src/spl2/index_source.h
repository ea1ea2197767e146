// `index=web error` is `FROM web | search error`.
#pragma once

#include <vector>

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// If the leading search `expr` starts with a choice of indexes, moves it to `sources` and leaves in
// `expr` what remains (null: nothing). Adds a hint. False: nothing was moved.
bool take_index_sources(Context& context, SearchPtr& expr, std::vector<SourceName>& sources);

}  // namespace lynxdb::spl2
