// The records of the write-ahead log (docs/formats/wal.md). Each belongs to one partition:
//
//   batch       := partition:u32 leader_epoch:u32 base_offset:u64 count:u32 part:u32
//                  content_crc:u32 appended_ns:i64 batch_id:string event_keys:varint key:u8[16]*
//                  payload
//   epoch_began := partition:u32 leader_epoch:u32 start:u64
//   truncated   := partition:u32 end:u64
//   reset       := partition:u32 start:u64 epochs:varint { leader_epoch:u32 start:u64 }* dedup
//   removed     := partition:u32
//
// Little-endian; the record around it carries length, type and crc32c. `payload` is the batch's own
// encoding (event/batch_codec.h) and, like `dedup` (dedup_window.h), the rest of the record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "metadata/ids.h"
#include "replication/epoch_history.h"
#include "storage/dedup_window.h"

namespace lynxdb::storage {

// Types of records. Numbers are never used again for something else.
inline constexpr std::uint8_t kBatchRecord = 1;
inline constexpr std::uint8_t kEpochBeganRecord = 2;
inline constexpr std::uint8_t kTruncatedRecord = 3;
inline constexpr std::uint8_t kResetRecord = 4;
inline constexpr std::uint8_t kRemovedRecord = 5;

struct WalBatch {
  metadata::PartitionId partition;
  metadata::LeaderEpoch leader_epoch = 0;
  metadata::Offset base_offset = 0;
  std::uint32_t count = 0;  // Events, at least 1.
  std::string_view batch_id;
  std::uint32_t part = 0;
  std::uint32_t content_crc = 0;
  std::int64_t appended_ns = 0;  // Wall time.
  std::vector<DedupKey> event_keys;
  std::string_view payload;

  metadata::Offset end_offset() const { return base_offset + count; }
};

// Batches from `start`, where the log ends, are of this leader's epoch.
struct WalEpochBegan {
  metadata::PartitionId partition;
  metadata::LeaderEpoch leader_epoch = 0;
  metadata::Offset start = 0;
};

// What is at `end` or above is no longer part of the log.
struct WalTruncated {
  metadata::PartitionId partition;
  metadata::Offset end = 0;
};

// The log starts, and ends, at `start`; epochs and batch ids are of what was below.
struct WalReset {
  metadata::PartitionId partition;
  metadata::Offset start = 0;
  std::vector<replication::EpochStart> epochs;
  std::string_view dedup;  // DedupWindows.
};

// The copy is gone.
struct WalRemoved {
  metadata::PartitionId partition;
};

using WalRecord = std::variant<WalBatch, WalEpochBegan, WalTruncated, WalReset, WalRemoved>;

inline metadata::PartitionId partition_of(const WalRecord& record) {
  return std::visit([](const auto& one) { return one.partition; }, record);
}

// All of it but the payload.
void encode_head(const WalBatch& batch, std::string& out);
// Gives an encoded batch its place.
void put_place(metadata::LeaderEpoch epoch, metadata::Offset base_offset, std::string& batch);
// A batch with its payload, or any other record. Returns its type.
std::uint8_t encode(const WalRecord& record, std::string& out);

void put_epochs(const std::vector<replication::EpochStart>& epochs, std::string& out);
// Fails the reader unless both columns ascend, as EpochHistory wants them.
std::vector<replication::EpochStart> take_epochs(base::ByteReader& in);

// These borrow from `bytes`. Errors: kCorruption.
Result<WalBatch> decode_wal_batch(std::string_view bytes);
Result<WalRecord> decode_wal_record(std::uint8_t type, std::string_view bytes);

}  // namespace lynxdb::storage
