// Search expressions: words, phrases and field conditions at the start of a query and in `search`.
#pragma once

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// Reads up to the end of the command or an unmatched `)`. NOT > AND > OR, adjacency is AND.
// `leading`: in the search that starts a pipeline earliest= and latest= narrow the time range.
// Null, with an error recorded, if the text is no search.
SearchPtr parse_search(Context& context, bool leading);

// End of the bare word or value at `position`.
std::size_t search_run_end(const Context& context, std::size_t position, bool in_list);

}  // namespace lynxdb::spl2
