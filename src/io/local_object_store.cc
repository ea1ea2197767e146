#include "io/local_object_store.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "base/hash.h"
#include "io/object_walk.h"

namespace lynxdb::io {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;
constexpr std::string_view kUploads = "/.uploads";

std::string random_name() {
  std::random_device device;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  for (int i = 0; i < 16; ++i) name.push_back(kDigits[device() % kDigits.size()]);
  return name;
}

Error corrupt(std::string message) { return Error{ErrorCode::kCorruption, std::move(message)}; }

}  // namespace

// A file in the making: written, then checked and renamed by commit(); else removed.
class LocalObjectStore::Upload {
 public:
  static Result<Upload> begin(FileSystem& file_system, std::string path) {
    auto file = TRY(file_system.open(path, OpenMode::kCreate));
    return Upload(file_system, std::move(path), std::move(file));
  }
  Upload(Upload&&) = default;
  Upload& operator=(Upload&&) = delete;
  ~Upload() {
    if (!file_) return;
    file_.reset();
    (void)file_system_->remove(path_);
  }

  Result<> append(std::string_view bytes) {
    crc_ = base::crc32c(bytes, crc_);
    size_bytes_ += bytes.size();
    return file_->append(bytes);
  }

  Result<> commit(const std::string& path) {
    TRY(file_->sync());
    TRY(verify());
    TRY(file_system_->create_directories(path.substr(0, path.rfind('/'))));
    TRY(file_system_->rename(path_, path));
    file_.reset();
    return {};
  }

 private:
  Upload(FileSystem& file_system, std::string path, std::unique_ptr<File> file)
      : file_system_(&file_system), path_(std::move(path)), file_(std::move(file)) {}

  Result<> verify() {
    if (TRY(file_->size()) != size_bytes_) return corrupt("the file has another size than written");
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes_, kPieceBytes)),
                      '\0');
    std::uint32_t crc = 0;
    for (std::uint64_t offset = 0; offset < size_bytes_;) {
      const auto got = TRY(file_->read_at(offset, std::as_writable_bytes(std::span(piece))));
      if (got == 0) break;
      crc = base::crc32c(std::string_view(piece).substr(0, got), crc);
      offset += got;
    }
    if (crc != crc_) return corrupt("the file has another checksum than what was written");
    return {};
  }

  FileSystem* file_system_;
  std::string path_;
  std::unique_ptr<File> file_;
  std::uint64_t size_bytes_ = 0;
  std::uint32_t crc_ = 0;
};

LocalObjectStore::LocalObjectStore(FileSystem& file_system, std::string directory)
    : file_system_(file_system),
      directory_(std::move(directory)),
      upload_prefix_(directory_ + std::string(kUploads) + "/" + random_name() + "-") {}

Result<std::unique_ptr<LocalObjectStore>> LocalObjectStore::open(FileSystem& file_system,
                                                                 std::string directory,
                                                                 const base::Clock& clock) {
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  std::unique_ptr<LocalObjectStore> store(new LocalObjectStore(file_system, std::move(directory)));
  TRY(file_system.create_directories(store->directory_ + std::string(kUploads)));
  TRY(store->remove_old_uploads(clock));
  return store;
}

// Others may be writing there now: only what is old is nobody's.
Result<> LocalObjectStore::remove_old_uploads(const base::Clock& clock) {
  const std::chrono::nanoseconds kept = std::chrono::hours(24);
  const std::string uploads = directory_ + std::string(kUploads);
  for (const std::string& name : TRY(file_system_.list(uploads))) {
    const std::string path = uploads + "/" + name;
    const auto status = file_system_.status(path);
    if (!status || status->is_directory) continue;
    if (status->modified_ns < clock.wall_ns() - kept.count()) (void)file_system_.remove(path);
  }
  return {};
}

Result<> LocalObjectStore::begin(std::string_view key) {
  if (cancelled_.load()) return Error{ErrorCode::kCancelled, "the object store was stopped"};
  requests_.fetch_add(1, std::memory_order_relaxed);
  return check_object_key(key);
}

template <typename T>
Result<T> LocalObjectStore::finish(std::string_view key, Result<T> result) {
  if (result) return result;
  if (result.error().code != ErrorCode::kNotFound) {
    errors_.fetch_add(1, std::memory_order_relaxed);
  }
  return std::move(result).error().in("object " + std::string(key));
}

std::string LocalObjectStore::path_of(std::string_view key) const {
  return directory_ + "/" + std::string(key);
}

