// Files behind an interface, so that tests can break them (fault_file.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lynxdb::io {

// An open file. Reads at offsets are thread-safe; everything else belongs to one thread.
// Errors are kIo (message names path and errno text) unless stated.
class File {
 public:
  virtual ~File() = default;

  // Fills `out` from `offset`; fewer bytes only at the end of the file. Retries EINTR and short reads.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) = 0;
  // Appends all of `bytes` at the end, or fails (a part may have been written).
  virtual Result<> append(std::string_view bytes) = 0;
  virtual Result<> truncate(std::uint64_t size_bytes) = 0;
  virtual Result<> sync() = 0;  // fdatasync: what was appended survives power loss.
  virtual Result<std::uint64_t> size() = 0;
};

enum class OpenMode { kRead, kCreate, kReadWrite };  // kCreate fails when the file exists (kConflict).

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;  // kNotFound
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;  // Atomic; syncs the directory.
  virtual Result<> remove(const std::string& path) = 0;
  virtual Result<> create_directories(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;  // Names, sorted.
};

// The operating system's files. Thread-safe, lives for ever.
FileSystem& posix();

}  // namespace lynxdb::io
