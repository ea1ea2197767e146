// One worker's groups and what it spilled; shared by aggregation.cc and the merge.
#pragma once

#include <array>
#include <memory>

#include "base/memory_budget.h"
#include "query/aggregation_groups.h"
#include "query/spill.h"

namespace lynxdb::query {

// Spilled groups lie in this many files, by a hash of their key: a group's shares from all workers
// and all spills meet in one of them, which is then merged in memory. Keys that sort as equal meet
// there, too. Without keys there is one group and one file.
inline constexpr std::size_t kSpillPartitions = 64;

struct PartialAggregation::Impl {
  Impl(std::shared_ptr<const AggregationSpec> aggregation, Execution& running)
      : spec(std::move(aggregation)),
        execution(running),
        groups(std::make_unique<GroupSet>(spec)),
        memory(running.memory) {}

  bool spilled() const { return !files.empty(); }
  // Accounts for the groups as they are now; spills them when they do not fit.
  // Error: kOutOfBudget, kIo.
  Result<> settle();
  // Writes all groups to the files and starts afresh.
  Result<> spill();

  std::shared_ptr<const AggregationSpec> spec;
  Execution& execution;
  std::unique_ptr<GroupSet> groups;
  base::MemoryReservation memory;
  std::vector<std::unique_ptr<SpillFile>>
      files;  // Empty, or one per partition (null: nothing in it).
};

}  // namespace lynxdb::query
