#include "query/aggregation_partitions.h"

#include <algorithm>

#include "query/operators/budget_error.h"

namespace lynxdb::query {

MergedGroups::MergedGroups(std::shared_ptr<const AggregationSpec> spec,
                           std::vector<std::unique_ptr<PartialAggregation>> parts,
                           Execution& execution)
    : spec_(std::move(spec)),
      parts_(std::move(parts)),
      execution_(execution),
      memory_(execution.memory) {}

Result<> MergedGroups::prepare() {
  spilled_ = std::any_of(parts_.begin(), parts_.end(),
                         [](const auto& part) { return part->impl().spilled(); });
  if (!spilled_) TRY(merge_in_memory());
  if (!spilled_) return {};

  for (const auto& part : parts_) {
    TRY(part->impl().spill());
    for (const auto& file : part->impl().files)
      if (file) TRY(file->finish());
  }
  partitions_ = spec_->keys.empty() ? 1 : kSpillPartitions;
  loaded_ = partitions_;
  return {};
}

// Adds up the shares in the first one; gives up (spilled_) when they do not fit together.
Result<> MergedGroups::merge_in_memory() {
  while (parts_.size() > 1) {
    TRY(execution_.cancellation.check());
    PartialAggregation::Impl& first = parts_.front()->impl();
    first.groups->merge(*parts_.back()->impl().groups);
    parts_.pop_back();
    TRY(first.settle());
    if (first.spilled()) {
      spilled_ = true;
      return {};
    }
  }
  if (parts_.empty()) {
    groups_ = std::make_unique<GroupSet>(spec_);
    return {};
  }
  groups_ = std::move(parts_.front()->impl().groups);
  memory_ = std::move(parts_.front()->impl().memory);
  parts_.clear();
  return {};
}

Result<const GroupSet*> MergedGroups::load(std::size_t partition) {
  if (!spilled_ || loaded_ == partition) return groups_.get();
  TRY(execution_.cancellation.check());
  groups_ = std::make_unique<GroupSet>(spec_);
  loaded_ = partitions_;
  for (const auto& part : parts_) TRY(read_partition(part->impl(), partition));
  loaded_ = partition;
  return groups_.get();
}

Result<> MergedGroups::read_partition(PartialAggregation::Impl& part, std::size_t partition) {
  if (partition >= part.files.size() || !part.files[partition]) return {};
  SpillFile& file = *part.files[partition];
  TRY(file.rewind());
  while (const std::optional<std::string> block = TRY(file.next_bytes())) {
    TRY(groups_->merge_encoded(*block));
    TRY(account());
  }
  return {};
}

Result<> MergedGroups::account() {
  if (memory_.resize(groups_->memory_bytes())) return {};
  return out_of_memory(execution_.memory, spec_->command);
}

}  // namespace lynxdb::query
