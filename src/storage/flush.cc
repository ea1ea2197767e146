#include "storage/flush.h"

#include <algorithm>
#include <map>
#include <utility>

namespace lynxdb::storage {
namespace {

// Rows that are gathered at once: enough for good vectors, little memory.
constexpr std::size_t kGatherRows = 8192;

// The parts of a segment that holds `rows`: of each partition, the range from its first row to its
// last.
std::vector<metadata::SegmentPart> parts_of(std::span<const TailBatchPtr> batches,
                                            std::span<const RowRef> rows) {
  std::map<PartitionId, metadata::SegmentPart> parts;
  for (const RowRef& row : rows) {
    const TailBatch& batch = *batches[row.batch];
    const Offset offset = batch.base_offset + row.row;
    const auto [part, is_new] = parts.try_emplace(batch.partition);
    OffsetRange& offsets = part->second.offsets;
    if (is_new) offsets = {offset, offset + 1};
    offsets = {std::min(offsets.begin, offset), std::max(offsets.end, offset + 1)};
    part->second.partition = batch.partition;
    ++part->second.rows;
  }
  std::vector<metadata::SegmentPart> list;
  for (const auto& [id, part] : parts) list.push_back(part);
  return list;
}

}  // namespace

Result<> Flusher::stage() {
  const base::MutexLock lock(mutex_);
  if (is_replicated() && !tail_.staged().empty()) return {};
  const std::vector<FrozenPartition> frozen = tail_.freeze(replicator_.flushable());
  if (frozen.empty()) return {};
  auto staged = stage_frozen(frozen);
  report(staged);
  if (staged) return {};
  return std::move(staged).error().in("flush");
}

void Flusher::report(const Result<>& staged) {
  {
    const base::MutexLock lock(problem_mutex_);
    problem_.reset();
    if (!staged) problem_ = staged.error();
  }
  if (staged) return;
  ++failures_;
  context_.options.log(Severity::kError, "flush: " + staged.error().message);
}

Result<> Flusher::stage_frozen(const std::vector<FrozenPartition>& frozen) {
  metadata::CommitFlush command;
  std::vector<TailBatchPtr> batches;
  for (const FrozenPartition& partition : frozen) {
    command.partitions.push_back({partition.partition, partition.leader_epoch,
                                  partition.offsets.begin, partition.offsets.end});
    batches.insert(batches.end(), partition.batches.begin(), partition.batches.end());
  }
  TRY(sync_log());
  std::vector<StagedSegmentPtr> segments;
  auto written = build_all(batches, segments);
  for (const StagedSegmentPtr& segment : segments) command.segments.push_back(segment->entry());
  Result<std::string> manifest = std::string();
  if (written) manifest = keep(command);
  if (!written || !manifest) {
    for (const StagedSegmentPtr& segment : segments) segment->set_disposable();
    return written ? Result<>(std::move(manifest).error()) : std::move(written);
  }
  tail_.stage(std::make_shared<const StagedFlush>(std::move(command), std::move(segments),
                                                  *std::move(manifest),
                                                  context_.options.clock->monotonic()));
  return {};
}

Result<std::string> Flusher::keep(const metadata::CommitFlush& command) {
  if (is_replicated()) return std::string();  // The next process reads the log.
  const std::string path = staging_manifest_path(context_.options, next_number_);
  TRY(write_staging_manifest(context_.files, path, command));
  ++next_number_;
  return path;
}

// The log holds all that is staged, so it can replace a staged file that is lost or damaged.
Result<> Flusher::sync_log() {
  if (is_replicated() || wal_.unsynced_bytes() == 0) return {};
  // In kWrite the thread that syncs aside is another, and what it has left is little. In kNone this
  // may be much: appends must not wait for it.
  if (context_.options.wal.sync_mode == SyncMode::kWrite) return wal_.sync();
  return wal_.sync_aside();
}

// Those that were built before an error are in `segments`.
Result<> Flusher::build_all(std::span<const TailBatchPtr> batches,
                            std::vector<StagedSegmentPtr>& segments) {
  for (FlushPart& part : split_by_index_and_time(batches, context_.options.flush.bucket)) {
    sort_newest_first(batches, part.rows);
    segments.push_back(TRY(build(batches, part)));
    part.rows = {};
  }
  return {};
}

Result<StagedSegmentPtr> Flusher::build(std::span<const TailBatchPtr> batches,
                                        const FlushPart& part) {
  std::vector<const event::EventBatch*> events;
  for (const TailBatchPtr& batch : batches) events.push_back(batch->batch.get());
  const auto builder = TRY(
      SegmentBuilder::create(context_, {part.index, part.bucket, 0, parts_of(batches, part.rows)}));
  for (std::size_t begin = 0; begin < part.rows.size(); begin += kGatherRows) {
    const std::size_t size = std::min(kGatherRows, part.rows.size() - begin);
    TRY(builder->add(gather(events, std::span(part.rows).subspan(begin, size))));
  }
  return builder->stage();
}

}  // namespace lynxdb::storage
