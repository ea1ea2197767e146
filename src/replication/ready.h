// What the core wants done. Its owner carries the parts out in this order, under the lock that it
// holds while it calls the core (only `log` must be queued there; writing comes later):
//
//   1. `ended`: this node leads no more. Whoever waits for a batch is told that the outcome is
//      unknown; a retry with the same batch id is safe.
//   2. `log`: queue for the write-ahead log, in this order, and after all that was queued before.
//      A truncation undoes rows in memory and batch ids, too. Once synced, report it with
//      Replication::durable: the log's end then, and the `cuts` that came with the change.
//   3. `committed`: the rows below are visible now (queries, tails, alerts); whoever waits for
//      them is acknowledged, if Replication::may_acknowledge.
//   4. `answers`: read `records` from the log (cut at any batch's end), put them in and send. If
//      the partition's leader epoch or cuts are others by the time they are read, drop the answer.
//      A kReset gets the batch ids below its `start`.
//   5. `fetches`: send to the leader. Nothing has to be durable before.
//   6. `proposals`: to the metadata; then Replication::proposal_done. Never repeat one by itself.
//   7. `removed`: the copy is no longer wanted: delete it. `quarantined`: it contradicts what is
//      committed: keep its bytes for a person, shout, and register anew as a node whose log is not
//      whole. `registered_anew`: somebody registered this node (most likely its own request of
//      before, late): register again.
//
// What the owner keeps for a restart, in each partition: the batches; from EpochBegan records and
// batches the epochs; {log start, epochs, batch ids} as of every trim and reset, synced before the
// log below goes; now and then, unsynced, {high watermark, losses accepted}.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "metadata/command.h"
#include "replication/message.h"

namespace lynxdb::replication {

// A record that says so. It takes no offset.
struct EpochBegan {
  LeaderEpoch epoch = 0;
  Offset start = 0;
};

struct AppendBatches {
  std::vector<Batch> batches;
};

struct TruncateLog {
  Offset end = 0;
};

// Everything in the log goes; it starts, and ends, at `start`.
struct ResetLog {
  Offset start = 0;
  std::vector<EpochStart> epochs;
  Payload dedup;
};

struct LogChange {
  PartitionId partition;
  Cuts cuts = 0;  // With this change.
  std::variant<EpochBegan, AppendBatches, TruncateLog, ResetLog> what;
};

struct SendFetch {
  NodeId to;
  Fetch fetch;
};

struct SendAnswer {
  NodeId to;
  FetchAnswer answer;
  OffsetRange records;  // For kRecords: empty when there are none.
  Cuts cuts = 0;
};

struct Committed {
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;
  Offset high_watermark = 0;
};

struct LeadershipEnded {
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;
};

struct Proposal {
  ProposalId id = 0;
  metadata::ChangeIsr command;
};

struct Ready {
  std::vector<LeadershipEnded> ended;
  std::vector<LogChange> log;
  std::vector<Committed> committed;  // Only of led partitions.
  std::vector<SendAnswer> answers;
  std::vector<SendFetch> fetches;
  std::vector<Proposal> proposals;
  std::vector<PartitionId> removed;
  std::vector<PartitionId> quarantined;
  bool registered_anew = false;

  bool empty() const {
    return ended.empty() && log.empty() && committed.empty() && answers.empty() &&
           fetches.empty() && proposals.empty() && removed.empty() && quarantined.empty() &&
           !registered_anew;
  }
};

}  // namespace lynxdb::replication
