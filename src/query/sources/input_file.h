// One input of pipe mode as the operating system gives it: a file, a pipe, a terminal.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "query/execution.h"
#include "query/sources/mapped_window.h"

namespace lynxdb::query {

// Closes what it opened, not standard input. Errors are kIo and name the path.
class InputFile {
 public:
  // "-" is standard input. Errors: kNotFound, kIo (a directory, no permission).
  static Result<std::shared_ptr<InputFile>> open(const std::string& path);
  // Whether `open` would work, without taking anything from a pipe. Same errors.
  static Result<> probe(const std::string& path);
  // Of a regular file; nullopt for everything else.
  static std::optional<std::uint64_t> size_of(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // As shown to users: the path, or "stdin".
  const std::string& name() const { return name_; }
  // A regular file that can be read at offsets and whose size is known. Files without a size
  // (/proc) are read as streams.
  bool seekable() const { return seekable_; }
  std::uint64_t size_bytes() const { return size_bytes_; }  // When opened; 0 unless seekable.

  // Its bytes as the page cache holds them; seekable only. Thread-safe.
  MappedFile& mapped() const { return *mapped_; }
  // Whether bytes that were there when it was opened were missing when a mapping touched them.
  bool shrunk() const { return shrunk_->load(std::memory_order_acquire); }

  // Fills `out` from `offset`, fewer bytes only at the end of the file. Thread-safe; seekable only.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const;

  // What is there, at least one byte; 0 = the end. Waits for data, and ends with kCancelled or
  // kTimeout when the query must stop meanwhile.
  Result<std::size_t> read(std::span<char> out, const Cancellation& cancellation);
  // Whether `read` would return at once.
  bool ready() const;

 private:
  InputFile(int fd, std::string name);

  Error failure(const char* what) const;
  Result<> wait_for_data(const Cancellation& cancellation) const;

  const int fd_;
  const std::string name_;
  bool seekable_ = false;
  std::uint64_t size_bytes_ = 0;
  const std::shared_ptr<std::atomic<bool>> shrunk_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<MappedFile> mapped_;
};

}  // namespace lynxdb::query
