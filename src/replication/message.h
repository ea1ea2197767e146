// What a follower asks and a leader answers, for one partition. The owner frames them (all
// partitions of one leader on one stream), sends them and may lose, repeat, delay and reorder them.
#pragma once

#include <vector>

#include "replication/epoch_history.h"
#include "replication/types.h"

namespace lynxdb::replication {

// A follower's question, and its report at the same time.
struct Fetch {
  PartitionId partition;
  // Grows with every change of the follower's log: only the answer to the newest one counts. The
  // same id again only reports.
  std::uint64_t id = 0;
  NodeEpoch node_epoch = 0;
  LeaderEpoch leader_epoch = 0;
  // Of the newest metadata that the follower has: a copy may have been removed and made anew.
  std::uint32_t partition_epoch = 0;
  Offset log_end = 0;          // Where it wants more.
  Offset durable = 0;          // At most log_end: what survives a crash.
  LeaderEpoch last_epoch = 0;  // Of the batch before log_end; 0: there is none.
  bool wants_reset = false;    // Its log parts from the leader's below what is flushed.
};

enum class FetchOutcome : std::uint8_t {
  kRecords = 1,    // `batches`, perhaps none, go on at Fetch::log_end.
  kDiverging = 2,  // The logs part: `diverging` is where the leader's ends.
  kReset = 3,      // The log starts anew at `start`; what is below is in the object store.
  kFenced = 4,     // An old leader epoch or node epoch: it needs newer metadata.
  kNotLeader = 5,  // Does not lead, or not yet: its metadata is older.
};

struct FetchAnswer {
  PartitionId partition;
  std::uint64_t id = 0;
  LeaderEpoch leader_epoch = 0;
  FetchOutcome outcome = FetchOutcome::kRecords;
  Offset high_watermark = 0;
  std::vector<Batch> batches;
  EpochEnd diverging;
  Offset start = 0;
  std::vector<EpochStart> epochs;  // kReset: of the log below `start`, at least of its last batch.
  Payload dedup;                   // kReset: the batch ids below `start`, as the owner keeps them.
};

}  // namespace lynxdb::replication
