#include "cluster/raft_disk/raft_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "cluster/raft_disk/snapshot_file.h"
#include "raft/entry_codec.h"

namespace lynxdb::cluster {
namespace {

// Types of the log's records. Never given another meaning.
constexpr std::uint8_t kEntryRecord = 1;
constexpr std::uint8_t kHardStateRecord = 2;
constexpr std::uint8_t kResetRecord = 3;  // index:varint term:varint
// Files that begin before this record have been removed, or are to be: after a power cut some of
// them may be there again.
constexpr std::uint8_t kTrimRecord = 4;  // first_record:varint

std::uint32_t random_salt() { return std::random_device()(); }

std::string raft_log_path(const std::string& directory, std::uint64_t first_record) {
  return fmt::format("{}/log-{:020}", directory, first_record);
}

std::string incoming_path(const std::string& directory) { return directory + "/incoming"; }

Error raft_damage(const std::string& path, std::string_view what) {
  return Error{ErrorCode::kCorruption, fmt::format("{}: {}", path, what),
               "stop this node, move its raft directory away and start it again: it joins the "
               "cluster as a new member and gets the metadata from the others"};
}

Error broken_disk() {
  return Error{ErrorCode::kIo, "the Raft log cannot be written since an earlier failure"};
}

std::string trim_of(std::uint64_t first_record) {
  std::string bytes;
  base::put_varint(first_record, bytes);
  return bytes;
}

std::string record_of(const auto& what) {
  std::string bytes;
  raft::encode(what, bytes);
  return bytes;
}

}  // namespace

// What the records of the log files add up to.
struct RaftDisk::Reading {
  raft::HardState hard_state;
  std::vector<raft::Entry> entries;
  raft::Index file_last_index = 0;
  bool any_record = false;
  std::uint64_t first_record = 1;  // As trimmed.
  std::uint64_t begins_at = 0;     // The run of files without a hole that ends with the newest.
  std::optional<std::uint64_t> next_record;
  std::deque<FinishedFile> finished;
  // The newest file.
  std::string path;
  std::uint64_t path_first_record = 0;
  io::LogEnd end;

  // An entry replaces the one at its index, and those above go.
  Result<> add(raft::Entry entry) {
    file_last_index = std::max(file_last_index, entry.index);
    while (!entries.empty() && entries.back().index >= entry.index) entries.pop_back();
    if (!entries.empty() && entries.back().index + 1 != entry.index) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("entry {} follows entry {}", entry.index, entries.back().index)};
    }
    entries.push_back(std::move(entry));
    return {};
  }

  Result<> add_record(const io::Record& record) {
    any_record = true;
    if (record.type == kEntryRecord) {
      TRY(add(TRY(raft::decode_entry(record.payload))));
    } else if (record.type == kHardStateRecord) {
      hard_state = TRY(raft::decode_hard_state(record.payload));
    } else if (record.type == kResetRecord) {
      entries.clear();
    } else if (record.type == kTrimRecord) {
      base::ByteReader in(record.payload);
      first_record = in.varint();
      if (in.failed()) return Error{ErrorCode::kCorruption, "a trim without its place"};
    } else {
      return Error{ErrorCode::kCorruption, fmt::format("a record of unknown type {}", record.type)};
    }
    return {};
  }
};

RaftDisk::RaftDisk(io::FileSystem& files, RaftDiskOptions options, io::RecordLogWriter log)
    : files_(files), options_(std::move(options)), log_(std::move(log)) {}

Result<RaftDisk::Opened> RaftDisk::open(io::FileSystem& files, RaftDiskOptions options) {
  TRY(files.create_directories(options.directory));
  Opened opened;
  std::string snapshot_path;
  if (auto found = TRY(newest_snapshot(files, options.directory))) {
    snapshot_path = std::move(found->path);
    opened.restored.snapshot = std::move(found->meta);
    opened.state = std::move(found->state);
  }
  Reading reading;
  TRY(read_logs(files, options.directory, reading));
  opened.is_empty = !reading.any_record && snapshot_path.empty();
  opened.restored.hard_state = reading.hard_state;
  opened.restored.entries = std::move(reading.entries);
  opened.restored.applied = opened.restored.snapshot.last.index;

  const bool goes_on = !reading.path.empty();
  const std::uint64_t first_record = reading.next_record.value_or(1);
  if (!goes_on) reading.path = raft_log_path(options.directory, first_record);
  auto log = goes_on ? TRY(io::RecordLogWriter::resume(files, reading.path, reading.end))
                     : TRY(io::RecordLogWriter::create(files, reading.path, io::LogKind::kRaft,
                                                       first_record, random_salt()));
  opened.disk.reset(new RaftDisk(files, std::move(options), std::move(log)));
  opened.disk->log_path_ = std::move(reading.path);
  opened.disk->log_first_record_ = goes_on ? reading.path_first_record : first_record;
  opened.disk->log_last_index_ = reading.file_last_index;
  opened.disk->first_record_ = reading.first_record;
  opened.disk->finished_ = std::move(reading.finished);
  opened.disk->hard_state_ = reading.hard_state;
  opened.disk->snapshot_path_ = std::move(snapshot_path);
  opened.disk->snapshot_ = opened.restored.snapshot;
  return opened;
}

