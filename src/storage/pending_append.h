// An append between admission and answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "event/event_batch.h"
#include "storage/dedup_window.h"
#include "storage/store.h"

namespace lynxdb::storage {

struct PendingAppend {
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;
  std::shared_ptr<const event::EventBatch> batch;
  std::string payload;  // The batch, encoded.
  std::string batch_id;
  std::uint32_t part = 0;
  std::uint32_t content_crc = 0;
  std::int64_t appended_ns = 0;
  // In flight until the answer: the batch's key, if it has an id, and the events'.
  std::vector<DedupKey> batch_keys;
  std::vector<DedupKey> event_keys;
  std::vector<std::uint32_t> duplicate_rows;
  AppendCallback done;

  Offset base_offset = 0;  // Set when it is written.

  std::size_t queued_bytes() const { return payload.size() + batch_id.size() + sizeof(*this); }
};

}  // namespace lynxdb::storage
