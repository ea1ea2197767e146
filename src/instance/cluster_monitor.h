// What a node of a cluster says about itself: its store, and how it stands with the others.
#pragma once

#include <memory>
#include <string>

#include "cluster/membership/metadata_engine.h"
#include "cluster/replica/replica_host.h"
#include "instance/cluster_reports.h"
#include "instance/store_monitor.h"

namespace lynxdb::instance {

// Thread-safe. All must outlive it.
class ClusterMonitor final : public server::StoreMonitor {
 public:
  ClusterMonitor(std::string node_name, StoreMonitor& store, cluster::MetadataEngine& metadata,
                 cluster::ReplicaHost& replicas, const ClusterReports& reports)
      : node_name_(std::move(node_name)),
        store_(store),
        metadata_(metadata),
        replicas_(replicas),
        reports_(reports) {}

  server::StoreStatus status() const override { return store_.status(); }
  server::Health health() const override;
  void write_metrics(server::MetricsText& out) const override;
  std::optional<server::ClusterStatus> cluster() const override;

 private:
  std::uint64_t hash_of(const metadata::State& state) const EXCLUDES(mutex_);

  const std::string node_name_;
  StoreMonitor& store_;
  cluster::MetadataEngine& metadata_;
  cluster::ReplicaHost& replicas_;
  const ClusterReports& reports_;
  mutable base::Mutex mutex_;
  // Of the newest state that was asked for.
  mutable metadata::Version hashed_version_ GUARDED_BY(mutex_) = 0;
  mutable std::uint64_t hash_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::instance
