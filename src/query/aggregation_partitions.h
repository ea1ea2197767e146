// The workers' shares put together, partition by partition: one partition when all groups are in
// memory, else one per spill file.
#pragma once

#include <memory>
#include <vector>

#include "query/aggregation_impl.h"

namespace lynxdb::query {

// Belongs to one thread.
class MergedGroups {
 public:
  MergedGroups(std::shared_ptr<const AggregationSpec> spec,
               std::vector<std::unique_ptr<PartialAggregation>> parts, Execution& execution);

  // Call once, first. Errors: kOutOfBudget, kIo, kCancelled...
  Result<> prepare();
  std::size_t partitions() const { return partitions_; }
  // The groups of one partition, complete: no other partition has one of them, or one that sorts as
  // equal. Valid until the next call. Partitions may be read several times.
  Result<const GroupSet*> load(std::size_t partition);

  const AggregationSpec& spec() const { return *spec_; }
  Execution& execution() { return execution_; }

 private:
  Result<> merge_in_memory();
  Result<> read_partition(PartialAggregation::Impl& part, std::size_t partition);
  // kOutOfBudget when the loaded groups do not fit.
  Result<> account();

  std::shared_ptr<const AggregationSpec> spec_;
  std::vector<std::unique_ptr<PartialAggregation>> parts_;
  Execution& execution_;
  std::size_t partitions_ = 1;
  bool spilled_ = false;
  std::size_t loaded_ = 0;
  std::unique_ptr<GroupSet> groups_;
  base::MemoryReservation memory_;
};

// The rows of merged groups, sorted by key, in batches.
OperatorPtr sorted_rows(std::unique_ptr<MergedGroups> groups);

}  // namespace lynxdb::query
