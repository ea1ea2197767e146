#include "storage/wal/wal.h"

#include <algorithm>
#include <random>
#include <utility>

#include "storage/wal/log_reader.h"
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

}  // namespace

Wal::Wal(io::FileSystem& files, std::string directory, const WalOptions& options,
         std::vector<WalFile> closed, WalFile current, LogIndex index, io::RecordLogWriter writer,
         std::shared_ptr<io::File> sync_handle)
    : files_(files),
      directory_(std::move(directory)),
      options_(options),
      closed_(std::move(closed)),
      current_(std::move(current)),
      writer_(std::move(writer)),
      sync_handle_(std::move(sync_handle)),
      index_(std::move(index)) {}

Result<std::unique_ptr<Wal>> Wal::open(io::FileSystem& files, std::string directory,
                                       const WalOptions& options, bool accept_damage,
                                       const Log& log, const WalVisitor& visitor) {
  TRY(files.create_directories(directory));
  ReplayedWal replayed = TRY(replay_wal(files, directory, accept_damage, log, visitor));
  if (replayed.files.empty()) {
    const std::string path = wal_path(directory, replayed.next_sequence);
    auto writer = TRY(create_file(files, path, replayed.next_sequence));
    std::shared_ptr<io::File> handle = TRY(files.open(path, io::OpenMode::kReadWrite));
    WalFile first{path, replayed.next_sequence, writer.size_bytes()};
    return std::unique_ptr<Wal>(new Wal(files, std::move(directory), options, {}, std::move(first),
                                        {}, std::move(writer), std::move(handle)));
  }
  WalFile current = std::move(replayed.files.back());
  replayed.files.pop_back();
  auto writer = TRY(io::RecordLogWriter::resume(files, current.path, replayed.end));
  std::shared_ptr<io::File> handle = TRY(files.open(current.path, io::OpenMode::kReadWrite));
  return std::unique_ptr<Wal>(
      new Wal(files, std::move(directory), options, std::move(replayed.files), std::move(current),
              std::move(replayed.index), std::move(writer), std::move(handle)));
}

Result<> Wal::append(std::span<const WalWrite> writes) {
  std::vector<io::RecordParts> records;
  records.reserve(writes.size());
  for (const WalWrite& write : writes) records.push_back({write.type, write.bytes});
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
  note(writes, before);
  return {};
}

void Wal::note(std::span<const WalWrite> records, std::uint64_t begin_bytes) {
  const base::MutexLock lock(index_mutex_);
  for (const WalWrite& record : records) {
    const std::uint64_t end_bytes = begin_bytes + io::kRecordHeaderBytes + record.bytes.size();
    note_record(record, {current_.number, begin_bytes, end_bytes}, index_);
    begin_bytes = end_bytes;
  }
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
  if (current_.size_bytes <= io::kLogHeaderBytes) return {};
  auto synced = writer_.sync();
  if (!synced) {
    broken_ = true;
    return synced;
  }
  unsynced_bytes_ = 0;
  const std::uint64_t number = writer_.next_sequence();
  const std::string path = wal_path(directory_, number);
  auto writer = TRY(create_file(files_, path, number));
  std::shared_ptr<io::File> handle = TRY(files_.open(path, io::OpenMode::kReadWrite));
  closed_.push_back(std::move(current_));
  current_ = {path, number, writer.size_bytes()};
  writer_ = std::move(writer);
  sync_handle_ = std::move(handle);
  return {};
}

// --- Reading back --------------------------------------------------------------------------------

Result<std::vector<replication::Batch>> Wal::read(metadata::PartitionId partition,
                                                  metadata::OffsetRange offsets,
                                                  std::size_t bytes_max) const {
  std::vector<replication::Batch> batches;
  std::size_t bytes = 0;
  for (metadata::Offset next = offsets.begin; next < offsets.end && bytes < bytes_max;) {
    std::optional<LogRun> run;
    {
      const base::MutexLock lock(index_mutex_);
      run = index_.find(partition, next);
    }
    if (!run) break;
    const std::size_t before = batches.size();
    TRY(read_run(files_, wal_path(directory_, run->file), *run, partition, {next, offsets.end},
                 bytes_max - bytes, batches));
    if (batches.size() == before) break;
    for (std::size_t i = before; i < batches.size(); ++i) bytes += batches[i].payload->size();
    next = batches.back().end();
  }
  if (!batches.empty() && batches.front().base == offsets.begin) return batches;
  return Error{ErrorCode::kNotFound, "these events are not in the log"};
}

std::optional<metadata::OffsetRange> Wal::offsets(metadata::PartitionId partition) const {
  const base::MutexLock lock(index_mutex_);
  return index_.offsets(partition);
}

// --- Trimming ------------------------------------------------------------------------------------

std::vector<WalFile> Wal::flushed_files(const OffsetEnds& flushed) const {
  const base::MutexLock lock(mutex_);
  std::optional<std::uint64_t> needed;
  {
    const base::MutexLock index_lock(index_mutex_);
    needed = index_.first_needed(flushed);
  }
  // Oldest first and without a gap: what a record undoes lies before it, and goes before it.
  std::vector<WalFile> found;
  for (const WalFile& file : closed_) {
    if (needed && file.number >= *needed) break;
    found.push_back(file);
  }
  return found;
}

OffsetEnds Wal::starts_without(std::span<const WalFile> files) const {
  if (files.empty()) return {};
  const base::MutexLock lock(index_mutex_);
  return index_.starts_without(files.back().number + 1);
}

Result<> Wal::remove(std::span<const WalFile> files) {
  for (const WalFile& file : files) {
    auto removed = files_.remove(file.path);
    if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
    const base::MutexLock lock(mutex_);
    std::erase_if(closed_, [&](const WalFile& closed) { return closed.number == file.number; });
    const base::MutexLock index_lock(index_mutex_);
    index_.drop_before(file.number + 1);
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
