// A part of a file mapped into memory: no copy of its bytes, and no crash when the file shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "query/sources/input_file.h"

namespace lynxdb::query {

// Bytes of a regular file, read-only, for as long as the window lives.
//
// Somebody else may cut the file meanwhile; touching a page that is gone raises SIGBUS. A handler
// then puts zeros there and marks the file (InputFile::shrunk): whoever read the bytes must look at
// the mark before it trusts what it made of them. Thread-safe to read.
class MappedWindow {
 public:
  // Maps from `offset` to `end` (or the file's end). Null when that cannot be done (too many
  // windows at once, no memory for it): read the file instead.
  static std::shared_ptr<const MappedWindow> map(const InputFile& file, std::uint64_t offset,
                                                 std::uint64_t end);
  ~MappedWindow();
  MappedWindow(const MappedWindow&) = delete;
  MappedWindow& operator=(const MappedWindow&) = delete;

  std::string_view text() const { return text_; }
  // Bytes behind text() that may be read, too: the rest of its last page.
  std::size_t padding_bytes() const { return padding_bytes_; }

 private:
  MappedWindow() = default;

  std::shared_ptr<const InputFile> file_;
  void* address_ = nullptr;
  std::size_t length_ = 0;
  std::size_t slot_ = 0;
  std::string_view text_;
  std::size_t padding_bytes_ = 0;
};

}  // namespace lynxdb::query
