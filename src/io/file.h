// Files behind an interface, so that tests can break them (fault_file.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lynxdb::io {

// An open file. Reads at offsets are thread-safe; everything else belongs to one thread.
// Errors are kIo (message names path and errno text) unless stated.
class File {
 public:
  virtual ~File() = default;

  // Fills `out` from `offset`; fewer bytes only at the end of the file. Retries EINTR and short
  // reads.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) = 0;
  // Appends all of `bytes` at the end, or fails (a part may have been written).
  virtual Result<> append(std::string_view bytes) = 0;
  virtual Result<> truncate(std::uint64_t size_bytes) = 0;
  // What was appended, cut off and created before survives power loss. A failure is final: the
  // system may have dropped what it could not write, so every later append, truncate and sync of
  // this file fails, too. Close it, and trust only what reading gives.
  virtual Result<> sync() = 0;
  virtual Result<std::uint64_t> size() = 0;
};

// kRead and kReadWrite open what exists (else kNotFound); kCreate makes a file to read and write
// and fails when there is one (kConflict).
enum class OpenMode { kRead, kCreate, kReadWrite };

struct FileStatus {
  bool is_directory = false;
  std::uint64_t size_bytes = 0;  // 0 for a directory.
  std::int64_t modified_ns = 0;  // Wall time of the last change of the content.
};

// Thread-safe. Errors are kIo unless stated.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  // Atomic, replaces `to`, survives power loss. Of the content only what was synced does: sync
  // first. kNotFound.
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  // Power loss may bring the file back. kNotFound.
  virtual Result<> remove(const std::string& path) = 0;
  // With all parents; fine when it exists. Survives power loss.
  virtual Result<> create_directories(const std::string& path) = 0;
  // Names of files and directories in it, sorted. kNotFound.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // kNotFound, also when a part of the path is no directory.
  virtual Result<FileStatus> status(const std::string& path) = 0;
};

// The operating system's files. Lives for ever.
FileSystem& posix();

}  // namespace lynxdb::io
