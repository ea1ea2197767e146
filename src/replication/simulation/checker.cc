#include "replication/simulation/checker.h"

#include <fmt/format.h>

#include <algorithm>

namespace lynxdb::replication::simulation {
namespace {

bool is_same(const Batch& one, const Batch& other) {
  return one.base == other.base && one.count == other.count && one.epoch == other.epoch &&
         id_of(one) == id_of(other);
}

const Batch* batch_at(const std::vector<Batch>& batches, Offset base) {
  const auto at =
      std::lower_bound(batches.begin(), batches.end(), base,
                       [](const Batch& one, Offset offset) { return one.base < offset; });
  return at == batches.end() || at->base != base ? nullptr : &*at;
}

}  // namespace

void Checker::fail(std::string failure) {
  if (failure_.empty()) failure_ = std::move(failure);
}

void Checker::appended(PartitionId partition, LeaderEpoch epoch, std::uint64_t writer) {
  std::uint64_t& known = writers_[{partition, epoch}];
  if (known != 0 && known != writer)
    fail(fmt::format("I4: two leaders append to partition {} in epoch {}", partition.value(),
                     epoch));
  known = writer;
}

void Checker::committed(PartitionId partition, const ModelLog& log, Offset hw) {
  Truth& truth = truths_[partition];
  // What it may still have of what was committed before is the same: the last such batch says so.
  const Offset common = std::min(hw, truth.end());
  if (common > log.start) {
    const Batch* own = log.ending_at(common);
    if (own == nullptr) return fail(fmt::format("I6: a high watermark within a batch, {}", hw));
    const Batch* known = batch_at(truth.batches, own->base);
    if (known == nullptr || !is_same(*own, *known))
      return fail(
          fmt::format("I3: partition {} commits other events below {}", partition.value(), common));
  }
  if (hw <= truth.end()) return;
  if (log.start > truth.end())
    return fail(fmt::format("I1: partition {}: {} is committed without {}", partition.value(), hw,
                            truth.end()));
  for (const Batch& batch : log.read(truth.end(), hw, log.batches.size())) {
    if (batch.base != truth.end()) return fail("I3: a hole in what is committed");
    const auto [at, is_new] = truth.ids.emplace(id_of(batch), OffsetRange{batch.base, batch.end()});
    if (!is_new)
      return fail(fmt::format("I13: batch {} is committed twice, at {} and {}", id_of(batch),
                              at->second.begin, batch.base));
    truth.batches.push_back(batch);
  }
  if (truth.end() != hw)
    fail(fmt::format("I6: the leader of partition {} has {} and commits {}", partition.value(),
                     truth.end(), hw));
}

bool Checker::holds_all(PartitionId partition, const ModelLog& log, Offset flushed) const {
  const auto found = truths_.find(partition);
  if (found == truths_.end()) return true;
  const Truth& truth = found->second;
  if (truth.end() <= flushed || truth.end() == log.start) return true;
  const Batch* last = log.ending_at(truth.end());
  return last != nullptr && log.start <= flushed && is_same(*last, truth.batches.back());
}

void Checker::acknowledged(PartitionId partition, BatchId id) {
  Truth& truth = truths_[partition];
  if (!truth.ids.contains(id))
    return fail(fmt::format("I7: batch {} is acknowledged and not committed", id));
  truth.acked.push_back(id);
}

void Checker::flushed(PartitionId partition, OffsetRange range,
                      const std::vector<const Object*>& objects) {
  const Truth& truth = truths_[partition];
  std::map<Offset, Batch> batches;
  for (const Object* object : objects) {
    const auto part = object->find(partition);
    if (part == object->end()) continue;
    for (const Batch& batch : part->second)
      if (!batches.emplace(batch.base, batch).second) return fail("I9: a batch is in two segments");
  }
  Offset end = range.begin;
  for (const auto& [base, batch] : batches) {
    const Batch* known = batch_at(truth.batches, base);
    if (base != end || known == nullptr || !is_same(*known, batch))
      return fail(fmt::format("I6, I9: partition {} flushes what is not committed at {}",
                              partition.value(), base));
    end = batch.end();
  }
  if (end != range.end)
    fail(fmt::format("I9: partition {}: segments end at {}, not {}", partition.value(), end,
                     range.end));
}

void Checker::read(PartitionId partition, const std::vector<Batch>& found, std::size_t acked) {
  const Truth& truth = truths_[partition];
  std::set<BatchId> ids;
  Offset end = 0;
  for (const Batch& batch : found) {
    const Batch* known = batch_at(truth.batches, batch.base);
    if (known == nullptr || !is_same(*known, batch))
      return fail(
          fmt::format("I6: a read of partition {} sees batch {} at {}, which is not committed",
                      partition.value(), id_of(batch), batch.base));
    if (batch.base != end)
      return fail(fmt::format("I14: a read of partition {} goes on at {} after {}",
                              partition.value(), batch.base, end));
    end = batch.end();
    ids.insert(id_of(batch));
  }
  for (std::size_t i = 0; i < acked; ++i) {
    if (!ids.contains(truth.acked[i]))
      return fail(fmt::format(
          "I14: a read of partition {} lacks batch {} at {}, acknowledged before (it ends at {})",
          partition.value(), truth.acked[i], truth.ids.at(truth.acked[i]).begin, end));
  }
}

}  // namespace lynxdb::replication::simulation
