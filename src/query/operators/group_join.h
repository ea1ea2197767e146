// Rows and the results of their groups brought together on disk, when the groups do not fit in
// memory.
#pragma once

#include <memory>
#include <vector>

#include "query/aggregation_groups.h"
#include "query/operators/external_sort.h"
#include "query/operators/ordered_results.h"

namespace lynxdb::query {

// First all groups and all rows in any order, then `join`. Belongs to one thread. Both sides are
// sorted by the text form of their keys and merged. Takes half of the query's memory at most.
class GroupJoin {
 public:
  GroupJoin(Execution& execution, const std::string& command);

  // Complete groups: each is added once.
  Result<> add_groups(const GroupSet& groups);
  // Rows by their keys, which hold no lists; they have the numbers first, first + 1...
  Result<> add_rows(const std::vector<event::ColumnPtr>& keys, std::size_t rows,
                    std::int64_t first);
  // Gives each row the aggregates of its group. Every row must have one.
  Result<> join(OrderedResults& out);

 private:
  struct Pending;  // Rows that find their group in the loaded batch of groups.
  Result<> next_groups();
  Result<> flush(Pending& pending, OrderedResults& out);

  Execution& execution_;
  ExternalSort groups_;
  ExternalSort rows_;
  event::EventBatch loaded_;  // Groups.
  std::uint32_t position_ = 0;
};

}  // namespace lynxdb::query
