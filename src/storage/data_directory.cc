#include "storage/data_directory.h"

#include <utility>

#include "io/disk_space.h"
#include "io/local_object_store.h"
#include "io/memory_file.h"

namespace lynxdb::storage {
namespace {

// Of the files that are kept in memory; nothing is written there.
constexpr const char* kMemoryPath = "memory";

}  // namespace

Result<std::unique_ptr<DataDirectory>> DataDirectory::open(
    const std::string& path, const base::Clock& clock, std::unique_ptr<io::ObjectStore> objects) {
  std::unique_ptr<DataDirectory> directory(new DataDirectory);
  if (path.empty()) {
    directory->path_ = kMemoryPath;
    directory->memory_ = std::make_unique<io::MemoryFileSystem>(clock);
    directory->files_ = directory->memory_.get();
  } else {
    directory->path_ = path;
    directory->files_ = &io::posix();
    TRY(directory->files_->create_directories(path));
    directory->lock_ = TRY(io::DirectoryLock::acquire(path));
  }
  if (objects == nullptr) {
    objects =
        TRY(io::LocalObjectStore::open(*directory->files_, directory->path_ + "/objects", clock));
  }
  directory->objects_ = std::move(objects);
  metadata::LocalMetadataOptions metadata;
  metadata.directory = directory->path_ + "/meta";
  directory->metadata_ =
      TRY(metadata::MirroredMetadata::open(*directory->files_, std::move(metadata)));
  return directory;
}

Result<std::unique_ptr<Store>> DataDirectory::open_store(StoreOptions options) {
  options.directory = path_;
  if (!in_memory() && !options.disk.measure) {
    options.disk.measure = [path = path_] { return io::disk_space(path); };
  }
  return Store::open(std::move(options), *files_, *objects_, *metadata_);
}

}  // namespace lynxdb::storage
