// Changes to the metadata state. Each is compare-and-set: it says what it expects, and changes
// nothing when that is no longer so. Applying one is a pure function: no clock, no randomness.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "metadata/state.h"

namespace lynxdb::metadata {

// The first command of every log.
struct CreateCluster {
  std::string cluster_id;
  std::uint32_t partition_count = 1;
  std::uint32_t replication_factor = 1;
  std::uint32_t min_isr = 1;
};

// The first command, too: a cluster that goes on from what another one left in the object store. It
// has that one's segments, and its partitions' logs begin where they were flushed; nodes and copies
// are its own.
struct RestoreCluster {
  std::string cluster_id;
  std::uint32_t replication_factor = 1;
  std::uint32_t min_isr = 1;
  std::string left{};  // The State of the other, encoded.
};

// Events [expected, flushed) of each partition are now in `segments`, all of them, once.
struct CommitFlush {
  struct Advance {
    PartitionId partition;
    LeaderEpoch leader_epoch = 0;
    Offset expected_offset = 0;  // The partition's flushed_offset now.
    Offset flushed_offset = 0;
  };
  std::vector<Advance> partitions;
  std::vector<SegmentEntry> segments;
};

// Compaction: the same events in other segments. Rows of each partition must agree.
struct ReplaceSegments {
  std::vector<SegmentId> removed;
  std::vector<SegmentEntry> added;
};

// Retention: the events of these segments are gone on purpose.
struct DropSegments {
  std::vector<SegmentId> removed;
};

// --- Nodes ---------------------------------------------------------------------------------------

// A node starts: it gets a new epoch and is fenced until it has caught up. Refused while another
// node of that name lives.
struct RegisterNode {
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint8_t roles = 0;
  std::uint64_t raft_id = 0;
  std::string cluster_address;
  std::string http_address;
  // Its epoch before: 0 when it is new. A registration that comes late, or twice, is refused: it
  // would take leadership from a node that lives and may still answer reads by its lease.
  NodeEpoch expected_epoch = 0;
  // Everything that it reported as durable is still in its log. If not, or if its incarnation is
  // new, it is no longer eligible to lead what it had.
  bool log_is_whole = false;
};

// It fell silent, or stops: it leaves every ISR, and others lead.
struct FenceNode {
  NodeId node;
  NodeEpoch epoch = 0;
};

// It has caught up with the metadata.
struct UnfenceNode {
  NodeId node;
  NodeEpoch epoch = 0;
};

// For good: its member of the Raft group goes, too. It must be fenced and in no partition's
// replicas.
struct RemoveNode {
  NodeId node;
};

// Its copies shall go to others; or they may stay after all.
struct DrainNode {
  NodeId node;
  bool draining = true;
};

// --- Copies of partitions ------------------------------------------------------------------------

// A leader's proposal: these nodes, itself included, have what is committed.
struct ChangeIsr {
  struct Member {
    NodeId node;
    NodeEpoch epoch = 0;
  };
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;
  std::uint32_t partition_epoch = 0;
  std::vector<Member> isr;
};

// Who shall have a copy. Its leader and enough complete copies must stay. Whoever proposes this for
// a node that lives makes sure that it knows of this partition epoch, and so that it does not lead.
struct AssignReplicas {
  PartitionId partition;
  std::uint32_t partition_epoch = 0;
  std::vector<NodeId> replicas;
};

// To another node of the ISR.
struct MoveLeader {
  PartitionId partition;
  LeaderEpoch leader_epoch = 0;
  NodeId to;
};

// A person's decision: a node that may lack committed events leads, for nobody else is left.
struct AcceptLoss {
  PartitionId partition;
  std::uint32_t partition_epoch = 0;
  NodeId leader;
};

// Copies and leaders shall be spread evenly; or they are.
struct WantRebalance {
  bool wanted = true;
};

using Command =
    std::variant<CreateCluster, CommitFlush, ReplaceSegments, DropSegments, RegisterNode, FenceNode,
                 UnfenceNode, RemoveNode, ChangeIsr, AssignReplicas, MoveLeader, AcceptLoss,
                 DrainNode, WantRebalance, RestoreCluster>;

// Of what founds a cluster; "" of other commands.
std::string cluster_id_of(const Command& command);

void encode(const Command& command, std::string& out);
// Errors: kCorruption.
Result<Command> decode_command(std::string_view bytes);

// The state after `command`, one version later. kConflict when the command expects another state
// than this one (stale epoch, moved offset, segment gone, wrong row counts): nothing changes.
Result<State> apply_command(const State& state, const Command& command);

}  // namespace lynxdb::metadata