Result<> LocalObjectStore::put(std::string_view key, std::string_view bytes) {
  TRY(begin(key));
  return finish(key, [&]() -> Result<> {
    Upload upload =
        TRY(Upload::begin(file_system_, upload_prefix_ + std::to_string(uploads_.fetch_add(1))));
    TRY(upload.append(bytes));
    TRY(upload.commit(path_of(key)));
    bytes_sent_.fetch_add(bytes.size(), std::memory_order_relaxed);
    return {};
  }());
}

Result<> LocalObjectStore::put_file(std::string_view key, File& file) {
  TRY(begin(key));
  return finish(key, [&]() -> Result<> {
    Upload upload =
        TRY(Upload::begin(file_system_, upload_prefix_ + std::to_string(uploads_.fetch_add(1))));
    TRY(copy(file, upload));
    return upload.commit(path_of(key));
  }());
}

Result<> LocalObjectStore::copy(File& file, Upload& upload) {
  const std::uint64_t size = TRY(file.size());
  std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(size, kPieceBytes)), '\0');
  for (std::uint64_t offset = 0; offset < size;) {
    if (cancelled_.load()) return Error{ErrorCode::kCancelled, "the object store was stopped"};
    const auto got = TRY(file.read_at(offset, std::as_writable_bytes(std::span(piece))));
    if (got == 0) return corrupt("the file became shorter while it was read");
    TRY(upload.append(std::string_view(piece).substr(0, got)));
    offset += got;
  }
  bytes_sent_.fetch_add(size, std::memory_order_relaxed);
  return {};
}

Result<std::string> LocalObjectStore::get(std::string_view key, ByteRange range) {
  TRY(begin(key));
  return finish(key, read(path_of(key), range));
}

Result<std::string> LocalObjectStore::read(const std::string& path, ByteRange range) {
  const FileStatus status = TRY(file_system_.status(path));
  if (status.is_directory) return Error{ErrorCode::kNotFound, "there is only a directory"};
  // Before memory is asked for.
  if (range.offset > status.size_bytes || range.size > status.size_bytes - range.offset) {
    return corrupt("it has " + std::to_string(status.size_bytes) + " bytes, wanted are " +
                   std::to_string(range.size) + " from " + std::to_string(range.offset));
  }
  const auto file = TRY(file_system_.open(path, OpenMode::kRead));
  std::string bytes(static_cast<std::size_t>(range.size), '\0');
  const auto got = TRY(file->read_at(range.offset, std::as_writable_bytes(std::span(bytes))));
  if (got != bytes.size()) return corrupt("it became shorter while it was read");
  bytes_received_.fetch_add(got, std::memory_order_relaxed);
  return bytes;
}

Result<ObjectInfo> LocalObjectStore::head(std::string_view key) {
  TRY(begin(key));
  return finish(key, [&]() -> Result<ObjectInfo> {
    const FileStatus status = TRY(file_system_.status(path_of(key)));
    if (status.is_directory) return Error{ErrorCode::kNotFound, "there is only a directory"};
    return ObjectInfo{std::string(key), status.size_bytes, status.modified_ns};
  }());
}

Result<ObjectPage> LocalObjectStore::list(std::string_view prefix, std::string_view after,
                                          std::size_t limit) {
  if (cancelled_.load()) return Error{ErrorCode::kCancelled, "the object store was stopped"};
  if (limit == 0 || limit > kListMax) {
    return Error{ErrorCode::kInvalidArgument, "list: the limit is 1 to 1000"};
  }
  requests_.fetch_add(1, std::memory_order_relaxed);
  auto page = walk_objects(file_system_, directory_, prefix, after, limit);
  if (!page) errors_.fetch_add(1, std::memory_order_relaxed);
  return page;
}

Result<> LocalObjectStore::remove(std::span<const std::string> keys) {
  for (const std::string& key : keys) {
    TRY(begin(key));
    auto removed = file_system_.remove(path_of(key));
    if (!removed && removed.error().code == ErrorCode::kNotFound) continue;
    // A file where the key has a directory: the object cannot exist.
    const auto status = file_system_.status(path_of(key));
    if (!removed && !status && status.error().code == ErrorCode::kNotFound) continue;
    if (!removed && status && status->is_directory) continue;
    TRY(finish(key, std::move(removed)));
  }
  return {};
}

ObjectStoreStats LocalObjectStore::stats() const {
  ObjectStoreStats stats;
  stats.requests = requests_.load(std::memory_order_relaxed);
  stats.errors = errors_.load(std::memory_order_relaxed);
  stats.bytes_sent = bytes_sent_.load(std::memory_order_relaxed);
  stats.bytes_received = bytes_received_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace lynxdb::io
