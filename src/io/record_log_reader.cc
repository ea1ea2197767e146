#include <algorithm>
#include <cstring>
#include <utility>

#include "io/record_log.h"

namespace lynxdb::io {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{256} << 10U;

Error damaged(const std::string& path, std::uint64_t offset, std::string_view what) {
  return Error{ErrorCode::kCorruption,
               path + ": byte " + std::to_string(offset) + ": " + std::string(what)};
}

}  // namespace

Result<RecordLogReader> RecordLogReader::open(FileSystem& files, const std::string& path,
                                              LogKind kind) {
  auto file = TRY(files.open(path, OpenMode::kRead));
  const std::uint64_t size = TRY(file->size());
  RecordLogReader reader(std::move(file), path, size);
  TRY(reader.read_file_header(kind));
  return reader;
}

Result<> RecordLogReader::read_file_header(LogKind kind) {
  const std::string_view bytes = TRY(bytes_at(0, kLogHeaderBytes));
  base::ByteReader in(bytes);
  const std::string_view magic = in.take(kLogMagic.size());
  const auto version = in.fixed<std::uint8_t>();
  const auto found_kind = in.fixed<std::uint8_t>();
  in.fixed<std::uint16_t>();
  salt_ = in.fixed<std::uint32_t>();
  first_sequence_ = next_sequence_ = in.fixed<std::uint64_t>();
  const std::string_view covered = bytes.substr(0, bytes.size() - in.remaining());
  const auto crc = in.fixed<std::uint32_t>();
  if (in.failed() || base::crc32c(covered) != crc) {
    // Records follow a header only once it is synced.
    unfinished_ = file_bytes_ <= kLogHeaderBytes;
    if (unfinished_) return {};
    return damaged(path_, 0, "bad checksum of the file's header");
  }
  if (magic != kLogMagic) return damaged(path_, 0, "not a log");
  if (version != kLogVersion) {
    return damaged(path_, 0, "unknown version " + std::to_string(version));
  }
  if (found_kind != static_cast<std::uint8_t>(kind)) return damaged(path_, 0, "another log's file");
  offset_bytes_ = kLogHeaderBytes;
  return {};
}

Result<std::string_view> RecordLogReader::bytes_at(std::uint64_t offset, std::size_t size) {
  const std::uint64_t left = offset < file_bytes_ ? file_bytes_ - offset : 0;
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
  const bool held = offset >= window_offset_ && offset + size <= window_offset_ + window_.size();
  if (!held) {
    if (window_.capacity() > 2 * kWindowBytes && size <= kWindowBytes) window_ = {};
    window_.resize(std::max<std::size_t>(size, std::min<std::uint64_t>(kWindowBytes, left)));
    const auto out = std::as_writable_bytes(std::span(window_));
    window_offset_ = offset;
    window_.resize(TRY(file_->read_at(offset, out)));
  }
  return std::string_view(window_).substr(static_cast<std::size_t>(offset - window_offset_), size);
}

Result<std::optional<Record>> RecordLogReader::next() {
  if (unfinished_ || offset_bytes_ == file_bytes_) return std::optional<Record>();
  const std::string_view bytes = TRY(bytes_at(offset_bytes_, kRecordHeaderBytes));
  if (bytes.size() < kRecordHeaderBytes) return std::optional<Record>();
  const auto header = read_record_header(bytes, salt_);
  if (!header) return end_or_corruption("bad checksum of a record's header");
  if (header->size_bytes > kRecordPayloadBytesMax) {
    return damaged(path_, offset_bytes_, "a record of impossible size");
  }
  if (header->sequence != next_sequence_) {
    return damaged(path_, offset_bytes_,
                   "record " + std::to_string(header->sequence) + " where " +
                       std::to_string(next_sequence_) + " belongs");
  }

  const std::string_view whole =
      TRY(bytes_at(offset_bytes_, kRecordHeaderBytes + header->size_bytes));
  const std::string_view payload = whole.substr(kRecordHeaderBytes);
  if (payload.size() < header->size_bytes) return end_or_corruption("record cut short");
  if (base::crc32c(payload, salt_) != header->payload_crc) {
    return end_or_corruption("bad checksum of a record");
  }
  offset_bytes_ += whole.size();
  ++next_sequence_;
  return std::optional(Record{header->type, header->sequence, payload});
}

// --- Damage --------------------------------------------------------------------------------------

Result<std::optional<Record>> RecordLogReader::end_or_corruption(std::string_view what) {
  const auto intact = TRY(find_intact_record(offset_bytes_ + 1));
  if (!intact) return std::optional<Record>();
  return damaged(
      path_, offset_bytes_,
      std::string(what) + ", and intact records follow from byte " + std::to_string(*intact));
}

Result<std::optional<std::uint64_t>> RecordLogReader::find_intact_record(std::uint64_t from) {
  // Cheap to ask of every byte: a later record's number is not far from the one expected here.
  constexpr std::size_t kSequenceAt = 12;
  const std::uint64_t further_max = file_bytes_ / kRecordHeaderBytes;
  for (std::uint64_t at = from; at + kRecordHeaderBytes <= file_bytes_; ++at) {
    const std::string_view bytes = TRY(bytes_at(at, kRecordHeaderBytes));
    if (bytes.size() < kRecordHeaderBytes) break;
    std::uint64_t sequence = 0;
    std::memcpy(&sequence, bytes.data() + kSequenceAt, sizeof(sequence));
    if (sequence - next_sequence_ <= further_max && TRY(is_intact_record(at))) {
      return std::optional(at);
    }
  }
  return std::optional<std::uint64_t>();
}

Result<bool> RecordLogReader::is_intact_record(std::uint64_t offset) {
  const auto header = read_record_header(TRY(bytes_at(offset, kRecordHeaderBytes)), salt_);
  if (!header || header->size_bytes > kRecordPayloadBytesMax) return false;
  const std::string_view payload = TRY(bytes_at(offset + kRecordHeaderBytes, header->size_bytes));
  return payload.size() == header->size_bytes &&
         base::crc32c(payload, salt_) == header->payload_crc;
}

}  // namespace lynxdb::io
