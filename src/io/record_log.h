// Append-only files of checked records: what the write-ahead log and the metadata log are made of
// (record_log_format.h has the bytes).
//
// What a crash may leave behind the last sync is the torn tail of the log: it is where the log
// ends. Damage with an intact record after it is never that: it is kCorruption, and never skipped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/file.h"
#include "io/record_log_format.h"

namespace lynxdb::io {

// A payload in two parts, so that nobody has to join them before.
struct RecordParts {
  std::uint8_t type = 0;
  std::string_view head;
  std::string_view body{};
};

// Where a log ended that was read to its end: a writer goes on there.
struct LogEnd {
  std::uint32_t salt = 0;
  std::uint64_t offset_bytes = 0;
  std::uint64_t next_sequence = 0;
};

// Belongs to one thread. Errors are kIo unless stated.
class RecordLogWriter {
 public:
  // A new file, synced, so that what it is survives. kConflict when it exists.
  static Result<RecordLogWriter> create(FileSystem& files, const std::string& path, LogKind kind,
                                        std::uint64_t first_sequence, std::uint32_t salt);
  // Goes on with a log that was read to `end`; cuts off what is behind it, for good.
  static Result<RecordLogWriter> resume(FileSystem& files, const std::string& path,
                                        const LogEnd& end);

  // All of `records` in one write, numbered from next_sequence(). On failure none of them is in the
  // log, and appending may be tried again unless broken(). kInvalidArgument: a payload is too
  // large.
  Result<> append(std::span<const RecordParts> records);
  // What was appended survives power loss. A failure is final: see File::sync.
  Result<> sync();

  // Nothing more can be appended: a sync failed, or a failed append could not be taken back.
  bool broken() const { return broken_; }
  std::uint64_t size_bytes() const { return size_bytes_; }
  std::uint64_t next_sequence() const { return next_sequence_; }

 private:
  RecordLogWriter(std::unique_ptr<File> file, std::uint32_t salt, std::uint64_t size_bytes,
                  std::uint64_t next_sequence)
      : file_(std::move(file)),
        salt_(salt),
        size_bytes_(size_bytes),
        next_sequence_(next_sequence) {}

  std::unique_ptr<File> file_;
  std::uint32_t salt_;
  std::uint64_t size_bytes_;
  std::uint64_t next_sequence_;
  std::string buffer_;
  bool broken_ = false;
};

struct Record {
  std::uint8_t type = 0;
  std::uint64_t sequence = 0;
  std::string_view payload;  // Borrowed: valid until the reader's next call.
};

// Belongs to one thread. Holds one payload and 256 KB.
class RecordLogReader {
 public:
  // A file whose creation was cut short is an empty log (see is_unfinished). kCorruption: not a log
  // of this kind and version; kNotFound; kIo.
  static Result<RecordLogReader> open(FileSystem& files, const std::string& path, LogKind kind);

  // The next record, or nullopt at the end of the log. Sequence numbers count up by one.
  // kCorruption (damage before an intact record; the message says where) and kIo are final.
  Result<std::optional<Record>> next();

  // The crash came before the file's own header was safe: nothing was ever in it.
  bool is_unfinished() const { return unfinished_; }
  std::uint64_t first_sequence() const { return first_sequence_; }
  // After next() gave nullopt, or kCorruption: where the intact part ends.
  LogEnd end() const { return {salt_, offset_bytes_, next_sequence_}; }
  // Bytes behind end().
  std::uint64_t torn_bytes() const { return file_bytes_ - offset_bytes_; }

 private:
  RecordLogReader(std::unique_ptr<File> file, std::string path, std::uint64_t file_bytes)
      : file_(std::move(file)), path_(std::move(path)), file_bytes_(file_bytes) {}

  Result<> read_file_header(LogKind kind);
  // The bytes [offset, offset + size) of the file, or fewer at its end.
  Result<std::string_view> bytes_at(std::uint64_t offset, std::size_t size);
  Result<std::optional<Record>> end_or_corruption(std::string_view what);
  Result<std::optional<std::uint64_t>> find_intact_record(std::uint64_t from);
  Result<bool> is_intact_record(std::uint64_t offset);

  std::unique_ptr<File> file_;
  std::string path_;
  std::uint64_t file_bytes_;
  std::uint32_t salt_ = 0;
  std::uint64_t first_sequence_ = 0;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t offset_bytes_ = 0;
  bool unfinished_ = false;
  std::string window_;
  std::uint64_t window_offset_ = 0;
};

}  // namespace lynxdb::io
