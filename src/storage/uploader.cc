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
    auto done = commit(*flush);
    report(done);
    if (!done) return std::move(done).error().in("upload");
    trim_log();
  }
  return {};
}

Result<> Uploader::commit(const StagedFlush& flush) {
  TRY(upload(flush));
  const metadata::StatePtr state = TRY(metadata_.propose(flush.command()));
  uploaded_ = 0;
  tail_.flushed(*state);
  // After a crash in here the next start sees that the flush is committed.
  (void)context_.files.remove(flush.manifest_path()).has_value();
  for (const StagedSegmentPtr& segment : flush.segments()) segment->set_disposable();
  ++flushes_;
  context_.options.log(Severity::kInfo,
                       fmt::format("flushed {} events into {} segments, {} bytes", flush.rows(),
                                   flush.segments().size(), flush.size_bytes()));
  return {};
}

// A repeated upload replaces an object by the same bytes.
Result<> Uploader::upload(const StagedFlush& flush) {
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
  const std::vector<WalFile> files = wal_.flushed_files(tail_.flushed_offsets());
  if (files.empty()) return {};
  TRY(write_dedup_snapshot(context_.files, wal_directory(context_.options), tail_.encode_dedup()));
  return wal_.remove(files);
}

}  // namespace lynxdb::storage
