#include "query/aggregation.h"

#include "base/hash.h"
#include "query/aggregation_impl.h"
#include "query/expression_memory.h"

namespace lynxdb::query {

namespace {

// Blocks of a spill file: large enough to write well, small beside any sensible budget.
constexpr std::size_t kBlockBytes = 64U << 10U;
// All unfinished blocks together.
constexpr std::size_t kPendingBytesMax = 1U << 20U;
// Reservations move in steps of this, so that a worker seldom touches the shared counter.
constexpr std::size_t kStepBytes = 4U << 10U;

Result<> append_block(std::unique_ptr<SpillFile>& file, std::string& block, SpillSpace& space) {
  if (block.empty()) return {};
  if (!file) file = TRY(SpillFile::create(space));
  TRY(file->append_bytes(block));
  block.clear();
  return {};
}

}  // namespace

// --- GroupFiles ----------------------------------------------------------------------------------

GroupFiles::GroupFiles(Execution& execution, const AggregationSpec& spec, unsigned splits)
    : execution_(execution), command_(spec.command), splits_(splits) {
  files_.resize(spec.keys.empty() ? 1 : splits == 0 ? kSpillPartitions : kSplitPartitions);
}

std::size_t GroupFiles::partition_of(const GroupTable& table, std::uint32_t group) const {
  if (files_.size() == 1) return 0;
  const std::uint64_t hash = table.sort_hash(group);
  return (splits_ == 0 ? hash : base::mix64(hash + splits_)) % files_.size();
}

Result<> GroupFiles::add(const GroupSet& groups) {
  std::vector<std::string> blocks(files_.size());
  std::size_t pending_bytes = 0;
  const auto write = [&](std::size_t partition) -> Result<> {
    pending_bytes -= blocks[partition].size();
    const auto written = append_block(files_[partition], blocks[partition], execution_.spill);
    if (!written) return Error(written.error()).in(command_);
    return {};
  };
  for (std::uint32_t group = 0; group < groups.size(); ++group) {
    if (group % kBatchRows == 0) TRY(execution_.cancellation.check());
    const std::size_t partition = partition_of(groups.table(), group);
    const std::size_t before = blocks[partition].size();
    groups.encode(group, blocks[partition]);
    pending_bytes += blocks[partition].size() - before;
    if (blocks[partition].size() >= kBlockBytes) TRY(write(partition));
    if (pending_bytes < kPendingBytesMax) continue;
    for (std::size_t i = 0; i < files_.size(); ++i) TRY(write(i));
  }
  for (std::size_t i = 0; i < files_.size(); ++i) TRY(write(i));
  return {};
}

Result<std::vector<std::unique_ptr<SpillFile>>> GroupFiles::finish() {
  for (const auto& file : files_)
    if (file) TRY(file->finish());
  return std::move(files_);
}

// --- PartialAggregation --------------------------------------------------------------------------

Result<> PartialAggregation::Impl::settle() {
  const std::size_t bytes = (groups->memory_bytes() / kStepBytes + 1) * kStepBytes;
  if (bytes == memory.bytes() || memory.resize(bytes)) return {};
  return spill();
}

Result<> PartialAggregation::Impl::spill() {
  if (!spilled()) files = std::make_unique<GroupFiles>(execution, *spec, 0);
  TRY(files->add(*groups));
  groups = std::make_unique<GroupSet>(spec);
  memory.clear();
  return {};
}

PartialAggregation::PartialAggregation(std::shared_ptr<const AggregationSpec> spec,
                                       Execution& execution)
    : impl_(std::make_unique<Impl>(std::move(spec), execution)) {}

PartialAggregation::~PartialAggregation() = default;

Result<> PartialAggregation::consume(const event::EventBatch& batch) {
  TRY(impl_->execution.cancellation.check());
  if (batch.rows() == 0) return {};
  ExpressionMemory made(impl_->execution);
  impl_->groups->add(batch);
  TRY(made.check(impl_->spec->command));
  return impl_->settle();
}

Result<> PartialAggregation::merge_encoded(std::string_view groups) {
  TRY(impl_->execution.cancellation.check());
  TRY(impl_->groups->merge_encoded(groups));
  return impl_->settle();
}

}  // namespace lynxdb::query
