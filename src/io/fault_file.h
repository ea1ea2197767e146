// Files in memory that break on command: what a full disk, a failing disk, a killed process and a
// power cut leave behind. For tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "io/file.h"

namespace lynxdb::io {

// Keeps for each file what was written and what of it was synced. Thread-safe; must outlive its
// files. Memory holds both copies.
class FaultFileSystem final : public FileSystem {
 public:
  FaultFileSystem();
  ~FaultFileSystem() override;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> create_directories(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<FileStatus> status(const std::string& path) override;

  // The disk's clock, for FileStatus::modified_ns; it stands at 0 until it is set.
  void set_wall_ns(std::int64_t wall_ns);

  // --- Faults to come. All fail with kIo. ---

  // `bytes` more can be appended, then the disk is full: an append writes what fits, and fails.
  void set_free_bytes(std::uint64_t bytes);
  // The append after `appends` more writes only its first `written_bytes`, and fails.
  void fail_append(std::uint64_t appends, std::uint64_t written_bytes);
  // The sync after `syncs` more fails, and what it should have kept is zeros after the next power
  // loss, even if the file is opened again and synced with success.
  void fail_sync(std::uint64_t syncs);
  // After `changes` more changes (opens that create, appends, truncates, syncs, renames, removes)
  // nothing can be changed until the next crash: walk it from 0 up to crash at every step there is.
  void stop_after(std::uint64_t changes);
  // Changes so far: the upper end of that walk.
  std::uint64_t changes() const;

  // --- Crashes. Open files are dead from then on (kIo); faults that were ordered are forgotten.
  // ---

  // Power loss that forgets everything not synced.
  void crash();
  // Power loss that keeps, as a real one may, a random part of what was not synced: a prefix of the
  // tail, then perhaps zeros or garbage where the rest was; removed files may be back.
  void crash_torn(std::uint64_t seed);
  // The process dies and the machine does not: nothing written is lost.
  void kill_process();

  // --- The disk as a surgeon sees it. ---

  bool exists(const std::string& path) const;
  std::string contents(const std::string& path) const;  // The file must exist.
  // Makes or replaces a file, synced.
  void set_contents(const std::string& path, std::string_view bytes);
  void flip_bit(const std::string& path, std::uint64_t bit);  // Within the file.

 private:
  friend class FaultFile;
  struct Content {
    std::string written;
    std::string synced;
    std::int64_t modified_ns = 0;
    bool name_synced = false;
    bool sync_failed = false;
    std::size_t lost_begin = 0;  // What a failed sync dropped; later ones succeed without it.
    std::size_t lost_end = 0;
  };
  struct Faults {
    std::optional<std::uint64_t> free_bytes;
    std::optional<std::uint64_t> appends_left;
    std::uint64_t failing_append_bytes = 0;
    std::optional<std::uint64_t> syncs_left;
    std::optional<std::uint64_t> changes_left;
  };

  Result<> begin_change() REQUIRES(mutex_);
  Result<> append(Content& content, std::string_view bytes) REQUIRES(mutex_);
  Result<> sync(const std::string& path, Content& content) REQUIRES(mutex_);
  void sync_names_of(const std::string& directory) REQUIRES(mutex_);
  void start_again() REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<Content>> files_ GUARDED_BY(mutex_);
  std::map<std::string, std::string> removed_ GUARDED_BY(mutex_);  // Synced content: may be back.
  std::set<std::string> directories_ GUARDED_BY(mutex_);
  Faults faults_ GUARDED_BY(mutex_);
  std::int64_t wall_ns_ GUARDED_BY(mutex_) = 0;
  std::uint64_t changes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t crashes_ GUARDED_BY(mutex_) = 0;  // Files opened before the last one are dead.
};

}  // namespace lynxdb::io
