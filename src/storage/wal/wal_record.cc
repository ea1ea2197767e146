#include "storage/wal/wal_record.h"

#include <cstring>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "base/check.h"

namespace lynxdb::storage {
namespace {

// Of a batch's head.
constexpr std::size_t kLeaderEpochAt = sizeof(std::uint32_t);
constexpr std::size_t kBaseOffsetAt = kLeaderEpochAt + sizeof(metadata::LeaderEpoch);

Error impossible(std::string_view what) {
  return Error{ErrorCode::kCorruption, fmt::format("impossible {}", what)};
}

metadata::PartitionId take_partition(base::ByteReader& in) {
  return metadata::PartitionId(in.fixed<std::uint32_t>());
}

Result<WalRecord> decode_epoch_began(base::ByteReader in) {
  WalEpochBegan record;
  record.partition = take_partition(in);
  record.leader_epoch = in.fixed<std::uint32_t>();
  record.start = in.fixed<std::uint64_t>();
  if (in.failed() || in.remaining() != 0) return impossible("beginning of an epoch");
  return WalRecord(record);
}

Result<WalRecord> decode_truncated(base::ByteReader in) {
  WalTruncated record;
  record.partition = take_partition(in);
  record.end = in.fixed<std::uint64_t>();
  if (in.failed() || in.remaining() != 0) return impossible("truncation");
  return WalRecord(record);
}

Result<WalRecord> decode_reset(base::ByteReader in) {
  WalReset record;
  record.partition = take_partition(in);
  record.start = in.fixed<std::uint64_t>();
  record.epochs = take_epochs(in);
  record.dedup = in.take(in.remaining());
  if (in.failed()) return impossible("reset");
  return WalRecord(std::move(record));
}

Result<WalRecord> decode_removed(base::ByteReader in) {
  const WalRemoved record{take_partition(in)};
  if (in.failed() || in.remaining() != 0) return impossible("removal");
  return WalRecord(record);
}

std::uint8_t put(const WalBatch& batch, std::string& out) {
  encode_head(batch, out);
  out += batch.payload;
  return kBatchRecord;
}

std::uint8_t put(const WalEpochBegan& record, std::string& out) {
  base::put_fixed(record.partition.value(), out);
  base::put_fixed(record.leader_epoch, out);
  base::put_fixed(record.start, out);
  return kEpochBeganRecord;
}

std::uint8_t put(const WalTruncated& record, std::string& out) {
  base::put_fixed(record.partition.value(), out);
  base::put_fixed(record.end, out);
  return kTruncatedRecord;
}

std::uint8_t put(const WalReset& record, std::string& out) {
  base::put_fixed(record.partition.value(), out);
  base::put_fixed(record.start, out);
  put_epochs(record.epochs, out);
  out += record.dedup;
  return kResetRecord;
}

std::uint8_t put(const WalRemoved& record, std::string& out) {
  base::put_fixed(record.partition.value(), out);
  return kRemovedRecord;
}

}  // namespace

void encode_head(const WalBatch& batch, std::string& out) {
  base::put_fixed(batch.partition.value(), out);
  base::put_fixed(batch.leader_epoch, out);
  base::put_fixed(batch.base_offset, out);
  base::put_fixed(batch.count, out);
  base::put_fixed(batch.part, out);
  base::put_fixed(batch.content_crc, out);
  base::put_fixed(batch.appended_ns, out);
  base::put_string(batch.batch_id, out);
  base::put_varint(batch.event_keys.size(), out);
  for (const DedupKey& key : batch.event_keys) {
    base::put_fixed(key.high, out);
    base::put_fixed(key.low, out);
  }
}

void put_place(metadata::LeaderEpoch epoch, metadata::Offset base_offset, std::string& batch) {
  LYNXDB_CHECK(batch.size() >= kBaseOffsetAt + sizeof(base_offset));
  std::memcpy(batch.data() + kLeaderEpochAt, &epoch, sizeof(epoch));
  std::memcpy(batch.data() + kBaseOffsetAt, &base_offset, sizeof(base_offset));
}

std::uint8_t encode(const WalRecord& record, std::string& out) {
  return std::visit([&](const auto& one) { return put(one, out); }, record);
}

void put_epochs(const std::vector<replication::EpochStart>& epochs, std::string& out) {
  base::put_varint(epochs.size(), out);
  for (const replication::EpochStart& epoch : epochs) {
    base::put_fixed(epoch.epoch, out);
    base::put_fixed(epoch.start, out);
  }
}

std::vector<replication::EpochStart> take_epochs(base::ByteReader& in) {
  std::vector<replication::EpochStart> epochs;
  const std::uint64_t count = in.varint();
  if (count > in.remaining() / (sizeof(std::uint32_t) + sizeof(std::uint64_t))) in.fail();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    replication::EpochStart epoch;
    epoch.epoch = in.fixed<std::uint32_t>();
    epoch.start = in.fixed<std::uint64_t>();
    const bool ascends =
        epochs.empty() || (epoch.epoch > epochs.back().epoch && epoch.start > epochs.back().start);
    if (epoch.epoch == 0 || !ascends) in.fail();
    epochs.push_back(epoch);
  }
  return epochs;
}

Result<WalBatch> decode_wal_batch(std::string_view bytes) {
  base::ByteReader in(bytes);
  WalBatch batch;
  batch.partition = take_partition(in);
  batch.leader_epoch = in.fixed<std::uint32_t>();
  batch.base_offset = in.fixed<std::uint64_t>();
  batch.count = in.fixed<std::uint32_t>();
  batch.part = in.fixed<std::uint32_t>();
  batch.content_crc = in.fixed<std::uint32_t>();
  batch.appended_ns = in.fixed<std::int64_t>();
  batch.batch_id = in.string();
  const std::uint64_t keys = in.varint();
  if (keys > in.remaining() / sizeof(DedupKey)) in.fail();
  for (std::uint64_t i = 0; i < keys && !in.failed(); ++i) {
    DedupKey key;
    key.high = in.fixed<std::uint64_t>();
    key.low = in.fixed<std::uint64_t>();
    batch.event_keys.push_back(key);
  }
  batch.payload = in.take(in.remaining());
  const bool possible =
      batch.count > 0 &&
      batch.base_offset <= std::numeric_limits<std::uint64_t>::max() - batch.count;
  if (in.failed() || !possible) return impossible("batch");
  return batch;
}

Result<WalRecord> decode_wal_record(std::uint8_t type, std::string_view bytes) {
  switch (type) {
    case kBatchRecord:
      return WalRecord(TRY(decode_wal_batch(bytes)));
    case kEpochBeganRecord:
      return decode_epoch_began(base::ByteReader(bytes));
    case kTruncatedRecord:
      return decode_truncated(base::ByteReader(bytes));
    case kResetRecord:
      return decode_reset(base::ByteReader(bytes));
    case kRemovedRecord:
      return decode_removed(base::ByteReader(bytes));
    default:
      return Error{ErrorCode::kCorruption, fmt::format("unknown type of record {}", type)};
  }
}

}  // namespace lynxdb::storage
