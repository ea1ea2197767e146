// The errors of operators that ran out of memory or temporary disk space.
#pragma once

#include <string_view>

#include "base/memory_budget.h"
#include "base/result.h"

namespace lynxdb::query {

// kOutOfBudget: `command` cannot go on within the query's memory, not even by spilling.
Error out_of_memory(const base::MemoryBudget& budget, std::string_view command);

}  // namespace lynxdb::query
