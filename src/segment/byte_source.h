// Where the bytes of a segment are: a local file, an object in a store, a cache before it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/column.h"
#include "io/file.h"
#include "io/mapped_region.h"
#include "io/resident_spans.h"

namespace lynxdb::segment {

// Bytes and what keeps them alive, so that a cache can lend what it holds without copying.
struct SharedBytes {
  std::string_view view;
  event::Column::Owner owner;  // Null: they live for ever.

  static SharedBytes of(std::string bytes);
};

// Immutable content, read by ranges. Thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;
  // Exactly the `size` bytes from `offset`, which lie within size(). Errors: kIo, kNotFound,
  // kTimeout..., as the place gives them; kCorruption when it holds fewer bytes than it said.
  virtual Result<SharedBytes> read(std::uint64_t offset, std::uint64_t size) = 0;
  // Readers join two ranges that are no further apart than this into one read: about what a
  // request costs, in bytes.
  virtual std::uint64_t gap_bytes() const = 0;
  // Whether the same range gives the very same memory each time: what was verified there need not
  // be verified at each read.
  virtual bool stays() const { return false; }
  // After bytes that read() lent were used: whether they were what the place holds. Bytes that
  // could not be had show as zeros until then. Errors: kIo, and then from now on.
  virtual Result<> check() const { return {}; }
};

// A segment in a file. The file must not change while it is open.
class LocalByteSource final : public ByteSource {
 public:
  static constexpr std::uint64_t kGapBytes = 4096;

  // Errors: those of FileSystem::open and File::size.
  static Result<std::shared_ptr<LocalByteSource>> open(io::FileSystem& files,
                                                       const std::string& path);

  std::uint64_t size() const override { return size_bytes_; }
  Result<SharedBytes> read(std::uint64_t offset, std::uint64_t size) override;
  std::uint64_t gap_bytes() const override { return kGapBytes; }

 private:
  LocalByteSource(std::unique_ptr<io::File> file, std::uint64_t size_bytes)
      : file_(std::move(file)), size_bytes_(size_bytes) {}

  std::unique_ptr<io::File> file_;
  std::uint64_t size_bytes_;
};

// A segment in a file that is mapped into memory: nothing is copied.
//
// A mapping shows what the file holds at any moment. Files of segments never change: an object is
// written under another name, synced, renamed, and only ever removed (which a mapping survives).
// Should the disk fail, or somebody cut the file all the same, bytes show as zeros and check()
// fails; zeros do not harm a decoder. Chunks' checksums are compared at the first read, and again
// when that was a few seconds ago (check_mark.h).
class MappedByteSource final : public ByteSource {
 public:
  // `spans` outlives it. Errors: those of FileSystem::open for a file that cannot be opened.
  static Result<std::shared_ptr<ByteSource>> open(const std::string& path,
                                                  io::ResidentSpans& spans);

  std::uint64_t size() const override { return region_->bytes().size(); }
  Result<SharedBytes> read(std::uint64_t offset, std::uint64_t size) override;
  // Joining reads saves nothing here.
  std::uint64_t gap_bytes() const override { return 0; }
  bool stays() const override { return true; }
  Result<> check() const override;

 private:
  using Mark = std::shared_ptr<std::atomic<bool>>;
  MappedByteSource(std::string path, std::shared_ptr<const io::MappedRegion> region, Mark lost,
                   io::ResidentSpans& spans)
      : path_(std::move(path)), region_(std::move(region)), lost_(std::move(lost)), spans_(spans) {}

  const std::string path_;
  const std::shared_ptr<const io::MappedRegion> region_;
  const Mark lost_;
  io::ResidentSpans& spans_;
};

// A segment in memory.
class MemoryByteSource final : public ByteSource {
 public:
  explicit MemoryByteSource(std::string bytes) : bytes_(SharedBytes::of(std::move(bytes))) {}

  std::uint64_t size() const override { return bytes_.view.size(); }
  Result<SharedBytes> read(std::uint64_t offset, std::uint64_t size) override;
  std::uint64_t gap_bytes() const override { return 0; }

 private:
  SharedBytes bytes_;
};

}  // namespace lynxdb::segment
