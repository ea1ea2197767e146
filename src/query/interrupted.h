// Lets a loop deep within an operator end early when nobody waits for its result any more.
#pragma once

#include "query/execution.h"

namespace lynxdb::query {

// Whether the query of this thread's ExpressionMemory scope must stop; cheap enough to be asked for
// each row, as it looks at the query once in many calls. Stays true. Whoever sees it may leave the
// rest of its work undone, as long as what it leaves is whole (columns of the right length): the
// owner of the scope asks ExpressionMemory::check() before anybody uses it. Without a scope: false.
bool interrupted();

// The same, for places that come by once in a few milliseconds: looks at each call.
bool interrupted_now();

// Of the query of this thread's scope; without one it never says stop.
const Cancellation& current_cancellation();

}  // namespace lynxdb::query
