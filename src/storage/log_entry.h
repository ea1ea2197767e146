// What is on its way into the log of this node: appends, and what a Replicator says of the logs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "event/event_batch.h"
#include "replication/ready.h"
#include "storage/dedup_window.h"
#include "storage/replicated_log.h"
#include "storage/store.h"
#include "storage/wal/wal_record.h"

namespace lynxdb::storage {

// By which ids a batch and its events are known.
struct BatchKeys {
  std::optional<DedupKey> batch;
  std::vector<DedupKey> events;
};

// An append between admission and place.
struct PendingAppend {
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;  // In which it was found to be new.
  std::shared_ptr<const event::EventBatch> events;
  std::shared_ptr<std::string> record;  // Of the log; its place is still to be put in.
  std::size_t payload_bytes = 0;
  std::uint32_t content_crc = 0;
  std::int64_t appended_ns = 0;
  BatchKeys keys;  // In flight until it is written.
  std::vector<std::uint32_t> duplicate_rows;
  AppendCallback done;
};

// An append that has its place, until it is committed.
struct WaitingAppend {
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;
  OffsetRange offsets;
  std::vector<std::uint32_t> duplicate_rows;
  std::size_t payload_bytes = 0;
  AppendCallback done;
};

// --- What an entry of the log does ---------------------------------------------------------------

struct PlacedBatch {
  LeaderEpoch leader_epoch = 0;
  Offset base_offset = 0;
  std::shared_ptr<const event::EventBatch> events;
  BatchKeys keys;
  DedupEntry entry;
};

struct LogReset {
  Offset start = 0;
  std::vector<replication::EpochStart> epochs;
  std::shared_ptr<DedupWindows> windows;
};

struct LogRemoved {};

using LogStep = std::variant<PlacedBatch, replication::EpochBegan, replication::TruncateLog,
                             LogReset, LogRemoved>;

struct LogEntry {
  PartitionId partition;
  Cuts cuts = 0;
  std::uint64_t removals = 0;       // LogEnd::removals.
  std::uint64_t recent_number = 0;  // RecentBatches; 0: it is not there.
  std::uint8_t type = kBatchRecord;
  replication::Payload record;
  LogStep step;

  std::size_t queued_bytes() const { return record->size() + sizeof(*this); }
};

}  // namespace lynxdb::storage
