// One picture of everything stored, on any node: the segments of one version of the metadata, and
// at each partition's leader the committed rows behind them, kept there (REPLICATION Q1, Q2).
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "cluster/liveness/cluster_metadata.h"
#include "cluster/rpc/data_calls.h"
#include "cluster/rpc/data_handlers.h"

namespace lynxdb::cluster {

// What one leader keeps of a picture.
struct LeaderTail {
  metadata::NodeId node;
  bool is_own = false;  // Its batches are here.
  TailHold hold;
};

// A partition whose newest events nobody gave.
struct MissingPart {
  metadata::PartitionId partition;
  std::string why;
};

struct ClusterPicture {
  metadata::StatePtr state;
  std::vector<LeaderTail> tails;
  std::vector<MissingPart> missing;  // By partition.
};

// Thread-safe. All must outlive it.
class ClusterReader {
 public:
  // `own`: this node, as `local` answers for it.
  ClusterReader(ClusterMetadata& metadata, DataCalls& calls, DataHandlers& local,
                std::string own_name);

  // Holds all that was acknowledged anywhere before the call. Errors: kUnavailable, partitions that
  // cannot be read before the deadline; with `partial` they are missing instead.
  Result<ClusterPicture> read(Deadline deadline, bool partial = false);
  // The same rows again, of whoever leads now, for a picture whose leader was lost. Errors:
  // kUnavailable.
  Result<std::vector<LeaderTail>> hold_again(metadata::Version version,
                                             const std::vector<HeldPart>& parts, Deadline deadline);
  // Nobody needs it any more. Does not wait.
  void release(const LeaderTail& tail);

  std::unique_ptr<ShareStream> run_share(metadata::NodeId at, std::uint64_t hold,
                                         std::string request, Deadline deadline) {
    return calls_.run_share(at, hold, std::move(request), deadline);
  }
  const std::string& own_name() const { return own_name_; }

 private:
  struct Round;

  void ask_all(Round& round, Deadline deadline);
  void ask(Round& round, metadata::NodeId leader, Deadline deadline);
  void release(Round& round);

  ClusterMetadata& metadata_;
  DataCalls& calls_;
  DataHandlers& local_;
  const std::string own_name_;
  base::ThreadPool pool_;
};

}  // namespace lynxdb::cluster
