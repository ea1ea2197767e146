// Carries out what a person asks of the cluster: checks it, says what will move, and proposes it.
// The placement loop of the node that leads the metadata does the moving.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/thread_pool.h"
#include "cluster/liveness/cluster_metadata.h"
#include "cluster/placement/placement.h"
#include "server/cluster/cluster_admin.h"

namespace lynxdb::instance {

class ClusterAdmin final : public server::ClusterAdmin {
 public:
  // `metadata` must outlive it. The destructor waits for what is under way.
  ClusterAdmin(cluster::ClusterMetadata& metadata, std::chrono::milliseconds timeout)
      : metadata_(metadata), timeout_(timeout) {}

  void carry_out(server::ClusterWish wish, Done done) override;

 private:
  Result<server::ClusterPlan> carry_out(const server::ClusterWish& wish);
  Result<server::ClusterPlan> rebalance(const metadata::State& state, bool dry_run);
  Result<server::ClusterPlan> drain(const metadata::State& state, const server::ClusterWish& wish);
  Result<server::ClusterPlan> remove(const metadata::State& state, const server::ClusterWish& wish);
  Result<server::ClusterPlan> recover(const metadata::State& state,
                                      const server::ClusterWish& wish);

  cluster::ClusterMetadata& metadata_;
  const std::chrono::milliseconds timeout_;
  base::ThreadPool pool_{1, 16};
};

}  // namespace lynxdb::instance
