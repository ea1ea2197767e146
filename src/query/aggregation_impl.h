// One worker's groups and what it spilled; shared by aggregation.cc and the merge.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "query/aggregation_groups.h"
#include "query/spill.h"

namespace lynxdb::query {

// Spilled groups lie in this many files, by a hash of their key: a group's shares from all workers
// and all spills meet in one of them, which is then merged in memory. Keys that sort as equal meet
// there, too. Without keys there is one group and one file.
inline constexpr std::size_t kSpillPartitions = 64;
// A file whose groups do not fit in memory is spread over this many, and so on: 64 * 16^4 parts.
// Groups that do not fit then are few groups, or one, with huge states.
inline constexpr std::size_t kSplitPartitions = 16;
inline constexpr unsigned kSplitsMax = 4;

// Where groups go that do not fit in memory.
class GroupFiles {
 public:
  // `splits`: how often the groups were spread before; each time by bits of its own.
  GroupFiles(Execution& execution, const AggregationSpec& spec, unsigned splits);

  // Writes all groups.
  Result<> add(const GroupSet& groups);
  // Ends writing. Null where no group went.
  Result<std::vector<std::unique_ptr<SpillFile>>> finish();

 private:
  std::size_t partition_of(const GroupTable& table, std::uint32_t group) const;

  Execution& execution_;
  const std::string command_;
  unsigned splits_;
  std::vector<std::unique_ptr<SpillFile>> files_;
};

struct PartialAggregation::Impl {
  Impl(std::shared_ptr<const AggregationSpec> aggregation, Execution& running)
      : spec(std::move(aggregation)),
        execution(running),
        groups(std::make_unique<GroupSet>(spec)),
        memory(running.memory) {}

  bool spilled() const { return files != nullptr; }
  // Accounts for the groups as they are now; spills them when they do not fit.
  // Error: kOutOfBudget, kIo.
  Result<> settle();
  // Writes all groups to the files and starts afresh.
  Result<> spill();

  std::shared_ptr<const AggregationSpec> spec;
  Execution& execution;
  std::unique_ptr<GroupSet> groups;
  base::MemoryReservation memory;
  std::unique_ptr<GroupFiles> files;  // Null until the first spill.
};

}  // namespace lynxdb::query
