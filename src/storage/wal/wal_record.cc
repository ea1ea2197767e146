#include "storage/wal/wal_record.h"

#include <limits>

#include "base/bytes.h"

namespace lynxdb::storage {

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

Result<WalBatch> decode_wal_batch(std::string_view bytes) {
  base::ByteReader in(bytes);
  WalBatch batch;
  batch.partition = metadata::PartitionId(in.fixed<std::uint32_t>());
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
  if (in.failed() || !possible) {
    return Error{ErrorCode::kCorruption, "impossible batch"};
  }
  return batch;
}

}  // namespace lynxdb::storage
