// What the nodes of a cluster say of themselves, asked for all the time: whoever looks at one node
// sees all of them at once.
#pragma once

#include <chrono>
#include <map>

#include "base/mutex.h"
#include "base/periodic_thread.h"
#include "cluster/liveness/cluster_metadata.h"
#include "cluster/replica/replica_host.h"
#include "cluster/rpc/data_calls.h"
#include "server/metrics/store_status.h"

namespace lynxdb::instance {

using ReportsByNode = std::map<metadata::NodeId, cluster::NodeReport>;

// This node's own, now.
cluster::NodeReport own_report(const server::StoreMonitor& store,
                               const cluster::ReplicaHost& replicas);

// Thread-safe. All must outlive it.
class ClusterReports {
 public:
  // Asks the others once a second. `own`: which of the nodes this one is, once that is known.
  ClusterReports(cluster::ClusterMetadata& metadata, cluster::DataCalls& calls,
                 std::string own_name, std::function<cluster::NodeReport()> own);

  // Of this node, as it is; of others, as they were some seconds ago. Who did not answer is not
  // there.
  ReportsByNode newest() const EXCLUDES(mutex_);
  // Idempotent.
  void stop() { thread_.stop(); }

 private:
  struct Heard {
    cluster::NodeReport report;
    std::chrono::steady_clock::time_point at;
  };

  void ask_all() EXCLUDES(mutex_);

  cluster::ClusterMetadata& metadata_;
  cluster::DataCalls& calls_;
  const std::string own_name_;
  const std::function<cluster::NodeReport()> own_;
  mutable base::Mutex mutex_;
  std::map<metadata::NodeId, Heard> heard_ GUARDED_BY(mutex_);
  base::PeriodicThread thread_;
};

}  // namespace lynxdb::instance
