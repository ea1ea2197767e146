// The whole cluster as the place where the server reads events, and this node as one that runs
// parts of others' queries.
#pragma once

#include <chrono>
#include <memory>

#include "cluster/route/cluster_reader.h"
#include "cluster/route/leader_service.h"
#include "config/server_config.h"
#include "gather/nodes.h"
#include "gather/share_runner.h"
#include "scan/segment_opener.h"
#include "server/query/event_reader.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Thread-safe. All must outlive it.
class GatheringReader final : public server::EventReader {
 public:
  GatheringReader(cluster::ClusterReader& reader, storage::Store& store,
                  scan::SegmentOpener& segments, const config::ServerConfig& config);

  Result<std::shared_ptr<server::QueryView>> view() override { return view_with({}); }
  Result<std::shared_ptr<server::QueryView>> view_with(const server::ViewOptions& options) override;

 private:
  cluster::ClusterReader& reader_;
  storage::Store& store_;
  scan::SegmentOpener& segments_;
  gather::ClusterNodes nodes_;
  const std::string own_name_;
  const std::chrono::milliseconds timeout_;
};

gather::ShareRunnerOptions share_runner_options(const config::ServerConfig& config);

// `runner` must outlive the service's calls.
void run_shares(cluster::LeaderService& service, gather::ShareRunner& runner,
                const config::ServerConfig& config);

}  // namespace lynxdb::instance
