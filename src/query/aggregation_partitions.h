// The workers' shares put together, partition by partition: one partition when all groups are in
// memory, else those of the spill files.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "query/aggregation_impl.h"

namespace lynxdb::query {

// Belongs to one thread.
class MergedGroups {
 public:
  MergedGroups(std::shared_ptr<const AggregationSpec> spec,
               std::vector<std::unique_ptr<PartialAggregation>> parts, Execution& execution);

  // Call it first; more calls do nothing. Errors: kOutOfBudget, kIo, kCancelled...
  Result<> prepare();
  // May become more when a partition is loaded for the first time.
  std::size_t partitions() const { return spilled_ ? partitions_.size() : 1; }
  // The groups of one partition, complete: no other partition has one of them, or one that sorts as
  // equal. Valid until the next call. Partitions may be read several times. One that does not fit
  // in memory is split: its first part takes its place, the others follow.
  Result<const GroupSet*> load(std::size_t partition);
  // Forgets the loaded groups, to make room.
  void unload();
  // A partition that nobody will load again gives its files back.
  void drop(std::size_t partition);

  const AggregationSpec& spec() const { return *spec_; }
  Execution& execution() { return execution_; }

 private:
  struct Partition {
    std::vector<std::unique_ptr<SpillFile>> files;  // One share each.
    unsigned splits = 0;
  };

  Result<> merge_in_memory();
  // Whether the groups of the partition fit in memory; splits it if not.
  Result<bool> read_or_split(std::size_t partition);
  Result<> split(std::size_t partition, std::size_t file);
  // Takes the loaded groups from the budget; false when they do not fit.
  bool account();

  std::shared_ptr<const AggregationSpec> spec_;
  std::vector<std::unique_ptr<PartialAggregation>> parts_;
  Execution& execution_;
  bool prepared_ = false;
  bool spilled_ = false;
  std::vector<Partition> partitions_;  // When spilled.
  std::optional<std::size_t> loaded_;
  std::unique_ptr<GroupSet> groups_;
  base::MemoryReservation memory_;
};

// The rows of merged groups, sorted by key, in batches.
OperatorPtr sorted_rows(std::unique_ptr<MergedGroups> groups);

}  // namespace lynxdb::query