Result<> RaftDisk::read_logs(io::FileSystem& files, const std::string& directory,
                             Reading& reading) {
  std::vector<std::string> names = TRY(files.list(directory));
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("log-"); });
  for (const std::string& name : names) {
    TRY(read_log(files, directory + "/" + name, name == names.back(), reading));
  }
  if (reading.begins_at > reading.first_record) {
    return raft_damage(directory, fmt::format("log files before record {} are missing, from {} on",
                                              reading.begins_at, reading.first_record));
  }
  return {};
}

Result<> RaftDisk::read_log(io::FileSystem& files, const std::string& path, bool newest,
                            Reading& reading) {
  auto log = TRY(io::RecordLogReader::open(files, path, io::LogKind::kRaft));
  if (log.is_unfinished()) {
    if (!newest) return raft_damage(path, "is cut short, but other files follow");
    return files.remove(path);
  }
  if (reading.next_record != log.first_sequence()) {
    // What came before was trimmed, or else is missing: the last trim says which.
    for (const FinishedFile& file : reading.finished) TRY(files.remove(file.path));
    reading.finished.clear();
    reading.entries.clear();
    reading.begins_at = log.first_sequence();
  }
  reading.file_last_index = 0;
  while (true) {
    auto record = log.next();
    if (!record) return raft_damage(path, record.error().message);
    if (!*record) break;
    if (auto added = reading.add_record(**record); !added) {
      return raft_damage(path,
                         fmt::format("record {}: {}", (*record)->sequence, added.error().message));
    }
  }
  if (!newest && log.torn_bytes() > 0) {
    return raft_damage(path, "its end is torn, but other files follow");
  }
  reading.next_record = log.end().next_sequence;
  if (newest) {
    reading.path = path;
    reading.path_first_record = log.first_sequence();
    reading.end = log.end();
  } else {
    reading.finished.push_back({path, log.first_sequence(), reading.file_last_index});
  }
  return {};
}

Result<> RaftDisk::found(const raft::Configuration& members) {
  return put_snapshot({.last = {}, .configuration = members, .size_bytes = 0}, {}, 0);
}

Result<> RaftDisk::write(const raft::Ready& ready) {
  if (broken_) return broken_disk();
  const bool writes = ready.log_reset || ready.hard_state || !ready.entries.empty() ||
                      !ready.snapshot_writes.empty();
  if (!writes && !ready.must_sync) return {};
  auto written = append(ready);
  if (written && ready.must_sync) written = log_.sync();
  // A part may be on the disk, in memory the core believes all of it is: only a restart knows.
  broken_ = !written;
  return written;
}

Result<> RaftDisk::append(const raft::Ready& ready) {
  if (log_.size_bytes() > options_.file_bytes_max) TRY(start_file());
  std::vector<std::string> payloads;
  std::vector<io::RecordParts> records;
  payloads.reserve(ready.entries.size() + 2);
  const auto add = [&](std::uint8_t type, std::string payload) {
    payloads.push_back(std::move(payload));
    records.push_back({type, payloads.back()});
  };
  if (ready.log_reset) {
    std::string place;
    raft::put_id(*ready.log_reset, place);
    add(kResetRecord, std::move(place));
  }
  if (ready.hard_state) {
    hard_state_ = *ready.hard_state;
    add(kHardStateRecord, record_of(hard_state_));
  }
  for (const raft::Entry& entry : ready.entries) {
    log_last_index_ = std::max(log_last_index_, entry.index);
    add(kEntryRecord, record_of(entry));
  }
  if (!records.empty()) TRY(log_.append(records));
  for (const raft::SnapshotWrite& chunk : ready.snapshot_writes) TRY(append_chunk(chunk));
  return {};
}

