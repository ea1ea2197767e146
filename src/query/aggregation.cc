#include "query/aggregation.h"

#include "query/aggregation_impl.h"
#include "query/operators/budget_error.h"

namespace lynxdb::query {

namespace {

// Blocks of a spill file: large enough to write well, small beside any sensible budget.
constexpr std::size_t kBlockBytes = 64U << 10U;
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

Result<> PartialAggregation::Impl::settle() {
  const std::size_t bytes = (groups->memory_bytes() / kStepBytes + 1) * kStepBytes;
  if (bytes == memory.bytes() || memory.resize(bytes)) return {};
  return spill();
}

Result<> PartialAggregation::Impl::spill() {
  const bool keyed = !spec->keys.empty();
  files.resize(keyed ? kSpillPartitions : 1);
  std::vector<std::string> blocks(files.size());
  for (std::uint32_t group = 0; group < groups->size(); ++group) {
    const std::size_t partition = keyed ? groups->table().sort_hash(group) % kSpillPartitions : 0;
    groups->encode(group, blocks[partition]);
    if (blocks[partition].size() >= kBlockBytes)
      TRY(append_block(files[partition], blocks[partition], execution.spill));
  }
  for (std::size_t i = 0; i < files.size(); ++i)
    TRY(append_block(files[i], blocks[i], execution.spill));
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
  impl_->groups->add(batch);
  return impl_->settle();
}

}  // namespace lynxdb::query
