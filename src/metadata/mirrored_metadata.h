// The metadata of a single node, twice: it is small, and without it nobody knows which segments
// there are. Damage to one of the two is found at the start, and mended from the other.
#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "metadata/local_metadata.h"

namespace lynxdb::metadata {

// As LocalMetadata, in `options.directory` and in "copy" below it. A command is accepted once the
// first of the two has it; the second has it before propose() returns, or is removed: it is never
// an old one that could be taken for the state.
class MirroredMetadata final : public MetadataStore {
 public:
  // Both damaged: kCorruption; the message names file and position, the suggestion the way out.
  static Result<std::unique_ptr<MirroredMetadata>> open(io::FileSystem& files,
                                                        const LocalMetadataOptions& options);

  // What open() mended, for the log; "" when there was nothing.
  const std::string& mended() const { return mended_; }

  Result<StatePtr> propose(const Command& command) override EXCLUDES(mutex_);
  Result<> health() const override;
  StatePtr state() const override { return main_->state(); }
  StatePtr wait_beyond(Version version, std::chrono::milliseconds timeout) const override {
    return main_->wait_beyond(version, timeout);
  }

 private:
  MirroredMetadata(io::FileSystem& files, const LocalMetadataOptions& options);
  Result<> open_both();
  Result<std::unique_ptr<LocalMetadata>> open_at(const std::string& directory) const;
  // Puts the state in the place of what is in `directory`, whose files are kept under other names.
  Result<std::unique_ptr<LocalMetadata>> rebuild(const std::string& directory, const State& state);
  void copy_again(const State& state) REQUIRES(mutex_);

  io::FileSystem& files_;
  const LocalMetadataOptions options_;
  const std::string copy_directory_;
  std::string mended_;
  std::unique_ptr<LocalMetadata> main_;
  base::Mutex mutex_;                                       // One command at a time.
  std::unique_ptr<LocalMetadata> copy_ GUARDED_BY(mutex_);  // Null while it cannot be written.
  std::atomic<bool> has_stale_copy_{false};
};

}  // namespace lynxdb::metadata
