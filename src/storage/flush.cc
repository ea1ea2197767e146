#include "storage/flush.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "storage/dedup_snapshot.h"
#include "storage/recovery.h"

namespace lynxdb::storage {
namespace {

// A log file that holds this much is closed after a flush, so that it can be removed after one.
constexpr std::uint64_t kRotateBytes = std::uint64_t{16} << 20U;
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

Result<> Flusher::flush() {
  const base::MutexLock lock(mutex_);
  std::vector<FrozenPartition> frozen = tail_.freeze();
  if (frozen.empty()) return {};
  auto flushed = flush_frozen(std::move(frozen));
  if (!flushed) {
    ++failures_;
    context_.options.log(Severity::kError, "flush: " + flushed.error().message);
    return std::move(flushed).error().in("flush");
  }
  ++flushes_;
  trim_log();
  return {};
}

Result<> Flusher::flush_frozen(std::vector<FrozenPartition> frozen) {
  metadata::CommitFlush command;
  std::vector<std::shared_ptr<const void>> guards;
  std::vector<TailBatchPtr> batches;
  for (const FrozenPartition& partition : frozen) {
    command.partitions.push_back({partition.partition, partition.leader_epoch,
                                  partition.offsets.begin, partition.offsets.end});
    batches.insert(batches.end(), partition.batches.begin(), partition.batches.end());
  }
  for (FlushPart& part : split_by_index_and_time(batches, context_.options.flush.bucket)) {
    sort_newest_first(batches, part.rows);
    UploadedSegment uploaded = TRY(build(batches, part));
    command.segments.push_back(std::move(uploaded.entry));
    guards.push_back(std::move(uploaded.guard));
    part.rows = {};
  }
  const metadata::StatePtr state = TRY(metadata_.propose(command));
  tail_.flushed(*state);
  log_flush(command);
  return {};
}

void Flusher::log_flush(const metadata::CommitFlush& command) const {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  for (const metadata::SegmentEntry& segment : command.segments) {
    rows += segment.rows;
    bytes += segment.size_bytes;
  }
  context_.options.log(Severity::kInfo, fmt::format("flushed {} events into {} segments, {} bytes",
                                                    rows, command.segments.size(), bytes));
}

Result<UploadedSegment> Flusher::build(std::span<const TailBatchPtr> batches,
                                       const FlushPart& part) {
  std::vector<const event::EventBatch*> events;
  for (const TailBatchPtr& batch : batches) events.push_back(batch->batch.get());
  const auto builder = TRY(
      SegmentBuilder::create(context_, {part.index, part.bucket, 0, parts_of(batches, part.rows)}));
  for (std::size_t begin = 0; begin < part.rows.size(); begin += kGatherRows) {
    const std::size_t size = std::min(kGatherRows, part.rows.size() - begin);
    TRY(builder->add(gather(events, std::span(part.rows).subspan(begin, size))));
  }
  return builder->upload();
}

// --- Trimming ------------------------------------------------------------------------------------

void Flusher::trim_log() {
  auto trimmed = try_trim_log();
  // The log is longer than it needs to be until the next flush.
  if (!trimmed)
    context_.options.log(Severity::kWarning, "trim of the log: " + trimmed.error().message);
}

Result<> Flusher::try_trim_log() {
  if (wal_.current_file_bytes() >= kRotateBytes) TRY(wal_.rotate());
  const std::vector<WalFile> files = wal_.flushed_files(tail_.flushed_offsets());
  if (files.empty()) return {};
  TRY(write_dedup_snapshot(context_.files, wal_directory(context_.options), tail_.encode_dedup()));
  return wal_.remove(files);
}

}  // namespace lynxdb::storage
