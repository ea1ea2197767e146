#include "io/block_files.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace lynxdb::io {
namespace {

constexpr std::uint32_t kMagic = 0x6b6c4278;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kCrcEnd = 12;
constexpr std::size_t kHeaderBytesMax = 2'048;  // More than a key and the numbers need.
constexpr std::string_view kSuffix = ".block";

struct Header {
  BlockId id;
  std::uint32_t crc = 0;
  std::size_t size = 0;
};

std::string encode(const BlockId& id, std::string_view bytes) {
  std::string body;
  base::put_string(id.key, body);
  base::put_fixed(id.offset, body);
  body.append(bytes);
  std::string file;
  base::put_fixed(kMagic, file);
  base::put_fixed(kVersion, file);
  base::put_fixed(base::crc32c(body), file);
  return file + body;
}

// Of a file's first bytes; the crc is not yet compared.
std::optional<Header> decode_header(std::string_view bytes) {
  base::ByteReader reader(bytes);
  const auto magic = reader.fixed<std::uint32_t>();
  const auto version = reader.fixed<std::uint32_t>();
  Header header;
  header.crc = reader.fixed<std::uint32_t>();
  header.id.key = reader.string();
  header.id.offset = reader.fixed<std::uint64_t>();
  if (reader.failed() || magic != kMagic || version != kVersion) return std::nullopt;
  header.size = bytes.size() - reader.remaining();
  return header;
}

// The block in a whole file.
std::optional<std::string> decode(std::string_view file, const BlockId& id) {
  const auto header = decode_header(file);
  if (!header || header->id != id || base::crc32c(file.substr(kCrcEnd)) != header->crc) {
    return std::nullopt;
  }
  return std::string(file.substr(header->size));
}

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || stop != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

BlockFiles::BlockFiles(FileSystem& file_system, std::string directory, std::uint64_t bytes_max)
    : file_system_(file_system), directory_(std::move(directory)), bytes_max_(bytes_max) {}

Result<std::unique_ptr<BlockFiles>> BlockFiles::open(FileSystem& file_system, std::string directory,
                                                     std::uint64_t bytes_max) {
  std::unique_ptr<BlockFiles> files(new BlockFiles(file_system, std::move(directory), bytes_max));
  const base::MutexLock lock(files->mutex_);
  TRY(files->load());
  return files;
}

std::string BlockFiles::path_of(std::uint64_t number) const {
  return directory_ + "/" + std::to_string(number) + std::string(kSuffix);
}

// Files with higher numbers were written later; when they were last used is not known any more.
Result<> BlockFiles::load() {
  TRY(file_system_.create_directories(directory_));
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : TRY(file_system_.list(directory_))) {
    if (const auto number = number_of(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint64_t number : numbers) {
    next_number_ = number + 1;
    const auto status = file_system_.status(path_of(number));
    const auto bytes = read_file(number, kHeaderBytesMax);
    const auto header = bytes ? decode_header(*bytes) : std::nullopt;
    if (!status || !header || entries_.contains(header->id)) {
      (void)file_system_.remove(path_of(number));
      continue;
    }
    add(header->id, number, status->size_bytes);
  }
  make_room(0);
  return {};
}

// Its first `bytes`, or all of it.
Result<std::string> BlockFiles::read_file(std::uint64_t number, std::uint64_t bytes) const {
  const auto file = TRY(file_system_.open(path_of(number), OpenMode::kRead));
  std::string content(static_cast<std::size_t>(std::min(bytes, TRY(file->size()))), '\0');
  content.resize(TRY(file->read_at(0, std::as_writable_bytes(std::span(content)))));
  return content;
}

std::optional<std::string> BlockFiles::read(const BlockId& id) {
  std::uint64_t number = 0;
  std::uint64_t file_bytes = 0;
  {
    const base::MutexLock lock(mutex_);
    const auto entry = entries_.find(id);
    if (entry == entries_.end()) return std::nullopt;
    uses_.splice(uses_.begin(), uses_, entry->second.use);
    number = entry->second.number;
    file_bytes = entry->second.file_bytes;
  }
  // Without the lock; a file that is evicted meanwhile is merely not there.
  const auto file = read_file(number, file_bytes);
  std::optional<std::string> bytes = file ? decode(*file, id) : std::nullopt;
  if (bytes) return bytes;
  const base::MutexLock lock(mutex_);
  const auto entry = entries_.find(id);
  if (entry == entries_.end() || entry->second.number != number) return std::nullopt;
  ++damaged_;
  drop(entry);
  return std::nullopt;
}

void BlockFiles::write(const BlockId& id, std::string_view bytes) {
  const std::string file = encode(id, bytes);
  if (file.size() > bytes_max_) return;
  std::uint64_t number = 0;
  {
    const base::MutexLock lock(mutex_);
    if (entries_.contains(id)) return;
    make_room(file.size());
    number = next_number_++;
  }
  auto written = file_system_.open(path_of(number), OpenMode::kCreate);
  const bool done = written && (*written)->append(file).has_value();
  const base::MutexLock lock(mutex_);
  if (!done || entries_.contains(id)) {  // Somebody else was faster.
    if (written) (void)file_system_.remove(path_of(number));
    return;
  }
  make_room(file.size());
  add(id, number, file.size());
}

void BlockFiles::forget(std::string_view key) {
  const base::MutexLock lock(mutex_);
  auto entry = entries_.lower_bound(BlockId{std::string(key), 0});
  while (entry != entries_.end() && entry->first.key == key) drop(entry++);
}

void BlockFiles::add(const BlockId& id, std::uint64_t number, std::uint64_t file_bytes) {
  uses_.push_front(id);
  entries_.emplace(id, Entry{number, file_bytes, uses_.begin()});
  bytes_ += file_bytes;
}

void BlockFiles::drop(Entries::iterator entry) {
  (void)file_system_.remove(path_of(entry->second.number));
  bytes_ -= entry->second.file_bytes;
  uses_.erase(entry->second.use);
  entries_.erase(entry);
}

void BlockFiles::make_room(std::uint64_t bytes) {
  while (!uses_.empty() && bytes_ + bytes > bytes_max_) drop(entries_.find(uses_.back()));
}

std::uint64_t BlockFiles::bytes() const {
  const base::MutexLock lock(mutex_);
  return bytes_;
}

std::uint64_t BlockFiles::damaged() const {
  const base::MutexLock lock(mutex_);
  return damaged_;
}

}  // namespace lynxdb::io
