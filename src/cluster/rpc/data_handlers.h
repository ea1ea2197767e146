// What other nodes ask of a node's copies of partitions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/consensus/raft_group.h"
#include "cluster/rpc/node_report.h"
#include "cluster/rpc/replica_codec.h"
#include "storage/store.h"

namespace lynxdb::cluster {

// Rows that a reader has to get from the leader of their partition: those from `flushed` on, up to
// what is committed now, or to what another leader had said.
struct TailQuestion {
  metadata::PartitionId partition;
  metadata::Offset flushed = 0;
  std::optional<metadata::Offset> end{};
};

struct HeldPart {
  metadata::PartitionId partition;
  metadata::OffsetRange offsets;
};

// Rows that a leader keeps for a reader, whatever is flushed meanwhile.
struct TailHold {
  // Above the version that was asked for: the reader has to go by this one, and nothing is held.
  metadata::Version newer_version = 0;
  std::uint64_t id = 0;
  std::vector<HeldPart> parts;       // As they were asked for.
  std::uint64_t rows = 0;            // Of all parts.
  std::vector<std::string> indexes;  // That they are in; sorted.
  // The rows, by partition, then offset: for readers on the same node.
  std::vector<storage::TailBatchPtr> batches;
};

// A part of a query that runs here for a reader elsewhere (src/gather gives bytes their meaning).
struct ShareOutput {
  std::function<bool(std::string frame)> send;  // False: nobody wants more.
  std::function<bool()> cancelled;
};
using ShareTask = std::function<Result<>(const ShareOutput& out)>;

using AppendOutcomes = std::vector<Result<storage::Appended>>;

// Called from any of the server's threads; may block until the deadline.
class DataHandlers {
 public:
  virtual ~DataHandlers() = default;

  virtual void receive(ReplicaMessage message) = 0;
  // An outcome for each, in their order. kUnavailable: tried again, perhaps elsewhere, with the
  // same batch id, it does no harm.
  virtual AppendOutcomes append(std::vector<storage::AppendRequest> requests,
                                Deadline deadline) = 0;
  // kUnavailable: this node does not lead all of them, or may not answer for it now.
  virtual Result<TailHold> hold_tail(metadata::Version version,
                                     const std::vector<TailQuestion>& questions,
                                     Deadline deadline) = 0;
  virtual void release_tail(std::uint64_t hold) = 0;
  // Work over the rows of a hold (0: none), to be done when no handler is held any more. kConflict:
  // they are not kept any longer. kUnavailable: too much of that kind is under way.
  virtual Result<ShareTask> open_share(std::uint64_t hold, std::string request,
                                       Deadline deadline) = 0;
  virtual NodeReport report() = 0;
};

}  // namespace lynxdb::cluster
