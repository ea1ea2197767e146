// The seam between a store and whoever decides where events go in its logs, and when they are
// committed: in a cluster, the copies of each partition agree on both (src/replication); a store
// that is alone decides at once.
//
//   append -> Replicator::place (in order) -> log queue -> written -> Replicator::durable
//   Replicator -> ReplicatedLog::commit -> visible, acknowledged
//
// Locks: a Replicator calls the functions of ReplicatedLog while it holds its own lock, so that
// they come in the order of its decisions; they only take the store's locks for a moment and never
// call back. What they return as Work (answers to callers) it runs once it has let go. The store
// calls a Replicator with none of the locks held that these functions take.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "replication/partition_replica.h"
#include "replication/ready.h"
#include "storage/read_view.h"

namespace lynxdb::storage {

using replication::Cuts;

// Where a batch begins in its partition's log.
struct Place {
  LeaderEpoch leader_epoch = 0;
  Offset base = 0;
  Cuts cuts = 0;
};

// All of the log below `end` is written, and synced if the sync mode waits for that.
struct LogEnd {
  PartitionId partition;
  Cuts cuts = 0;
  Offset end = 0;
  // How often ReplicatedLog::remove was called for the partition before this was queued. When it
  // was called again meanwhile, the end is one of the former copy, whose cuts say nothing now.
  std::uint64_t removals = 0;
};

// What a flush may take of a partition.
struct Flushable {
  LeaderEpoch leader_epoch = 0;
  OffsetRange offsets;
};

// Thread-safe.
class Replicator {
 public:
  virtual ~Replicator() = default;

  // Calls `enqueue` with the place of the next `count` events before anything else gets one in this
  // partition. `epoch` is the one in which the store found the batch to be new: in a later one it
  // may have come already, by way of another leader. Errors (and `enqueue` is not called):
  // kUnavailable, this node does not lead the partition in `epoch`, or nothing would be committed.
  virtual Result<> place(PartitionId partition, LeaderEpoch epoch, std::uint32_t count,
                         const std::function<void(const Place&)>& enqueue) = 0;
  // On the log's thread: these ends are reached, each partition at most once.
  virtual void durable(std::span<const LogEnd> ends) = 0;
  // The log can never be written again: what was placed will not become durable here.
  virtual void log_failed(const Error& error) = 0;

  // Of all partitions led here that have events to flush.
  virtual std::map<PartitionId, Flushable> flushable() = 0;
  // Below these the logs may go.
  virtual std::map<PartitionId, Offset> trimmable() = 0;
  // The log of a partition starts here now.
  virtual void trimmed(PartitionId partition, Offset start) = 0;
};

using Work = std::vector<std::function<void()>>;

// Rows of one partition that are committed and not flushed: the part of a read view that only its
// leader has.
struct TailSlice {
  OffsetRange offsets;  // From the flushed offset that was asked for to the high watermark.
  std::vector<TailBatchPtr> batches;
};

// The logs of a node as its Replicator sees them. Thread-safe.
class ReplicatedLog {
 public:
  virtual ~ReplicatedLog() = default;

  // What was found on disk at the start.
  virtual std::map<PartitionId, replication::Restored> restored() const = 0;

  // Queues the change: it is written after all that was queued before, and reported as durable.
  // A partition that is not known begins as an empty log. Batches' payloads are records of the
  // write-ahead log (storage/wal/wal_record.h); those that do not fit their Batch, or cannot be
  // decoded, are refused: kCorruption, and nothing of `change` is queued.
  [[nodiscard]] virtual Result<> change_log(const replication::LogChange& change) = 0;
  // All below is visible; whoever waits for it is acknowledged, or, if this node may no longer say
  // so, told that the outcome is unknown (kUnavailable).
  [[nodiscard]] virtual Work commit(PartitionId partition, LeaderEpoch epoch, Offset high_watermark,
                                    bool may_acknowledge) = 0;
  // Whoever waits is told that the outcome is unknown: a retry with the same batch id is safe.
  [[nodiscard]] virtual Work end_leadership(PartitionId partition, LeaderEpoch epoch) = 0;
  // The copy is not wanted any more: memory and batch ids go; its log goes with its files.
  virtual void remove(PartitionId partition) = 0;
  // Newer metadata: memory below the flushed offsets is free.
  virtual void apply(const metadata::StatePtr& state) = 0;

  // Whole batches of the log, in order, from `offsets.begin` up to `offsets.end` or about
  // `bytes_max` of payload, at least one. May read the disk: call it without locks. kNotFound: they
  // are not (or no longer) here as of `cuts`. Other errors: kIo, kCorruption.
  virtual Result<std::vector<replication::Batch>> read_log(PartitionId partition, Cuts cuts,
                                                           OffsetRange offsets,
                                                           std::size_t bytes_max) = 0;
  // The batch ids below `start`, as change_log takes them back in a ResetLog.
  virtual replication::Payload dedup_below(PartitionId partition, Offset start) = 0;

  // The committed rows from `flushed` on. kConflict: `flushed` is not what this node goes by, or
  // memory below it is already free; look at newer metadata.
  virtual Result<TailSlice> read_tail(PartitionId partition, Offset flushed) = 0;
};

}  // namespace lynxdb::storage
