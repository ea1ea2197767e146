#include "query/operators/budget_error.h"

#include <fmt/format.h>

namespace lynxdb::query {

Error out_of_memory(const base::MemoryBudget& budget, std::string_view command) {
  return {ErrorCode::kOutOfBudget,
          fmt::format("{}: needs more than the query's memory limit of {} bytes "
                      "(--max-memory, query.max_query_memory_bytes)",
                      command, budget.limit_bytes()),
          "raise the limit, or filter or summarise rows before this command"};
}

}  // namespace lynxdb::query
