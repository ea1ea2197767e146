// A part of a file mapped into memory: no copy of its bytes, and no crash when the file shrinks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/mutex.h"
#include "io/mapped_region.h"

namespace lynxdb::query {

// Bytes of a regular file, read-only, for as long as `owner` lives.
//
// Somebody else may cut the file meanwhile: what is gone then reads as zeros, and the file's mark
// (InputFile::shrunk) is set. Whoever read the bytes must look at the mark before it trusts what it
// made of them. Thread-safe to read.
struct MappedWindow {
  std::shared_ptr<const io::MappedRegion> owner{};
  std::string_view text{};
  // Bytes behind `text` that may be read, too.
  std::size_t padding_bytes = 0;
};

// The mappings of one file. Windows are parts of larger spans that they share: the kernel maps a
// large aligned span in large steps, and few mappings come and go while other threads work.
// Thread-safe.
class MappedFile {
 public:
  // `shrunk` is set when bytes turn out to be gone; it lives as long as any span.
  MappedFile(int descriptor, std::uint64_t size_bytes, std::shared_ptr<std::atomic<bool>> shrunk)
      : descriptor_(descriptor), size_bytes_(size_bytes), shrunk_(std::move(shrunk)) {}

  // From `offset` to `end`, or less: to the end of the file or of the span that holds `offset`
  // (at least 1 MB behind it unless the file ends). No owner when that cannot be done (too many
  // spans at once, no memory for it): read the file instead.
  MappedWindow window(std::uint64_t offset, std::uint64_t end) EXCLUDES(mutex_);

 private:
  struct Recent {
    std::uint64_t begin = 0;
    std::weak_ptr<const io::MappedRegion> span{};
  };

  std::shared_ptr<const io::MappedRegion> span_at(std::uint64_t begin) EXCLUDES(mutex_);

  const int descriptor_;
  const std::uint64_t size_bytes_;
  const std::shared_ptr<std::atomic<bool>> shrunk_;
  base::Mutex mutex_;
  // What workers that are a little behind still ask for.
  std::array<Recent, 4> recent_ GUARDED_BY(mutex_);
  std::size_t oldest_ GUARDED_BY(mutex_) = 0;
  // Kept between two windows of one thread that has nothing else in flight.
  std::shared_ptr<const io::MappedRegion> last_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::query
