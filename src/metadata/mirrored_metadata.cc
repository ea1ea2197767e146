#include "metadata/mirrored_metadata.h"

#include <utility>

#include "metadata/local_files.h"

namespace lynxdb::metadata {
namespace {

// Old files, for a person to look at.
constexpr std::string_view kAside = ".damaged";

Error both_damaged(Error error, const std::string& directory) {
  if (error.suggestion.empty())
    error.suggestion =
        "without it nobody knows which segments hold the events, and its copy is damaged, too: "
        "restore " +
        directory + " from a backup that was taken with the rest of the data directory";
  return error;
}

}  // namespace

MirroredMetadata::MirroredMetadata(io::FileSystem& files, const LocalMetadataOptions& options)
    : files_(files), options_(options), copy_directory_(options.directory + "/copy") {}

Result<std::unique_ptr<MirroredMetadata>> MirroredMetadata::open(
    io::FileSystem& files, const LocalMetadataOptions& options) {
  std::unique_ptr<MirroredMetadata> metadata(new MirroredMetadata(files, options));
  TRY(metadata->open_both());
  return metadata;
}

Result<std::unique_ptr<LocalMetadata>> MirroredMetadata::open_at(
    const std::string& directory) const {
  LocalMetadataOptions options = options_;
  options.directory = directory;
  return LocalMetadata::open(files_, std::move(options));
}

Result<> MirroredMetadata::open_both() {
  const base::MutexLock lock(mutex_);
  auto main = open_at(options_.directory);
  if (!main && main.error().code != ErrorCode::kCorruption) return std::move(main).error();
  auto copy = open_at(copy_directory_);
  if (!copy && copy.error().code != ErrorCode::kCorruption) return std::move(copy).error();
  const Version main_version = main ? (*main)->state()->version : 0;
  const Version copy_version = copy ? (*copy)->state()->version : 0;
  // A state that is no more than an empty one cannot stand in for damage.
  if (!main && copy_version == 0) return both_damaged(std::move(main).error(), options_.directory);
  if (!main || copy_version > main_version) {
    const StatePtr state = (*copy)->state();
    mended_ = main ? options_.directory + ": the end of the log was lost" : main.error().message;
    mended_ += "; everything was taken from the copy in " + copy_directory_;
    if (main) main->reset();
    main_ = TRY(rebuild(options_.directory, *state));
    copy_ = *std::move(copy);
    return {};
  }
  main_ = *std::move(main);
  if (copy && copy_version == main_version) {
    copy_ = *std::move(copy);
    return {};
  }
  if (!copy) mended_ = "the copy was made again: " + copy.error().message;
  if (copy) copy->reset();
  copy_ = TRY(rebuild(copy_directory_, *main_->state()));
  return {};
}

Result<std::unique_ptr<LocalMetadata>> MirroredMetadata::rebuild(const std::string& directory,
                                                                 const State& state) {
  TRY(set_aside(files_, directory, kAside));
  TRY(write_snapshot(files_, directory, state));
  return open_at(directory);
}

Result<StatePtr> MirroredMetadata::propose(const Command& command) {
  const base::MutexLock lock(mutex_);
  StatePtr state = TRY(main_->propose(command));
  if (copy_ != nullptr && copy_->propose(command)) return state;
  copy_again(*state);
  return state;
}

// The command is durable already: what fails here is no failure of it. An old copy must go, for it
// would be taken for the state if the first were lost.
void MirroredMetadata::copy_again(const State& state) {
  copy_.reset();
  auto fresh = rebuild(copy_directory_, state);
  const bool is_made = fresh.has_value();
  if (is_made) copy_ = *std::move(fresh);
  has_stale_copy_ = !is_made && !remove_all(files_, copy_directory_);
}

Result<> MirroredMetadata::health() const {
  TRY(main_->health());
  if (!has_stale_copy_) return {};
  return Error{ErrorCode::kUnavailable,
               "the copy of the metadata can be neither written nor removed",
               "check the disk, then start the server again"};
}

}  // namespace lynxdb::metadata
