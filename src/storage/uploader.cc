#include "storage/uploader.h"

#include <utility>

#include <fmt/format.h>

#include "storage/dedup_snapshot.h"
#include "storage/recovery.h"

namespace lynxdb::storage {
namespace {

// A log file that holds this much is closed after a flush, so that it can be removed after one.
constexpr std::uint64_t kRotateBytes = std::uint64_t{16} << 20U;

}  // namespace

Result<> Uploader::upload_staged() {
  const base::MutexLock lock(mutex_);
  for (const StagedFlushPtr& flush : tail_.staged()) {
    auto done = is_replicated() ? commit_in_cluster(*flush) : commit(*flush);
    report(done);
    if (!done) return std::move(done).error().in("upload");
    trim_log();
  }
  if (is_replicated()) trim_log();  // Others flush, too.
  return {};
}

Result<> Uploader::commit(const StagedFlush& flush) {
  TRY(upload(flush));
  const metadata::StatePtr state = TRY(metadata_.propose(flush.command()));
  tail_.flushed(state);
  end(flush, true);
  return {};
}

// Offsets and epochs only grow: once they are not as the flush expects, it is in the manifest, or
// never will be, however often and late it was proposed.
Result<> Uploader::commit_in_cluster(const StagedFlush& flush) {
  if (flush.is_open_in(*metadata_.state())) {
    TRY(upload(flush));
    auto proposed = metadata_.propose(flush.command());
    if (!proposed && proposed.error().code != ErrorCode::kConflict &&
        flush.is_open_in(*metadata_.state())) {
      return std::move(proposed).error();
    }
  }
  const metadata::StatePtr state = metadata_.state();
  const bool is_committed = flush.has_segments_in(*state);
  if (!is_committed && flush.is_open_in(*state))
    return Error{ErrorCode::kConflict, "the metadata refuses a flush, and not for its offsets"};
  tail_.flushed(state);
  tail_.drop_staged();
  end(flush, is_committed);
  return {};
}

void Uploader::end(const StagedFlush& flush, bool is_committed) {
  uploaded_ = 0;
  // After a crash in here the next start sees that the flush is committed.
  if (!flush.manifest_path().empty())
    (void)context_.files.remove(flush.manifest_path()).has_value();
  for (const StagedSegmentPtr& segment : flush.segments()) segment->set_disposable();
  if (!is_committed) {
    context_.options.log(Severity::kInfo, "a flush was dropped: partitions changed their leader");
    return;
  }
  ++flushes_;
  context_.options.log(Severity::kInfo,
                       fmt::format("flushed {} events into {} segments, {} bytes", flush.rows(),
                                   flush.segments().size(), flush.size_bytes()));
}

// A repeated upload replaces an object by the same bytes.
Result<> Uploader::upload(const StagedFlush& flush) {
  const auto now = context_.options.clock->monotonic();
  // Other nodes know nothing of this flush, and take old objects that nobody names for orphans.
  if (is_replicated() && now - upload_began_ >= context_.options.orphan_age / 2) uploaded_ = 0;
  if (uploaded_ == 0) upload_began_ = now;
  for (; uploaded_ < flush.segments().size(); ++uploaded_) {
    if (stopped_) return Error{ErrorCode::kCancelled, "the store is stopping"};
    const StagedSegment& segment = *flush.segments()[uploaded_];
    const auto file = TRY(context_.files.open(segment.path(), io::OpenMode::kRead));
    // It may have lain here for long, and the store can only be asked for what it was given.
    auto checked = check_staged_file(*file, segment.entry());
    if (!checked) {
      Error damage = std::move(checked).error().in(segment.path());
      damage.suggestion = "check the disk, then start the server again: it reads the log instead";
      return damage;
    }
    TRY(context_.objects.put_file(segment.entry().object_key, *file));
  }
  return {};
}

void Uploader::report(const Result<>& done) {
  bool was_failing = false;
  {
    const base::MutexLock lock(problem_mutex_);
    was_failing = problem_.has_value();
    problem_.reset();
    if (!done) problem_ = done.error();
  }
  if (!done) {
    ++failures_;
    context_.options.log(Severity::kError, "upload: " + done.error().message);
  } else if (was_failing) {
    context_.options.log(Severity::kInfo, "uploads go on");
  }
}

std::optional<Error> Uploader::problem() const {
  const base::MutexLock lock(problem_mutex_);
  return problem_;
}

// --- Trimming ------------------------------------------------------------------------------------

void Uploader::trim_log() {
  auto trimmed = try_trim_log();
  // The log is longer than it needs to be until the next flush.
  if (!trimmed)
    context_.options.log(Severity::kWarning, "trim of the log: " + trimmed.error().message);
}

Result<> Uploader::try_trim_log() {
  if (wal_.current_file_bytes() >= kRotateBytes) TRY(wal_.rotate());
  const std::vector<WalFile> files = wal_.flushed_files(replicator_.trimmable());
  if (files.empty()) return {};
  const OffsetEnds starts = wal_.starts_without(files);
  TRY(write_dedup_snapshot(context_.files, wal_directory(context_.options),
                           tail_.snapshots(starts)));
  TRY(wal_.remove(files));
  for (const auto& [partition, start] : starts) {
    tail_.trimmed(partition, start);
    replicator_.trimmed(partition, start);
  }
  return {};
}

}  // namespace lynxdb::storage
