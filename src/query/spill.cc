#include "query/spill.h"

#include <fmt/format.h>
#include <lz4.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "event/batch_codec.h"
#include "io/file.h"

namespace lynxdb::query {
namespace {

// block := crc:u32  codec:u8  stored_bytes:u64  raw_bytes:u64  payload:u8[stored_bytes]
// crc covers everything after it. The files never outlive the process: no version, no magic.
constexpr std::size_t kHeaderBytes = 4 + 1 + 8 + 8;
constexpr std::uint8_t kPlain = 0;
constexpr std::uint8_t kLz4 = 1;
// Blocks below gain nothing from compression; above, LZ4 takes no input.
constexpr std::size_t kCompressedBytesMin = 128;
constexpr std::size_t kCompressedBytesMax = 1U << 30U;
// Small blocks share a write or a read. Not counted in the query's memory: a query has few files
// open (tens), and without this every group of a spilled aggregation would be a system call.
constexpr std::size_t kBufferBytes = 32U << 10U;

std::atomic<std::uint64_t> next_file_number{0};

std::string file_path(const std::string& directory) {
  return fmt::format("{}/spill-{}-{}", directory, ::getpid(),
                     next_file_number.fetch_add(1, std::memory_order_relaxed));
}

// The payload compressed, or nothing when that would not make it smaller.
std::string compressed(std::string_view raw) {
  if (raw.size() < kCompressedBytesMin || raw.size() > kCompressedBytesMax) return {};
  const int size = static_cast<int>(raw.size());
  std::string out(static_cast<std::size_t>(LZ4_compressBound(size)), '\0');
  const int written =
      LZ4_compress_default(raw.data(), out.data(), size, static_cast<int>(out.size()));
  if (written <= 0 || static_cast<std::size_t>(written) >= raw.size()) return {};
  out.resize(static_cast<std::size_t>(written));
  return out;
}

struct BlockHeader {
  std::uint32_t crc = 0;
  std::uint8_t codec = kPlain;
  std::uint64_t stored_bytes = 0;
  std::uint64_t raw_bytes = 0;
};

void append_header(std::uint8_t codec, std::string_view payload, std::uint64_t raw_bytes,
                   std::string& out) {
  std::string covered;
  base::put_fixed(codec, covered);
  base::put_fixed(static_cast<std::uint64_t>(payload.size()), covered);
  base::put_fixed(raw_bytes, covered);
  base::put_fixed(base::crc32c(payload, base::crc32c(covered)), out);
  out += covered;
}

BlockHeader parse_header(std::string_view bytes) {
  base::ByteReader in(bytes);
  BlockHeader header;
  header.crc = in.fixed<std::uint32_t>();
  header.codec = in.fixed<std::uint8_t>();
  header.stored_bytes = in.fixed<std::uint64_t>();
  header.raw_bytes = in.fixed<std::uint64_t>();
  return header;
}

Error damaged() { return {ErrorCode::kCorruption, "temporary file: a block is damaged"}; }

Result<std::string> payload_of(const BlockHeader& header, std::string stored) {
  if (header.codec == kPlain) {
    if (header.raw_bytes != header.stored_bytes) return damaged();
    return stored;
  }
  if (header.codec != kLz4 || header.raw_bytes > kCompressedBytesMax ||
      header.stored_bytes > kCompressedBytesMax) {
    return damaged();
  }
  std::string raw(static_cast<std::size_t>(header.raw_bytes), '\0');
  const int size = LZ4_decompress_safe(stored.data(), raw.data(), static_cast<int>(stored.size()),
                                       static_cast<int>(raw.size()));
  if (size < 0 || static_cast<std::uint64_t>(size) != header.raw_bytes) return damaged();
  return raw;
}

}  // namespace

// --- SpillSpace ----------------------------------------------------------------------------------

SpillSpace::SpillSpace(std::string directory, std::uint64_t bytes_max)
    : directory_(std::move(directory)), bytes_max_(bytes_max) {}

SpillSpace::~SpillSpace() { LYNXDB_CHECK(used_bytes() == 0); }

Result<> SpillSpace::reserve(std::uint64_t bytes) {
  std::uint64_t used = used_bytes_.load(std::memory_order_relaxed);
  do {
    if (bytes > bytes_max_ || used > bytes_max_ - bytes) {
      return Error{ErrorCode::kOutOfBudget,
                   fmt::format("temporary disk space is limited to {} bytes "
                               "(query.max_temp_dir_size_bytes)",
                               bytes_max_)};
    }
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  total_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return {};
}

void SpillSpace::release(std::uint64_t bytes) {
  used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

// --- SpillFile -----------------------------------------------------------------------------------

struct SpillFile::Impl {
  std::unique_ptr<io::File> file;
  bool reading = false;
  std::string pending;              // Written, not yet in the file.
  std::uint64_t file_bytes = 0;     // In the file.
  std::uint64_t read_offset = 0;    // Of the byte after `window`.
  std::string window;               // Read ahead.
  std::size_t window_position = 0;  // First unused byte of `window`.

  // Takes `bytes` from where the last call ended. Fewer are there only in a damaged file.
  Result<std::string> take(std::uint64_t bytes);
  Result<> fill();
  std::uint64_t unread() const {
    return file_bytes - read_offset + (window.size() - window_position);
  }
};

Result<> SpillFile::Impl::fill() {
  window.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, file_bytes - read_offset)));
  window_position = 0;
  const std::size_t got =
      TRY(file->read_at(read_offset, std::as_writable_bytes(std::span(window))));
  if (got < window.size()) return damaged();
  read_offset += got;
  return {};
}

