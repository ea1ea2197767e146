#include <utility>

#include "io/record_log.h"

namespace lynxdb::io {
namespace {

// A group larger than this gives its memory back.
constexpr std::size_t kBufferKeptBytes = std::size_t{8} << 20U;

}  // namespace

Result<RecordLogWriter> RecordLogWriter::create(FileSystem& files, const std::string& path,
                                                LogKind kind, std::uint64_t first_sequence,
                                                std::uint32_t salt) {
  std::string header(kLogMagic);
  base::put_fixed(kLogVersion, header);
  base::put_fixed(static_cast<std::uint8_t>(kind), header);
  base::put_fixed(std::uint16_t{0}, header);
  base::put_fixed(salt, header);
  base::put_fixed(first_sequence, header);
  base::put_fixed(base::crc32c(header), header);
  auto file = TRY(files.open(path, OpenMode::kCreate));
  TRY(file->append(header));
  TRY(file->sync());
  return RecordLogWriter(std::move(file), salt, header.size(), first_sequence);
}

Result<RecordLogWriter> RecordLogWriter::resume(FileSystem& files, const std::string& path,
                                                const LogEnd& end) {
  auto file = TRY(files.open(path, OpenMode::kReadWrite));
  if (TRY(file->size()) > end.offset_bytes) {
    TRY(file->truncate(end.offset_bytes));
    TRY(file->sync());
  }
  return RecordLogWriter(std::move(file), end.salt, end.offset_bytes, end.next_sequence);
}

Result<> RecordLogWriter::append(std::span<const RecordParts> records) {
  if (broken_) return Error{ErrorCode::kIo, "the log can no longer be written"};
  buffer_.clear();
  std::uint64_t sequence = next_sequence_;
  for (const RecordParts& record : records) {
    const std::size_t size = record.head.size() + record.body.size();
    if (size > kRecordPayloadBytesMax) {
      return Error{ErrorCode::kInvalidArgument,
                   "a record of " + std::to_string(size) + " bytes is too large for the log"};
    }
    const RecordHeader header{
        .size_bytes = static_cast<std::uint32_t>(size),
        .payload_crc = base::crc32c(record.body, base::crc32c(record.head, salt_)),
        .sequence = sequence++,
        .type = record.type};
    put_record_header(header, salt_, buffer_);
    buffer_ += record.head;
    buffer_ += record.body;
  }
  auto appended = file_->append(buffer_);
  if (!appended) {
    broken_ = !file_->truncate(size_bytes_).has_value();
    return std::move(appended).error();
  }
  size_bytes_ += buffer_.size();
  next_sequence_ = sequence;
  if (buffer_.capacity() > kBufferKeptBytes) buffer_ = {};
  return {};
}

Result<> RecordLogWriter::sync() {
  auto synced = file_->sync();
  if (!synced) broken_ = true;
  return synced;
}

}  // namespace lynxdb::io
