// Results that were computed in another order than that of the rows they belong to: brought back
// into order on disk and handed out beside the rows.
#pragma once

#include <string>
#include <vector>

#include "query/execution.h"
#include "query/operators/external_sort.h"

namespace lynxdb::query {

// First `add` everything, then `finish`, then `complete`. Each row has one result. Belongs to one
// thread; takes at most 1/share of the query's memory.
class OrderedResults {
 public:
  // `outputs`: the fields that the results become.
  OrderedResults(std::vector<std::string> outputs, Execution& execution, std::string command,
                 std::size_t share);

  // Results of the rows with these numbers; one column per output.
  Result<> add(std::vector<std::int64_t> ordinals, std::vector<event::ColumnPtr> results);
  Result<> finish();
  // Takes the first rows off `rows`, which follow those of the calls before, and gives them with
  // their results: as many as are in memory together.
  Result<event::EventBatch> complete(event::EventBatch& rows);

 private:
  const std::vector<std::string> outputs_;
  const std::string command_;
  ExternalSort sort_;
  event::EventBatch sorted_;
};

// How many of the rows [begin, picks.size()) may be taken out of these columns at once: rows of
// lists can be far larger than what they were computed from. At least one.
std::size_t rows_to_take(std::span<const event::ColumnPtr> columns,
                         std::span<const std::uint32_t> picks, std::size_t begin);

}  // namespace lynxdb::query
