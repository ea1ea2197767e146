#include "storage/wal/wal_files.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace lynxdb::storage {
namespace {

constexpr std::string_view kPrefix = "wal-";
constexpr std::size_t kNameBytes = kPrefix.size() + 20;
constexpr std::string_view kDamagedSuffix = ".damaged";

constexpr std::string_view kWayOut =
    "restore the file from a backup, or start once with --accept-log-damage: this cuts the log at "
    "the damage, keeps the rest aside in *.damaged files and loses the events in it";

Result<std::vector<std::string>> wal_names(io::FileSystem& files, const std::string& directory) {
  std::vector<std::string> names = TRY(files.list(directory));
  std::erase_if(names, [](const std::string& name) {
    return !name.starts_with(kPrefix) || name.size() != kNameBytes;
  });
  return names;  // Sorted, and so in the order of their records.
}

metadata::OffsetRange offsets_of(const WalRecord& record) {
  if (const auto* batch = std::get_if<WalBatch>(&record)) {
    return {batch->base_offset, batch->end_offset()};
  }
  if (const auto* cut = std::get_if<WalTruncated>(&record)) return {cut->end, cut->end};
  return {};
}

// Keeps a file that will be cut at `end` under another name, so that a person may look at it.
Result<> copy_aside(io::FileSystem& files, const std::string& path, std::uint64_t end) {
  constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;
  const std::string copy = fmt::format("{}-at-{}{}", path, end, kDamagedSuffix);
  const auto from = TRY(files.open(path, io::OpenMode::kRead));
  const auto to = TRY(files.open(copy, io::OpenMode::kCreate));
  std::string chunk(kChunkBytes, '\0');
  for (std::uint64_t at = 0;;) {
    const std::size_t got = TRY(from->read_at(at, std::as_writable_bytes(std::span(chunk))));
    if (got == 0) break;
    TRY(to->append(std::string_view(chunk).substr(0, got)));
    at += got;
  }
  return to->sync();
}

class Replay {
 public:
  Replay(io::FileSystem& files, std::string directory, bool accept_damage, const Log& log,
         const WalVisitor& visitor)
      : files_(files),
        directory_(std::move(directory)),
        accept_damage_(accept_damage),
        log_(log),
        visitor_(visitor) {}

  Result<ReplayedWal> run() {
    const std::vector<std::string> names = TRY(wal_names(files_, directory_));
    for (std::size_t i = 0; i < names.size() && !cut_; ++i) {
      TRY(read_file(directory_ + "/" + names[i], i + 1 == names.size()));
      for (std::size_t later = i + 1; cut_ && later < names.size(); ++later) {
        TRY(set_aside(directory_ + "/" + names[later]));
      }
    }
    return std::move(result_);
  }

 private:
  Result<> read_file(const std::string& path, bool is_last) {
    auto reader = io::RecordLogReader::open(files_, path, io::LogKind::kWal);
    if (!reader) {
      TRY(refuse(reader.error()));
      cut_ = true;
      return set_aside(path);
    }
    if (reader->is_unfinished()) return files_.remove(path);
    const bool is_gap = !result_.files.empty() && reader->first_sequence() != result_.next_sequence;
    if (is_gap && visitor_.gap && visitor_.gap()) result_.index.clear();
    WalFile file{path, reader->first_sequence(), 0};
    for (;;) {
      const std::uint64_t begin_bytes = reader->end().offset_bytes;
      auto record = reader->next();
      if (!record) {
        TRY(refuse(record.error()));
        TRY(copy_aside(files_, path, reader->end().offset_bytes));
        cut_ = true;
      }
      if (!record || !*record) break;
      auto visited = visit(**record, {file.number, begin_bytes, reader->end().offset_bytes});
      if (!visited) {
        const bool is_first = (*record)->sequence == reader->first_sequence();
        Error error =
            std::move(visited).error().in(fmt::format("{}: record {}", path, (*record)->sequence));
        if (!is_first || result_.files.empty()) return error;
        // The file does not go on where those before it end.
        TRY(refuse(std::move(error)));
        cut_ = true;
        return set_aside(path);
      }
    }
    if (!is_last && !cut_ && reader->torn_bytes() > 0) {
      // Files are synced before the next one begins: no crash leaves this.
      TRY(refuse(Error{
          ErrorCode::kCorruption,
          fmt::format("{}: damaged at byte {}: no whole record, and the log goes on in later files",
                      path, reader->end().offset_bytes)}));
      TRY(copy_aside(files_, path, reader->end().offset_bytes));
      cut_ = true;
    }
    if (reader->torn_bytes() > 0) {
      log_(Severity::kWarning, fmt::format("{}: {} bytes behind the last whole record are cut off",
                                           path, reader->torn_bytes()));
    }
    result_.end = reader->end();
    result_.next_sequence = std::max(result_.next_sequence, result_.end.next_sequence);
    file.size_bytes = result_.end.offset_bytes;
    result_.files.push_back(std::move(file));
    return {};
  }

  Result<> visit(const io::Record& record, const RecordPosition& position) {
    const WalRecord decoded = TRY(decode_wal_record(record.type, record.payload));
    TRY(visitor_.visit(decoded));
    note_record({record.type, partition_of(decoded), offsets_of(decoded), {}}, position,
                result_.index);
    return {};
  }

  // The error, unless it is damage that the operator has accepted.
  Result<> refuse(Error error) {
    if (error.code != ErrorCode::kCorruption) return error;
    if (!accept_damage_) {
      error.suggestion = kWayOut;
      return error;
    }
    log_(Severity::kError, "accepted, as asked: " + error.message);
    return {};
  }

  Result<> set_aside(const std::string& path) {
    log_(Severity::kError, "set aside, because the log is cut before it: " + path);
    return files_.rename(path, path + std::string(kDamagedSuffix));
  }

  io::FileSystem& files_;
  const std::string directory_;
  const bool accept_damage_;
  const Log& log_;
  const WalVisitor& visitor_;
  ReplayedWal result_;
  bool cut_ = false;
};

}  // namespace

void note_record(const WalWrite& record, const RecordPosition& position, LogIndex& index) {
  switch (record.type) {
    case kBatchRecord:
      return index.append(record.partition, record.offsets, position);
    case kTruncatedRecord:
      return index.truncate(record.partition, record.offsets.end);
    case kResetRecord:
    case kRemovedRecord:
      return index.clear(record.partition);
    default:
      return;
  }
}

std::string wal_path(const std::string& directory, std::uint64_t first_sequence) {
  return fmt::format("{}/{}{:020}", directory, kPrefix, first_sequence);
}

Result<ReplayedWal> replay_wal(io::FileSystem& files, const std::string& directory,
                               bool accept_damage, const Log& log, const WalVisitor& visitor) {
  return Replay(files, directory, accept_damage, log, visitor).run();
}

}  // namespace lynxdb::storage
