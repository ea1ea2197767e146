// The data directory of a single node, and everything that lives in it:
//
//   lynxdb.pid  the process that uses it
//   meta/       metadata log and snapshot (docs/formats/metadata-log.md)
//   wal/        write-ahead log and dedup snapshot (docs/formats/wal.md)
//   staging/    segments being built, or waiting for the object store (docs/formats/staging.md)
//   objects/    the object store, unless it is elsewhere
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "io/directory_lock.h"
#include "io/file.h"
#include "io/object_store.h"
#include "metadata/mirrored_metadata.h"
#include "storage/store.h"

namespace lynxdb::storage {

// Files, metadata and (unless given) the object store of one node; what Store::open needs. Must
// outlive the store.
class DataDirectory {
 public:
  // Makes and locks the directory; "" keeps everything in memory. With `objects`, segments go there
  // instead of below the directory. Errors: kConflict (in use), kCorruption, kIo.
  static Result<std::unique_ptr<DataDirectory>> open(
      const std::string& path, const base::Clock& clock = base::real_clock(),
      std::unique_ptr<io::ObjectStore> objects = nullptr);

  // Of a store in it; measures its disk. `options.directory` is set.
  Result<std::unique_ptr<Store>> open_store(StoreOptions options);

  io::FileSystem& files() { return *files_; }
  io::ObjectStore& objects() { return *objects_; }
  metadata::MetadataStore& metadata() { return *metadata_; }
  // What of the metadata was damaged and taken from its copy, for the log; "" = nothing.
  const std::string& mended() const { return metadata_->mended(); }
  bool in_memory() const { return memory_ != nullptr; }

 private:
  DataDirectory() = default;

  std::string path_;
  std::optional<io::DirectoryLock> lock_;
  std::unique_ptr<io::FileSystem> memory_;
  io::FileSystem* files_ = nullptr;
  std::unique_ptr<io::ObjectStore> objects_;
  std::unique_ptr<metadata::MirroredMetadata> metadata_;
};

}  // namespace lynxdb::storage
