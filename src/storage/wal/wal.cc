#include "storage/wal/wal.h"

#include <algorithm>
#include <random>
#include <utility>

#include "storage/wal/wal_files.h"

namespace lynxdb::storage {
namespace {

// A file of that name holds no record: its creation failed half-way.
Result<io::RecordLogWriter> create_file(io::FileSystem& files, const std::string& path,
                                        std::uint64_t first_sequence) {
  auto removed = files.remove(path);
  if (!removed && removed.error().code != ErrorCode::kNotFound) return std::move(removed).error();
  return io::RecordLogWriter::create(files, path, io::LogKind::kWal, first_sequence,
                                     std::random_device()());
}

bool is_flushed(const WalFile& file, const OffsetEnds& flushed) {
  return std::all_of(file.ends.begin(), file.ends.end(), [&](const auto& end) {
    const auto partition = flushed.find(end.first);
    return partition != flushed.end() && end.second <= partition->second;
  });
}

}  // namespace

Wal::Wal(io::FileSystem& files, std::string directory, const WalOptions& options,
         std::vector<WalFile> closed, WalFile current, io::RecordLogWriter writer,
         std::shared_ptr<io::File> sync_handle)
    : files_(files),
      directory_(std::move(directory)),
      options_(options),
      closed_(std::move(closed)),
      current_(std::move(current)),
      writer_(std::move(writer)),
      sync_handle_(std::move(sync_handle)) {}

Result<std::unique_ptr<Wal>> Wal::open(io::FileSystem& files, std::string directory,
                                       const WalOptions& options, bool accept_damage,
                                       const Log& log, const Visitor& visitor) {
  TRY(files.create_directories(directory));
  ReplayedWal replayed = TRY(replay_wal(files, directory, accept_damage, log, visitor));
  if (replayed.files.empty()) {
    const std::string path = wal_path(directory, replayed.next_sequence);
    auto writer = TRY(create_file(files, path, replayed.next_sequence));
    std::shared_ptr<io::File> handle = TRY(files.open(path, io::OpenMode::kReadWrite));
    WalFile first{path, writer.size_bytes(), {}};
    return std::unique_ptr<Wal>(new Wal(files, std::move(directory), options, {}, std::move(first),
                                        std::move(writer), std::move(handle)));
  }
  WalFile current = std::move(replayed.files.back());
  replayed.files.pop_back();
  auto writer = TRY(io::RecordLogWriter::resume(files, current.path, replayed.end));
  std::shared_ptr<io::File> handle = TRY(files.open(current.path, io::OpenMode::kReadWrite));
  return std::unique_ptr<Wal>(new Wal(files, std::move(directory), options,
                                      std::move(replayed.files), std::move(current),
                                      std::move(writer), std::move(handle)));
}

Result<> Wal::append(std::span<const EncodedBatch> batches) {
  std::vector<io::RecordParts> records;
  records.reserve(batches.size());
  for (const EncodedBatch& batch : batches) {
    records.push_back({kBatchRecord, batch.head, batch.payload});
  }
  const base::MutexLock lock(mutex_);
  if (current_.size_bytes >= options_.file_bytes_max) TRY(rotate_locked());
  const std::uint64_t before = writer_.size_bytes();
  auto appended = writer_.append(records);
  if (!appended) {
    if (writer_.broken()) broken_ = true;
    return appended;
  }
  unsynced_bytes_ += writer_.size_bytes() - before;
  current_.size_bytes = writer_.size_bytes();
  for (const EncodedBatch& batch : batches) {
    metadata::Offset& end = current_.ends[batch.partition];
    end = std::max(end, batch.end_offset);
  }
  return {};
}

Result<> Wal::sync() {
  const base::MutexLock lock(mutex_);
  const std::uint64_t bytes = unsynced_bytes_.load();
  auto synced = writer_.sync();
  if (!synced) {
    broken_ = true;
    return synced;
  }
  unsynced_bytes_ -= bytes;
  return {};
}

Result<> Wal::sync_aside() {
  std::shared_ptr<io::File> file;
  std::uint64_t bytes = 0;
  {
    const base::MutexLock lock(mutex_);
    file = sync_handle_;
    bytes = unsynced_bytes_.load();
  }
  auto synced = file->sync();
  if (!synced) {
    broken_ = true;
    return synced;
  }
  const base::MutexLock lock(mutex_);
  // A rotation may have synced the same bytes meanwhile, and counted them.
  unsynced_bytes_ -= std::min(bytes, unsynced_bytes_.load());
  return {};
}

Result<> Wal::rotate() {
  const base::MutexLock lock(mutex_);
  return rotate_locked();
}

Result<> Wal::rotate_locked() {
  if (broken_) return Error{ErrorCode::kIo, "the log can no longer be written"};
  if (current_.ends.empty()) return {};
  auto synced = writer_.sync();
  if (!synced) {
    broken_ = true;
    return synced;
  }
  unsynced_bytes_ = 0;
  const std::string path = wal_path(directory_, writer_.next_sequence());
  auto writer = TRY(create_file(files_, path, writer_.next_sequence()));
  std::shared_ptr<io::File> handle = TRY(files_.open(path, io::OpenMode::kReadWrite));
  closed_.push_back(std::move(current_));
  current_ = {path, writer.size_bytes(), {}};
  writer_ = std::move(writer);
  sync_handle_ = std::move(handle);
  return {};
}

// --- Trimming ------------------------------------------------------------------------------------

std::vector<WalFile> Wal::flushed_files(const OffsetEnds& flushed) const {
  const base::MutexLock lock(mutex_);
  std::vector<WalFile> found;
  for (const WalFile& file : closed_) {
    if (is_flushed(file, flushed)) found.push_back(file);
  }
  return found;
}

Result<> Wal::remove(std::span<const WalFile> files) {
  for (const WalFile& file : files) {
    auto removed = files_.remove(file.path);
    if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
    const base::MutexLock lock(mutex_);
    std::erase_if(closed_, [&](const WalFile& closed) { return closed.path == file.path; });
  }
  return {};
}

std::uint64_t Wal::current_file_bytes() const {
  const base::MutexLock lock(mutex_);
  return current_.size_bytes;
}

std::uint64_t Wal::size_bytes() const {
  const base::MutexLock lock(mutex_);
  std::uint64_t bytes = current_.size_bytes;
  for (const WalFile& file : closed_) bytes += file.size_bytes;
  return bytes;
}

std::size_t Wal::file_count() const {
  const base::MutexLock lock(mutex_);
  return closed_.size() + 1;
}

}  // namespace lynxdb::storage