Result<std::string> SpillFile::Impl::take(std::uint64_t bytes) {
  if (bytes > unread()) return damaged();
  if (window_position == window.size() && bytes < kBufferBytes) TRY(fill());
  const auto size = static_cast<std::size_t>(bytes);
  std::string out(size, '\0');
  const std::size_t buffered = std::min(size, window.size() - window_position);
  std::copy_n(window.data() + window_position, buffered, out.data());
  window_position += buffered;
  if (buffered == size) return out;

  const auto rest = std::as_writable_bytes(std::span(out).subspan(buffered));
  if (TRY(file->read_at(read_offset, rest)) < rest.size()) return damaged();
  read_offset += rest.size();
  return out;
}

SpillFile::SpillFile(SpillSpace& space) : impl_(std::make_unique<Impl>()), space_(space) {}

SpillFile::~SpillFile() { space_.release(size_bytes_); }

Result<std::unique_ptr<SpillFile>> SpillFile::create(SpillSpace& space) {
  TRY(io::posix().create_directories(space.directory_));
  const std::string path = file_path(space.directory_);
  std::unique_ptr<SpillFile> spill(new SpillFile(space));
  spill->impl_->file = TRY(io::posix().open(path, io::OpenMode::kCreate));
  TRY(io::posix().remove(path));
  return spill;
}

Result<> SpillFile::append(const event::EventBatch& batch) {
  std::string encoded;
  event::encode(batch, encoded);
  return append_bytes(encoded);
}

Result<> SpillFile::append_bytes(std::string_view block) {
  LYNXDB_CHECK(!impl_->reading);
  const std::string packed = compressed(block);
  const std::string_view payload = packed.empty() ? block : std::string_view(packed);
  TRY(space_.reserve(kHeaderBytes + payload.size()));
  size_bytes_ += kHeaderBytes + payload.size();

  append_header(packed.empty() ? kPlain : kLz4, payload, block.size(), impl_->pending);
  if (impl_->pending.size() + payload.size() <= kBufferBytes) {
    impl_->pending += payload;
    return {};
  }
  TRY(impl_->file->append(impl_->pending));
  impl_->pending.clear();
  return impl_->file->append(payload);
}

Result<> SpillFile::finish() {
  LYNXDB_CHECK(!impl_->reading);
  if (!impl_->pending.empty()) TRY(impl_->file->append(impl_->pending));
  impl_->pending = {};
  impl_->file_bytes = size_bytes_;
  impl_->reading = true;
  return {};
}

Result<std::optional<std::string>> SpillFile::next_bytes() {
  LYNXDB_CHECK(impl_->reading);
  if (impl_->unread() == 0) return std::optional<std::string>();
  const std::string head = TRY(impl_->take(kHeaderBytes));
  const BlockHeader header = parse_header(head);
  std::string stored = TRY(impl_->take(header.stored_bytes));
  const std::uint32_t head_crc = base::crc32c(std::string_view(head).substr(sizeof(header.crc)));
  if (base::crc32c(stored, head_crc) != header.crc) return damaged();
  return std::optional<std::string>(TRY(payload_of(header, std::move(stored))));
}

Result<std::optional<event::EventBatch>> SpillFile::next() {
  std::optional<std::string> bytes = TRY(next_bytes());
  if (!bytes) return std::optional<event::EventBatch>();
  // The batch's strings point into the block: it lives as long as they do.
  const auto owner = std::make_shared<const std::string>(*std::move(bytes));
  return std::optional<event::EventBatch>(TRY(event::decode(*owner, owner)));
}

Result<> SpillFile::rewind() {
  LYNXDB_CHECK(impl_->reading);
  impl_->read_offset = 0;
  impl_->window.clear();
  impl_->window_position = 0;
  return {};
}

}  // namespace lynxdb::query
