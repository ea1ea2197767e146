#include "storage/wal/log_reader.h"

#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "io/record_log_format.h"
#include "storage/wal/wal_record.h"

namespace lynxdb::storage {
namespace {

Result<std::string> bytes_of(io::File& file, std::uint64_t begin, std::uint64_t end) {
  std::string bytes(static_cast<std::size_t>(end - begin), '\0');
  const std::size_t got = TRY(file.read_at(begin, std::as_writable_bytes(std::span(bytes))));
  bytes.resize(got);
  return bytes;
}

// From the file's header, which was checked when the file was made or first read.
Result<std::uint32_t> salt_of(io::File& file) {
  const std::string header = TRY(bytes_of(file, 0, io::kLogHeaderBytes));
  base::ByteReader in(header);
  in.take(io::kLogSaltAt);
  return in.fixed<std::uint32_t>();
}

class RunReader {
 public:
  RunReader(const std::string& path, const LogRun& run, std::string bytes, std::uint32_t salt)
      : path_(path), run_(run), bytes_(std::move(bytes)), salt_(salt) {}

  Result<> read(metadata::PartitionId partition, metadata::OffsetRange offsets,
                std::size_t bytes_max, std::vector<replication::Batch>& out) {
    std::size_t taken = 0;
    metadata::Offset next = run_.base;
    while (next < run_.end && taken < bytes_max) {
      const auto [type, payload] = TRY(next_record());
      if (type != kBatchRecord || partition_at_front(payload) != partition) continue;
      const WalBatch batch = TRY(decode_wal_batch(payload));
      if (batch.base_offset != next || batch.end_offset() > run_.end)
        return damaged("another batch than the index says");
      next = batch.end_offset();
      if (batch.base_offset < offsets.begin) continue;
      if (batch.end_offset() > offsets.end) break;
      out.push_back({batch.base_offset, batch.count, batch.leader_epoch,
                     std::make_shared<const std::string>(payload)});
      taken += payload.size();
    }
    return {};
  }

 private:
  using TypeAndPayload = std::pair<std::uint8_t, std::string_view>;

  Result<TypeAndPayload> next_record() {
    const std::string_view rest = std::string_view(bytes_).substr(at_);
    if (rest.size() < io::kRecordHeaderBytes) return damaged("ends early");
    const auto header = io::read_record_header(rest.substr(0, io::kRecordHeaderBytes), salt_);
    if (!header) return damaged("bad checksum of a record's header");
    if (header->size_bytes > rest.size() - io::kRecordHeaderBytes) return damaged("ends early");
    const std::string_view payload = rest.substr(io::kRecordHeaderBytes, header->size_bytes);
    if (base::crc32c(payload, salt_) != header->payload_crc) return damaged("bad checksum");
    at_ += io::kRecordHeaderBytes + payload.size();
    return TypeAndPayload(header->type, payload);
  }

  static metadata::PartitionId partition_at_front(std::string_view payload) {
    return metadata::PartitionId(base::ByteReader(payload).fixed<std::uint32_t>());
  }

  Error damaged(std::string_view what) const {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{}: byte {}: {}", path_, run_.begin_bytes + at_, what)};
  }

  const std::string& path_;
  const LogRun& run_;
  const std::string bytes_;
  const std::uint32_t salt_;
  std::size_t at_ = 0;
};

}  // namespace

Result<> read_run(io::FileSystem& files, const std::string& path, const LogRun& run,
                  metadata::PartitionId partition, metadata::OffsetRange offsets,
                  std::size_t bytes_max, std::vector<replication::Batch>& out) {
  const auto file = TRY(files.open(path, io::OpenMode::kRead));
  const std::uint32_t salt = TRY(salt_of(*file));
  RunReader reader(path, run, TRY(bytes_of(*file, run.begin_bytes, run.end_bytes)), salt);
  return reader.read(partition, offsets, bytes_max, out);
}

}  // namespace lynxdb::storage
