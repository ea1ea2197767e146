#include "instance/object_access.h"

#include <utility>

#include "instance/storage_options.h"
#include "storage/object_source.h"

namespace lynxdb::instance {
namespace {

// Of segments in local files, what may count as the server's memory (docs/ARCHITECTURE.md, limits).
constexpr std::uint64_t kMappedBytesMax = std::uint64_t{128} << 20U;

// An S3 object read through the cache.
class CachedBytes final : public segment::ByteSource {
 public:
  CachedBytes(io::RangeCache& cache, std::string key, std::uint64_t size_bytes)
      : cache_(cache), key_(std::move(key)), size_bytes_(size_bytes) {}

  std::uint64_t size() const override { return size_bytes_; }
  Result<segment::SharedBytes> read(std::uint64_t offset, std::uint64_t size) override {
    auto bytes = cache_.read(key_, size_bytes_, {.offset = offset, .size = size});
    if (!bytes) return storage::object_read_error(std::move(bytes).error(), key_);
    return segment::SharedBytes::of(*std::move(bytes));
  }
  // Whole blocks are fetched anyway.
  std::uint64_t gap_bytes() const override { return io::RangeCache::kBlockBytes; }

 private:
  io::RangeCache& cache_;
  const std::string key_;
  const std::uint64_t size_bytes_;
};

}  // namespace

ObjectAccess::ObjectAccess(io::ObjectStore& objects, std::string local_directory)
    : objects_(objects),
      local_directory_(std::move(local_directory)),
      mapped_spans_(kMappedBytesMax) {}

Result<std::unique_ptr<ObjectAccess>> ObjectAccess::open(const config::ServerConfig& config,
                                                         io::FileSystem& files,
                                                         io::ObjectStore& objects) {
  std::unique_ptr<ObjectAccess> access(
      new ObjectAccess(objects, objects_directory(config.storage, config.data_dir)));
  if (config.storage.s3_bucket.empty()) return access;
  access->cache_ = TRY(io::RangeCache::open(files, config.data_dir + "/cache", objects,
                                            {.memory_bytes = config.storage.cache_max_bytes,
                                             .disk_bytes = config.storage.segment_cache_bytes}));
  return access;
}

Result<std::shared_ptr<segment::ByteSource>> ObjectAccess::open_bytes(
    const metadata::SegmentEntry& entry) {
  if (cache_ == nullptr && local_directory_.empty()) return storage::object_source(objects_, entry);
  if (!local_directory_.empty()) return mapped_bytes(entry);
  return std::shared_ptr<segment::ByteSource>(
      std::make_shared<CachedBytes>(*cache_, entry.object_key, entry.size_bytes));
}

Result<std::shared_ptr<segment::ByteSource>> ObjectAccess::mapped_bytes(
    const metadata::SegmentEntry& entry) {
  auto bytes =
      segment::MappedByteSource::open(local_directory_ + "/" + entry.object_key, mapped_spans_);
  // One that is gone is damage: nobody asked for it by name.
  if (!bytes.has_value())
    return storage::object_read_error(std::move(bytes).error(), entry.object_key);
  return std::shared_ptr<segment::ByteSource>(*std::move(bytes));
}

}  // namespace lynxdb::instance
