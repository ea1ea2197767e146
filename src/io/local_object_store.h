// Objects as files of a directory: key "a/b" is the file a/b below it. Several processes may share
// the directory (one machine, NFS).
//
// What is being written has a name in `.uploads/` until it is complete, checked and synced; then it
// is renamed. A crash leaves at most such a name, and open() removes those older than a day.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "io/object_store.h"

namespace lynxdb::io {

// Beside the contract of ObjectStore: a key is not the directory of another ("a" and "a/b" do not
// go together: kIo); directories stay when their last object is removed, and listing pays for them.
class LocalObjectStore final : public ObjectStore {
 public:
  // Makes the directory when it is missing. `file_system` and `clock` must outlive the store.
  // Errors: kIo.
  static Result<std::unique_ptr<LocalObjectStore>> open(FileSystem& file_system,
                                                        std::string directory,
                                                        const base::Clock& clock);

  Result<> put(std::string_view key, std::string_view bytes) override;
  Result<> put_file(std::string_view key, File& file) override;
  Result<std::string> get(std::string_view key, ByteRange range) override;
  Result<ObjectInfo> head(std::string_view key) override;
  Result<ObjectPage> list(std::string_view prefix, std::string_view after,
                          std::size_t limit) override;
  Result<> remove(std::span<const std::string> keys) override;
  void cancel() override { cancelled_.store(true); }
  ObjectStoreStats stats() const override;

 private:
  class Upload;

  LocalObjectStore(FileSystem& file_system, std::string directory);

  Result<> remove_old_uploads(const base::Clock& clock);
  Result<> begin(std::string_view key);
  // Counts a failure, and names the key.
  template <typename T>
  Result<T> finish(std::string_view key, Result<T> result);
  std::string path_of(std::string_view key) const;
  Result<> copy(File& file, Upload& upload);
  Result<std::string> read(const std::string& path, ByteRange range);

  FileSystem& file_system_;
  const std::string directory_;
  const std::string upload_prefix_;  // Of the names this store gives, unique in a shared directory.
  std::atomic<std::uint64_t> uploads_{0};
  std::atomic<bool> cancelled_{false};
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> errors_{0};
  std::atomic<std::uint64_t> bytes_sent_{0};
  std::atomic<std::uint64_t> bytes_received_{0};
};

}  // namespace lynxdb::io
