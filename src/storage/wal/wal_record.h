// One batch of events as the write-ahead log holds it (docs/formats/wal.md):
//
//   batch := partition:u32 leader_epoch:u32 base_offset:u64 count:u32 part:u32 content_crc:u32
//            appended_ns:i64 batch_id:string event_keys:varint key:u8[16]* payload
//
// Little-endian; the record around it carries length, type and crc32c. `payload` is the batch's own
// encoding (event/batch_codec.h) and the rest of the record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metadata/ids.h"
#include "storage/dedup_window.h"

namespace lynxdb::storage {

// Types of records. Numbers are never used again for something else.
inline constexpr std::uint8_t kBatchRecord = 1;

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

// All of it but the payload.
void encode_head(const WalBatch& batch, std::string& out);
// Borrows from `bytes`. Errors: kCorruption.
Result<WalBatch> decode_wal_batch(std::string_view bytes);

}  // namespace lynxdb::storage