// The file before is synced first, so that a torn end can only be in the newest one.
Result<> RaftDisk::start_file() {
  TRY(log_.sync());
  const std::uint64_t first_record = log_.next_sequence();
  std::string path = raft_log_path(options_.directory, first_record);
  auto log = TRY(
      io::RecordLogWriter::create(files_, path, io::LogKind::kRaft, first_record, random_salt()));
  finished_.push_back({std::exchange(log_path_, std::move(path)),
                       std::exchange(log_first_record_, first_record),
                       std::exchange(log_last_index_, 0)});
  log_ = std::move(log);
  // The files before may go at any time: this one says by itself who was voted for.
  const std::string hard_state = record_of(hard_state_);
  const std::string trim = trim_of(first_record_);
  const std::array<io::RecordParts, 2> records{io::RecordParts{kHardStateRecord, hard_state},
                                               io::RecordParts{kTrimRecord, trim}};
  return log_.append(records);
}

Result<> RaftDisk::append_chunk(const raft::SnapshotWrite& chunk) {
  const std::string path = incoming_path(options_.directory);
  if (chunk.offset == 0) {
    incoming_.reset();
    if (auto removed = files_.remove(path);
        !removed && removed.error().code != ErrorCode::kNotFound) {
      return removed;
    }
    incoming_ = TRY(files_.open(path, io::OpenMode::kCreate));
    incoming_bytes_ = 0;
  }
  if (incoming_ == nullptr || chunk.offset != incoming_bytes_) {
    return Error{ErrorCode::kCorruption, "a snapshot's chunks do not follow each other"};
  }
  TRY(incoming_->append(chunk.data));
  incoming_bytes_ += chunk.data.size();
  return {};
}

Result<std::string> RaftDisk::incoming(const raft::SnapshotMeta& meta) {
  if (incoming_ == nullptr || incoming_bytes_ != meta.size_bytes) {
    return Error{ErrorCode::kCorruption, "the snapshot that came in is not complete"};
  }
  std::string bytes(meta.size_bytes, '\0');
  const auto read = TRY(incoming_->read_at(0, std::as_writable_bytes(std::span(bytes))));
  if (read != bytes.size()) {
    return Error{ErrorCode::kCorruption, "the snapshot that came in was cut short on the disk"};
  }
  incoming_.reset();
  (void)files_.remove(incoming_path(options_.directory));
  return bytes;
}

Result<> RaftDisk::put_snapshot(const raft::SnapshotMeta& meta, std::string_view state,
                                raft::Index first_kept) {
  if (broken_) return broken_disk();
  std::string path = TRY(write_snapshot(files_, options_.directory, meta, state));
  if (!snapshot_path_.empty() && snapshot_path_ != path) TRY(files_.remove(snapshot_path_));
  snapshot_path_ = std::move(path);
  snapshot_ = meta;
  return remove_files_below(first_kept);
}

Result<> RaftDisk::remove_files_below(raft::Index first_kept) {
  std::uint64_t first_record = first_record_;
  std::size_t count = 0;
  for (; count < finished_.size() && finished_[count].last_index < first_kept; ++count) {
    first_record =
        count + 1 < finished_.size() ? finished_[count + 1].first_record : log_first_record_;
  }
  if (count == 0) return {};
  const std::string trim = trim_of(first_record);
  const io::RecordParts record{kTrimRecord, trim};
  auto trimmed = log_.append(std::span(&record, 1));
  if (trimmed) trimmed = log_.sync();
  broken_ = !trimmed;
  TRY(std::move(trimmed));
  first_record_ = first_record;
  for (; count > 0; --count) {
    TRY(files_.remove(finished_.front().path));
    finished_.pop_front();
  }
  return {};
}

Result<std::string> RaftDisk::snapshot_bytes(raft::EntryId last, std::uint64_t offset,
                                             std::uint64_t size) {
  if (snapshot_path_.empty() || snapshot_.last != last) {
    return Error{ErrorCode::kNotFound, "there is a newer snapshot"};
  }
  return read_snapshot_bytes(files_, snapshot_path_, offset, size);
}

}  // namespace lynxdb::cluster
