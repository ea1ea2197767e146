// The copies of partitions on one node, as a deterministic core without thread, clock, socket or
// file of its own: who leads, what followers fetch, how far events are committed, who is in sync.
// Kafka's protocol (KIP-101, 279, 320, 497, 841, 903, 966), with the old part of each log in an
// object store. docs/decisions/010-replication.md says why it is safe.
//
// Its owner feeds it the metadata, its clock, messages and reports of its log, and carries out the
// Ready that follows (ready.h). Everything of one node goes through one Replication, guarded by one
// lock of the owner's. Broken invariants end the process (LYNXDB_CHECK).
//
// An owner that was stopped calls tick() before anything else.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "metadata/state.h"
#include "replication/lease.h"
#include "replication/options.h"
#include "replication/partition_replica.h"
#include "replication/ready.h"

namespace lynxdb::replication {

// May a leader take a batch, or a strict read begin, or end?
enum class Admission : std::uint8_t {
  kYes = 1,
  kNotLeader = 2,
  kNoLease = 3,
  kTooFewCopies = 4,  // Fewer than min_isr are in sync: nothing would be committed.
  kCatchingUp = 5,    // Reads: what a former leader acknowledged may not be visible yet.
};

struct Placed {
  Admission admission = Admission::kNotLeader;
  LeaderEpoch leader_epoch = 0;
  Offset base = 0;
  Cuts cuts = 0;
};

class Replication {
 public:
  explicit Replication(Options options) : options_(options), lease_(options.lease_ms) {}

  // --- Start -------------------------------------------------------------------------------------

  // Before everything else: what the node's log holds. A copy that the metadata does not know of is
  // removed with the first state.
  void restore(PartitionId partition, const Restored& restored);
  // The node has registered: a new life. It leads nothing until metadata that was agreed upon in
  // this life says so. May come again.
  void register_as(NodeId node, NodeEpoch epoch);

  // --- Input -------------------------------------------------------------------------------------

  void tick(TimeMs now);
  // Older versions than the last are ignored; any may be left out.
  void apply(const metadata::State& state);
  // A heartbeat sent at `sent_at` (by this node's clock) was answered by a meta leader that knew
  // this node by its present epoch, and not as fenced, and had applied `version`.
  void heartbeat_answered(TimeMs sent_at, Version version);

  // A batch takes its place at the log's end; queue it for the write-ahead log at once. What
  // waited for a batch of another epoch is the owner's business (Ready::ended).
  Placed append(PartitionId partition, std::uint32_t count, TimeMs now);
  // Everything below `end` is synced, as of `cuts` (from Placed or LogChange). Also after changes
  // that move no offset: truncations and resets.
  void durable(PartitionId partition, Cuts cuts, Offset end);
  // The log starts at `start` now: at most trimmable(), at a batch's end.
  void trimmed(PartitionId partition, Offset start);

  void receive(NodeId from, const Fetch& fetch);
  void receive(NodeId from, FetchAnswer answer);
  void proposal_done(PartitionId partition, ProposalId id, ProposalOutcome outcome);

  // What is to be done since the last one.
  Ready take_ready();

  // --- Questions ---------------------------------------------------------------------------------

  // Batches that Committed covers are acknowledged while this is kYes for the epoch they were
  // appended in. If not, the outcome is unknown to whoever waits.
  Admission may_acknowledge(PartitionId partition, LeaderEpoch epoch, TimeMs now) const;
  // Ask before a read takes the high watermark, and, with the same epoch, once it has its rows.
  Admission may_read_strictly(PartitionId partition, LeaderEpoch epoch, TimeMs now) const;
  // [flushed, high watermark) of a partition led here; empty when there is nothing to flush yet.
  // A flush ends at a batch's end, and commits with `leader_epoch`.
  OffsetRange flushable(PartitionId partition) const;
  // The log below may go, once nobody reads it.
  Offset trimmable(PartitionId partition) const;
  // Nullopt: there is no copy here.
  std::optional<ReplicaStatus> status(PartitionId partition) const;
  std::vector<PartitionId> partitions() const;
  TimeMs lease_end() const { return lease_.end(); }
  Version version() const { return version_; }

 private:
  const PartitionReplica* find(PartitionId partition) const;
  PartitionReplica* touch(PartitionId partition);
  void touch_all();
  void forget_removed(const metadata::State& state);

  Options options_;
  Self self_;
  Lease lease_;
  Version version_ = 0;
  bool ticked_ = false;
  bool registered_anew_ = false;  // Said so already.
  std::map<PartitionId, PartitionReplica> replicas_;
  std::set<PartitionId> touched_;  // Something came in since the last Ready.
  ProposalId next_proposal_ = 1;
  Ready out_;
};

}  // namespace lynxdb::replication
