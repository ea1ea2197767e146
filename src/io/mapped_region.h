// A part of a file mapped into memory, read-only: no copy of its bytes, and no crash when they
// cannot be had.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lynxdb::io {

// Touching a page whose bytes cannot be had (the file was cut, the disk failed) raises SIGBUS. A
// handler then puts zeros there and sets `lost`: whoever read the bytes must look at the mark
// before it trusts what it made of them. Thread-safe.
class MappedRegion {
 public:
  // Regions that can be mapped at once in the process.
  static constexpr std::size_t kRegionsMax = 1024;

  // Bytes [begin, end) of the file, which has them; `begin` is a multiple of the page size. `lost`
  // lives as long as any region it was given for. Null when it cannot be done (kRegionsMax, no
  // memory for it): read the file instead.
  static std::shared_ptr<const MappedRegion> map(int descriptor, std::uint64_t begin,
                                                 std::uint64_t end,
                                                 std::shared_ptr<std::atomic<bool>> lost);
  // The whole of a file that exists; null also when it cannot be opened, or is empty.
  static std::shared_ptr<const MappedRegion> map_file(const std::string& path,
                                                      std::shared_ptr<std::atomic<bool>> lost);
  ~MappedRegion();
  MappedRegion(const MappedRegion&) = delete;
  MappedRegion& operator=(const MappedRegion&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(address_), length_}; }
  // The rest of the last page, which may be read, too.
  std::size_t padding_bytes() const;

  // Hints for a part of bytes(): it is read soon; its pages need not count as memory of this
  // process any longer (they come back when they are read, mostly from the system's cache).
  void expect(std::size_t offset, std::size_t size) const;
  void let_go(std::size_t offset, std::size_t size) const;

 private:
  MappedRegion() = default;

  std::shared_ptr<std::atomic<bool>> lost_;
  void* address_ = nullptr;
  std::size_t length_ = 0;
  std::size_t slot_ = 0;
};

}  // namespace lynxdb::io
