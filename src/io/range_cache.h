// Reads ranges of objects through memory and a local disk: objects never change, so that what was
// fetched once stays right. Cached are aligned blocks, whatever ranges readers join.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "io/block_files.h"
#include "io/object_store.h"

namespace lynxdb::io {

struct RangeCacheStats {
  std::uint64_t memory_hits = 0;  // In blocks.
  std::uint64_t disk_hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t damaged = 0;  // Blocks on disk that were not what had been written.
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
};

// Thread-safe. Two threads that miss the same block may both fetch it.
class RangeCache {
 public:
  // A request to S3 costs as long as some 100 KB take; the smaller a block, the less is fetched in
  // vain.
  static constexpr std::uint64_t kBlockBytes = 256U << 10U;

  struct Limits {
    std::uint64_t memory_bytes = 64U << 20U;
    std::uint64_t disk_bytes = 1U << 30U;  // storage.segment_cache_size
  };

  // `directory` belongs to the cache alone. `file_system` and `store` must outlive it.
  // Errors: kIo.
  static Result<std::unique_ptr<RangeCache>> open(FileSystem& file_system, std::string directory,
                                                  ObjectStore& store, Limits limits);

  // Exactly the bytes of `range`, which lies within the object's `object_bytes`. Blocks that are
  // missing side by side are fetched with one request. Errors: those of ObjectStore::get;
  // kInvalidArgument for a range outside.
  Result<std::string> read(std::string_view key, std::uint64_t object_bytes, ByteRange range);

  // A fresh object, so that its first reader need not fetch it. Best effort. `bytes` is all of it.
  void add(std::string_view key, std::string_view bytes);
  // An object that was removed.
  void forget(std::string_view key) EXCLUDES(mutex_);

  RangeCacheStats stats() const EXCLUDES(mutex_);

 private:
  using Block = std::shared_ptr<const std::string>;
  struct Cached {
    Block block;
    std::list<BlockId>::iterator use;
  };

  RangeCache(std::unique_ptr<BlockFiles> files, ObjectStore& store, Limits limits);

  // From memory or disk; null when it must be fetched. One of another size is of another object
  // that had this key: all of that one is forgotten.
  Block find(const BlockId& id, std::uint64_t size) EXCLUDES(mutex_);
  Block find_any(const BlockId& id) EXCLUDES(mutex_);
  void keep(const BlockId& id, Block block) EXCLUDES(mutex_);
  void drop(std::map<BlockId, Cached>::iterator cached) REQUIRES(mutex_);
  // The blocks from `begin` to `end`, offsets of blocks.
  Result<std::list<Block>> fetch(const std::string& key, std::uint64_t object_bytes,
                                 std::uint64_t begin, std::uint64_t end);

  const std::unique_ptr<BlockFiles> files_;
  ObjectStore& store_;
  const Limits limits_;
  mutable base::Mutex mutex_;
  std::map<BlockId, Cached> blocks_ GUARDED_BY(mutex_);
  std::list<BlockId> uses_ GUARDED_BY(mutex_);  // The most recent first.
  RangeCacheStats stats_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::io
