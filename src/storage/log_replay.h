// What the log says of the partitions, read at the start.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "metadata/state.h"
#include "storage/dedup_snapshot.h"
#include "storage/log_entry.h"
#include "storage/tail.h"
#include "storage/wal/wal_record.h"

namespace lynxdb::storage {

// A batch of the log with its events, which borrow from `owner`. Errors: kCorruption.
Result<PlacedBatch> placed_batch(const WalBatch& batch, const replication::Payload& owner);

// Of a store that is alone: its partitions are those of the metadata, and only batches are in its
// log. Batches below a partition's staged offset only count for dedup.
class AloneReplay {
 public:
  explicit AloneReplay(PartitionLogs& partitions) : partitions_(partitions) {}

  // Errors: kCorruption.
  Result<> visit(const WalRecord& record);
  std::uint64_t events() const { return events_; }

 private:
  Result<> visit_batch(const WalBatch& batch);

  PartitionLogs& partitions_;
  std::uint64_t events_ = 0;
};

// Of a node of a cluster: its partitions are those of the log. A log that was trimmed may begin
// with batches that a later record takes away, so where it starts is known for certain only at the
// end.
class ReplicatedReplay {
 public:
  // The snapshots say where the logs start at the latest. What is flushed need not be in memory.
  ReplicatedReplay(const DedupOptions& dedup, DedupSnapshots snapshots, metadata::StatePtr state);

  // Errors: kCorruption.
  Result<> visit(const WalRecord& record);
  // What was read so far is older than the snapshots, and not whole.
  void begin_anew();
  // Errors: kCorruption, something is missing in front.
  Result<PartitionLogs> finish();
  std::uint64_t events() const { return events_; }

 private:
  // Null: it says nothing of this copy.
  const DedupSnapshot* snapshot(PartitionId partition) const;
  static void join_epochs(const DedupSnapshot& snapshot, PartitionLog& log);
  Result<PartitionLog*> find(PartitionId partition);
  Result<PartitionLog> begin(PartitionId partition) const;
  Offset flushed_offset(PartitionId partition) const;
  // The log of the partition ends at `offset`, if that is not known from before.
  Result<PartitionLog*> ending_at(PartitionId partition, Offset offset);
  static Result<> check_epoch(const PartitionLog& log, LeaderEpoch epoch, Offset start);
  Result<> take(const WalBatch& batch);
  Result<> take(const WalEpochBegan& began);
  Result<> take(const WalTruncated& cut);
  Result<> take(const WalReset& reset);
  Result<> take(const WalRemoved& removed);

  const DedupOptions dedup_;
  const DedupSnapshots snapshots_;
  const metadata::StatePtr state_;
  PartitionLogs logs_;
  std::set<PartitionId> known_;    // Of these a record was read.
  std::set<PartitionId> reset_;    // These started anew.
  std::set<PartitionId> removed_;  // What the snapshot says of these is of a former copy.
  std::uint64_t events_ = 0;
};

}  // namespace lynxdb::storage
