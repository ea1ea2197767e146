// What makes a case of the query scripts one for a store: its query over another index, its events
// in the order in which a store gives them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/pipe_query.h"

namespace lynxdb::tests {

// `query`, which reads the index main, over `index` instead: the same syntax tree but for that.
// Text that does not parse stays as it is. Nothing when it cannot be put so.
std::optional<std::string> over_index(const std::string& query, const std::string& index);

// The lines as a store gives their events: newest first, of equal times the later line first.
std::string newest_first(std::string_view lines, const PipeOptions& options);

// Distinct UTC days of the events: as many segments hold them at least.
std::size_t days_of(std::string_view lines, const PipeOptions& options);

}  // namespace lynxdb::tests
