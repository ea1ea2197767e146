#include "query/aggregation_partitions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "query/expression_memory.h"
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
  if (std::exchange(prepared_, true)) return {};
  spilled_ = std::any_of(parts_.begin(), parts_.end(),
                         [](const auto& part) { return part->impl().spilled(); });
  if (!spilled_) TRY(merge_in_memory());
  if (!spilled_) return {};

  for (const auto& part : parts_) {
    TRY(part->impl().spill());
    std::vector<std::unique_ptr<SpillFile>> files = TRY(part->impl().files->finish());
    partitions_.resize(files.size());
    for (std::size_t p = 0; p < files.size(); ++p)
      if (files[p]) partitions_[p].files.push_back(std::move(files[p]));
  }
  parts_.clear();
  return {};
}

// Adds up the shares in the first one; gives up (spilled_) when they do not fit together.
Result<> MergedGroups::merge_in_memory() {
  while (parts_.size() > 1) {
    TRY(execution_.cancellation.check());
    PartialAggregation::Impl& first = parts_.front()->impl();
    ExpressionMemory scope(execution_);  // For interrupted().
    first.groups->merge(*parts_.back()->impl().groups, &execution_);
    TRY(execution_.cancellation.check());
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
  while (!TRY(read_or_split(partition)));
  loaded_ = partition;
  return groups_.get();
}

void MergedGroups::unload() {
  if (!spilled_) return;
  loaded_.reset();
  groups_.reset();
  memory_.clear();
}

void MergedGroups::drop(std::size_t partition) {
  if (spilled_) partitions_[partition].files.clear();
}

Result<bool> MergedGroups::read_or_split(std::size_t partition) {
  loaded_.reset();
  groups_ = std::make_unique<GroupSet>(spec_);
  const Partition& shares = partitions_[partition];
  for (std::size_t i = 0; i < shares.files.size(); ++i) {
    TRY(shares.files[i]->rewind());
    while (const std::optional<std::string> block = TRY(shares.files[i]->next_bytes())) {
      TRY(execution_.cancellation.check());
      TRY(groups_->merge_encoded(*block));
      if (account()) continue;
      TRY(split(partition, i));
      return false;
    }
  }
  return true;
}

// The groups in memory hold the files before `file`, and that one up to where it stands.
Result<> MergedGroups::split(std::size_t partition, std::size_t file) {
  Partition whole = std::move(partitions_[partition]);
  if (groups_->size() < 2 || whole.splits == kSplitsMax)
    return out_of_memory(execution_.memory, spec_->command);
  GroupFiles parts(execution_, *spec_, whole.splits + 1);
  const auto write = [&]() -> Result<> {
    TRY(parts.add(*groups_));
    groups_ = std::make_unique<GroupSet>(spec_);
    memory_.clear();
    return {};
  };
  TRY(write());
  const std::size_t begun = file;
  for (; file < whole.files.size(); ++file) {
    if (file > begun) TRY(whole.files[file]->rewind());  // It may have been read before.
    while (const std::optional<std::string> block = TRY(whole.files[file]->next_bytes())) {
      TRY(execution_.cancellation.check());
      TRY(groups_->merge_encoded(*block));
      if (!account()) TRY(write());
    }
    whole.files[file].reset();
  }
  TRY(write());

  std::vector<Partition> split_up;
  for (std::unique_ptr<SpillFile>& part : TRY(parts.finish())) {
    if (!part) continue;
    split_up.push_back({.files = {}, .splits = whole.splits + 1});
    split_up.back().files.push_back(std::move(part));
  }
  const auto place =
      partitions_.erase(partitions_.begin() + static_cast<std::ptrdiff_t>(partition));
  partitions_.insert(place, std::make_move_iterator(split_up.begin()),
                     std::make_move_iterator(split_up.end()));
  return {};
}

Result<> encode_groups(std::shared_ptr<const AggregationSpec> spec,
                       std::vector<std::unique_ptr<PartialAggregation>> parts, Execution& execution,
                       const std::function<bool(std::string)>& take) {
  constexpr std::size_t kEncodedBytes = std::size_t{256} << 10U;
  MergedGroups merged(std::move(spec), std::move(parts), execution);
  TRY(merged.prepare());
  std::string block;
  for (std::size_t p = 0; p < merged.partitions(); ++p) {
    const GroupSet& groups = *TRY(merged.load(p));
    for (std::uint32_t group = 0; group < groups.size(); ++group) {
      groups.encode(group, block);
      if (block.size() < kEncodedBytes) continue;
      TRY(execution.cancellation.check());
      if (!take(std::exchange(block, {}))) return {};
    }
    merged.drop(p);
  }
  if (!block.empty()) (void)take(std::move(block));
  return {};
}

// Twice: their rows are built beside them. One group cannot be split, so it may use up everything.
bool MergedGroups::account() {
  const std::size_t bytes = groups_->memory_bytes();
  return memory_.resize(2 * bytes) || (groups_->size() < 2 && memory_.resize(bytes));
}

}  // namespace lynxdb::query
