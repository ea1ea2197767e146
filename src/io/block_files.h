// Blocks of objects as files of a directory, the least recently used ones removed first: what a
// restart finds again. Nothing is synced and everything is checked: a block that a crash or a disk
// damaged is dropped, and fetched anew by whoever needs it.
//
//   file := magic:u32 version:u32 crc:u32 key:string offset:u64 bytes    crc32c of what follows it
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "io/file.h"

namespace lynxdb::io {

// A block of an object; offsets are multiples of the block size.
struct BlockId {
  std::string key;
  std::uint64_t offset = 0;

  friend auto operator<=>(const BlockId&, const BlockId&) = default;
};

// Thread-safe. The directory belongs to it alone. Memory: about 200 bytes a block and its key.
class BlockFiles {
 public:
  // Takes over what is there, oldest first, up to the limit. Errors: kIo.
  static Result<std::unique_ptr<BlockFiles>> open(FileSystem& file_system, std::string directory,
                                                  std::uint64_t bytes_max);

  // Nothing when it is not there, cannot be read or is damaged (then it is removed).
  std::optional<std::string> read(const BlockId& id) EXCLUDES(mutex_);
  // Best effort: a full or failing disk only means that the block is not kept.
  void write(const BlockId& id, std::string_view bytes) EXCLUDES(mutex_);
  void forget(std::string_view key) EXCLUDES(mutex_);

  std::uint64_t bytes() const EXCLUDES(mutex_);
  std::uint64_t damaged() const EXCLUDES(mutex_);  // Dropped since open().

 private:
  struct Entry {
    std::uint64_t number;  // The file's name.
    std::uint64_t file_bytes;
    std::list<BlockId>::iterator use;
  };
  using Entries = std::map<BlockId, Entry>;

  BlockFiles(FileSystem& file_system, std::string directory, std::uint64_t bytes_max);

  Result<> load() REQUIRES(mutex_);
  std::string path_of(std::uint64_t number) const;
  Result<std::string> read_file(std::uint64_t number, std::uint64_t bytes) const;
  void add(const BlockId& id, std::uint64_t number, std::uint64_t file_bytes) REQUIRES(mutex_);
  void drop(Entries::iterator entry) REQUIRES(mutex_);
  void make_room(std::uint64_t bytes) REQUIRES(mutex_);

  FileSystem& file_system_;
  const std::string directory_;
  const std::uint64_t bytes_max_;
  mutable base::Mutex mutex_;
  Entries entries_ GUARDED_BY(mutex_);
  std::list<BlockId> uses_ GUARDED_BY(mutex_);  // The most recent first.
  std::uint64_t bytes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t next_number_ GUARDED_BY(mutex_) = 0;
  std::uint64_t damaged_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::io
