// What this node asks of the copies of partitions on others: one-way messages between copies,
// writes and reads that another node leads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/rpc/cluster_tls.h"
#include "cluster/rpc/data_handlers.h"
#include "cluster/rpc/share_stream.h"
#include "metadata/state.h"

namespace lynxdb::cluster {

class PeerCalls;
class PeerStream;

struct DataCallsOptions {
  std::string own_address;
  ClusterTlsPtr tls{};
  std::string cluster_id;
  // For each node, of what waits to be sent: messages beyond it are dropped, as if lost.
  std::size_t queue_messages_max = 16'384;
  std::size_t queue_bytes_max = std::size_t{64} << 20U;
};

// Thread-safe.
class DataCalls {
 public:
  explicit DataCalls(DataCallsOptions options);
  ~DataCalls();

  // Where the nodes are.
  void update(const metadata::State& state) EXCLUDES(mutex_);

  // May lose it; never blocks.
  void send(const ReplicaMessage& message) EXCLUDES(mutex_);

  // As DataHandlers says, of another node. Outcomes that are not known are kUnavailable.
  AppendOutcomes append(metadata::NodeId at, const std::vector<storage::AppendRequest>& requests,
                        Deadline deadline);
  Result<TailHold> hold_tail(metadata::NodeId at, metadata::Version version,
                             const std::vector<TailQuestion>& questions, Deadline deadline);
  // May get lost: holds end by themselves, too.
  void release_tail(metadata::NodeId at, std::uint64_t hold, Deadline deadline);
  // Does not wait for anything; its errors show at the first next(). Must not outlive this.
  std::unique_ptr<ShareStream> run_share(metadata::NodeId at, std::uint64_t hold,
                                         std::string request, Deadline deadline);

  Result<NodeReport> report(metadata::NodeId at, Deadline deadline);

  // Ends what is under way. Idempotent.
  void stop() EXCLUDES(mutex_);

 private:
  struct Way {
    std::string address;
    std::unique_ptr<PeerStream> stream;
  };

  std::string address_of(metadata::NodeId node) EXCLUDES(mutex_);

  const DataCallsOptions options_;
  std::unique_ptr<PeerCalls> calls_;
  base::Mutex mutex_;
  std::map<metadata::NodeId, Way> ways_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace lynxdb::cluster
