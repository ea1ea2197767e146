#include "metadata/local_metadata.h"

#include <algorithm>
#include <random>
#include <utility>

#include "metadata/local_files.h"

namespace lynxdb::metadata {
namespace {

constexpr std::uint8_t kCommandRecord = 1;

std::uint32_t random_salt() { return std::random_device()(); }

Result<io::RecordLogWriter> open_log(io::FileSystem& files, const std::string& directory,
                                     const LoadedMetadata& loaded) {
  if (!loaded.log_path.empty()) {
    return io::RecordLogWriter::resume(files, loaded.log_path, loaded.log_end);
  }
  const Version first = loaded.state.version + 1;
  return io::RecordLogWriter::create(files, log_path(directory, first), io::LogKind::kMetadata,
                                     first, random_salt());
}

}  // namespace

LocalMetadata::LocalMetadata(io::FileSystem& files, LocalMetadataOptions options, State state,
                             io::RecordLogWriter log)
    : files_(files),
      options_(std::move(options)),
      log_(std::move(log)),
      snapshot_at_bytes_(options_.log_bytes_max),
      state_(std::make_shared<const State>(std::move(state))) {}

Result<std::unique_ptr<LocalMetadata>> LocalMetadata::open(io::FileSystem& files,
                                                           LocalMetadataOptions options) {
  TRY(files.create_directories(options.directory));
  LoadedMetadata loaded = TRY(load_metadata(files, options.directory));
  io::RecordLogWriter log = TRY(open_log(files, options.directory, loaded));
  return std::unique_ptr<LocalMetadata>(
      new LocalMetadata(files, std::move(options), std::move(loaded.state), std::move(log)));
}

Result<StatePtr> LocalMetadata::propose(const Command& command) {
  const base::MutexLock lock(log_mutex_);
  const auto next = std::make_shared<const State>(TRY(apply_command(*state(), command)));
  std::string bytes;
  encode(command, bytes);
  const io::RecordParts record{kCommandRecord, bytes};
  auto written = log_.append(std::span(&record, 1));
  if (written) written = log_.sync();
  broken_ = log_.broken();
  TRY(std::move(written));
  publish(next);
  if (log_.size_bytes() > snapshot_at_bytes_ && !snapshot(*next)) {
    // The log goes on as it is, and the next attempt waits until it has grown again.
    snapshot_at_bytes_ = log_.size_bytes() + options_.log_bytes_max;
  }
  return StatePtr(next);
}

Result<> LocalMetadata::snapshot(const State& state) {
  TRY(write_snapshot(files_, options_.directory, state));
  const Version first = state.version + 1;
  log_ = TRY(io::RecordLogWriter::create(files_, log_path(options_.directory, first),
                                         io::LogKind::kMetadata, first, random_salt()));
  snapshot_at_bytes_ = options_.log_bytes_max;
  return remove_before(files_, options_.directory, state.version);
}

void LocalMetadata::publish(StatePtr state) {
  const base::MutexLock lock(state_mutex_);
  state_ = std::move(state);
  changed_.notify_all();
}

Result<> LocalMetadata::health() const {
  if (!broken_) return {};
  return Error{ErrorCode::kUnavailable, "the metadata log cannot be written",
               "check the disk, then start the server again"};
}

StatePtr LocalMetadata::state() const {
  const base::MutexLock lock(state_mutex_);
  return state_;
}

StatePtr LocalMetadata::wait_beyond(Version version, std::chrono::milliseconds timeout) const {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const base::MutexLock lock(state_mutex_);
  while (state_->version <= version && changed_.wait_until(state_mutex_, deadline)) {
  }
  return state_;
}

}  // namespace lynxdb::metadata
