#include "segment/byte_source.h"

#include <fmt/format.h>

#include <cstddef>
#include <span>
#include <utility>

#include "base/check.h"

namespace lynxdb::segment {

SharedBytes SharedBytes::of(std::string bytes) {
  auto owned = std::make_shared<const std::string>(std::move(bytes));
  const std::string_view view = *owned;
  return {view, std::move(owned)};
}

Result<std::shared_ptr<LocalByteSource>> LocalByteSource::open(io::FileSystem& files,
                                                               const std::string& path) {
  std::unique_ptr<io::File> file = TRY(files.open(path, io::OpenMode::kRead));
  const std::uint64_t size_bytes = TRY(file->size());
  return std::shared_ptr<LocalByteSource>(new LocalByteSource(std::move(file), size_bytes));
}

Result<SharedBytes> LocalByteSource::read(std::uint64_t offset, std::uint64_t size) {
  LYNXDB_CHECK(offset <= size_bytes_ && size <= size_bytes_ - offset);
  // Not a string: its bytes would be cleared first.
  const std::shared_ptr<std::byte[]> bytes(new std::byte[size]);
  const std::span<std::byte> out(bytes.get(), static_cast<std::size_t>(size));
  const std::size_t got = TRY(file_->read_at(offset, out));
  if (got < size)
    return Error{ErrorCode::kCorruption,
                 fmt::format("file ends at byte {}, {} were expected", offset + got, size_bytes_)};
  return SharedBytes{{reinterpret_cast<const char*>(bytes.get()), got}, bytes};
}

Result<std::shared_ptr<ByteSource>> MappedByteSource::open(const std::string& path,
                                                           io::ResidentSpans& spans) {
  auto lost = std::make_shared<std::atomic<bool>>(false);
  auto region = io::MappedRegion::map_file(path, lost);
  // Too many mappings: files can still be read. What is wrong with the file is said there, too.
  if (region == nullptr)
    return std::shared_ptr<ByteSource>(TRY(LocalByteSource::open(io::posix(), path)));
  return std::shared_ptr<ByteSource>(
      new MappedByteSource(path, std::move(region), std::move(lost), spans));
}

Result<SharedBytes> MappedByteSource::read(std::uint64_t offset, std::uint64_t size) {
  const std::string_view bytes = region_->bytes();
  LYNXDB_CHECK(offset <= bytes.size() && size <= bytes.size() - offset);
  TRY(check());
  if (size > 0) spans_.touch(region_, offset, size);
  return SharedBytes{bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size)),
                     region_};
}

Result<> MappedByteSource::check() const {
  if (!lost_->load(std::memory_order_acquire)) return {};
  return Error{ErrorCode::kIo, "a part of " + path_ + " cannot be read"};
}

Result<SharedBytes> MemoryByteSource::read(std::uint64_t offset, std::uint64_t size) {
  LYNXDB_CHECK(offset <= bytes_.view.size() && size <= bytes_.view.size() - offset);
  return SharedBytes{
      bytes_.view.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size)),
      bytes_.owner};
}

}  // namespace lynxdb::segment
