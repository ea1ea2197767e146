// Aggregates with their keys: what stats, timechart, eventstats and streamstats share.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

struct AggregateClause {
  std::vector<Aggregate> aggregates;
  std::vector<ByKey> by;
};

// Reads to the end of the command: aggregates, `by` keys and options in any order but that keys end
// what follows `by`. `read_option` is called with the cursor on `name =`. False, with an error
// recorded, on a mistake, without an aggregate, and when two outputs have one name.
bool parse_aggregate_clause(Context& context, std::string_view command, AggregateClause& clause,
                            const std::function<bool()>& read_option);

}  // namespace lynxdb::spl2
