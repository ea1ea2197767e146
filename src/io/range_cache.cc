#include "io/range_cache.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace lynxdb::io {
namespace {

constexpr std::uint64_t kBlock = RangeCache::kBlockBytes;

std::uint64_t block_bytes(std::uint64_t object_bytes, std::uint64_t offset) {
  return std::min(kBlock, object_bytes - offset);
}

}  // namespace

Result<std::unique_ptr<RangeCache>> RangeCache::open(FileSystem& file_system, std::string directory,
                                                     ObjectStore& store, Limits limits) {
  auto files = TRY(BlockFiles::open(file_system, std::move(directory), limits.disk_bytes));
  return std::unique_ptr<RangeCache>(new RangeCache(std::move(files), store, limits));
}

RangeCache::RangeCache(std::unique_ptr<BlockFiles> files, ObjectStore& store, Limits limits)
    : files_(std::move(files)), store_(store), limits_(limits) {}

Result<std::string> RangeCache::read(std::string_view key, std::uint64_t object_bytes,
                                     ByteRange range) {
  if (range.offset > object_bytes || range.size > object_bytes - range.offset) {
    return Error{ErrorCode::kInvalidArgument, "a range outside the object " + std::string(key)};
  }
  std::string result;
  if (range.size == 0) return result;
  result.reserve(static_cast<std::size_t>(range.size));
  const std::string name(key);
  const std::uint64_t end = range.offset + range.size;
  const auto take = [&](const std::string& block, std::uint64_t offset) {
    const std::uint64_t from = std::max(range.offset, offset) - offset;
    const std::uint64_t to = std::min<std::uint64_t>(end - offset, block.size());
    result.append(block, static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  };
  for (std::uint64_t offset = range.offset / kBlock * kBlock; offset < end;) {
    if (const Block block = find({name, offset}, block_bytes(object_bytes, offset))) {
      take(*block, offset);
      offset += kBlock;
      continue;
    }
    std::uint64_t missing_end = offset + kBlock;
    Block next;
    while (missing_end < end) {
      next = find({name, missing_end}, block_bytes(object_bytes, missing_end));
      if (next) break;
      missing_end += kBlock;
    }
    for (const Block& block : TRY(fetch(name, object_bytes, offset, missing_end))) {
      take(*block, offset);
      offset += kBlock;
    }
    if (next) {  // Found already, so it is not looked for again.
      take(*next, offset);
      offset += kBlock;
    }
  }
  return result;
}

Result<std::list<RangeCache::Block>> RangeCache::fetch(const std::string& key,
                                                       std::uint64_t object_bytes,
                                                       std::uint64_t begin, std::uint64_t end) {
  end = std::min(end, object_bytes);
  const std::string bytes = TRY(store_.get(key, {begin, end - begin}));
  std::list<Block> blocks;
  for (std::uint64_t offset = begin; offset < end; offset += kBlock) {
    auto block = std::make_shared<const std::string>(
        bytes.substr(static_cast<std::size_t>(offset - begin),
                     static_cast<std::size_t>(block_bytes(object_bytes, offset))));
    files_->write({key, offset}, *block);
    keep({key, offset}, block);
    blocks.push_back(std::move(block));
  }
  const base::MutexLock lock(mutex_);
  stats_.misses += blocks.size();
  return blocks;
}

RangeCache::Block RangeCache::find(const BlockId& id, std::uint64_t size) {
  Block block = find_any(id);
  if (!block || block->size() == size) return block;
  forget(id.key);
  return nullptr;
}

RangeCache::Block RangeCache::find_any(const BlockId& id) {
  {
    const base::MutexLock lock(mutex_);
    const auto cached = blocks_.find(id);
    if (cached != blocks_.end()) {
      uses_.splice(uses_.begin(), uses_, cached->second.use);
      ++stats_.memory_hits;
      return cached->second.block;
    }
  }
  auto bytes = files_->read(id);
  if (!bytes) return nullptr;
  auto block = std::make_shared<const std::string>(std::move(*bytes));
  keep(id, block);
  const base::MutexLock lock(mutex_);
  ++stats_.disk_hits;
  return block;
}

void RangeCache::keep(const BlockId& id, Block block) {
  const base::MutexLock lock(mutex_);
  if (block->size() > limits_.memory_bytes || blocks_.contains(id)) return;
  while (stats_.memory_bytes + block->size() > limits_.memory_bytes) {
    drop(blocks_.find(uses_.back()));
  }
  stats_.memory_bytes += block->size();
  uses_.push_front(id);
  blocks_.emplace(id, Cached{std::move(block), uses_.begin()});
}

void RangeCache::drop(std::map<BlockId, Cached>::iterator cached) {
  stats_.memory_bytes -= cached->second.block->size();
  uses_.erase(cached->second.use);
  blocks_.erase(cached);
}

void RangeCache::add(std::string_view key, std::string_view bytes) {
  for (std::uint64_t offset = 0; offset < bytes.size(); offset += kBlock) {
    files_->write({std::string(key), offset},
                  bytes.substr(static_cast<std::size_t>(offset),
                               static_cast<std::size_t>(block_bytes(bytes.size(), offset))));
  }
}

void RangeCache::forget(std::string_view key) {
  files_->forget(key);
  const base::MutexLock lock(mutex_);
  auto cached = blocks_.lower_bound(BlockId{std::string(key), 0});
  while (cached != blocks_.end() && cached->first.key == key) drop(cached++);
}

RangeCacheStats RangeCache::stats() const {
  const base::MutexLock lock(mutex_);
  RangeCacheStats stats = stats_;
  stats.damaged = files_->damaged();
  stats.disk_bytes = files_->bytes();
  return stats;
}

}  // namespace lynxdb::io
