#include "instance/cluster_reports.h"

#include <utility>

namespace lynxdb::instance {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterval{1000};
// For one that does not answer the others wait.
constexpr milliseconds kPatience{500};
constexpr std::chrono::seconds kForgotten{15};

}  // namespace

cluster::NodeReport own_report(const server::StoreMonitor& store,
                               const cluster::ReplicaHost& replicas) {
  const server::StoreStatus status = store.status();
  cluster::NodeReport report{.pending_segments = status.pending_uploads.segments,
                             .pending_bytes = status.pending_uploads.bytes,
                             .pending_seconds = status.pending_uploads.oldest_seconds,
                             .unflushed_events = status.memtable_events,
                             .wal_bytes = status.wal_bytes,
                             .disk_used_bytes = status.disk_used_bytes,
                             .disk_total_bytes = status.disk_total_bytes,
                             .copies = {}};
  for (const auto& [partition, copy] : replicas.status()) {
    auto& entry = report.copies.emplace_back(
        cluster::NodeReport::Copy{partition, copy.high_watermark, copy.log_end, {}});
    for (const auto& [node, log_end] : copy.followers) entry.followers.push_back({node, log_end});
  }
  return report;
}

ClusterReports::ClusterReports(cluster::ClusterMetadata& metadata, cluster::DataCalls& calls,
                               std::string own_name, std::function<cluster::NodeReport()> own)
    : metadata_(metadata), calls_(calls), own_name_(std::move(own_name)), own_(std::move(own)) {
  thread_.start([this] {
    ask_all();
    return kInterval;
  });
}

void ClusterReports::ask_all() {
  const metadata::StatePtr state = metadata_.state();
  for (const auto& [id, node] : state->nodes) {
    if (node.name == own_name_ || node.fenced) continue;
    auto report = calls_.report(id, std::chrono::steady_clock::now() + kPatience);
    if (!report) continue;
    const base::MutexLock lock(mutex_);
    heard_[id] = {*std::move(report), std::chrono::steady_clock::now()};
  }
  const base::MutexLock lock(mutex_);
  std::erase_if(heard_, [&](const auto& heard) {
    return heard.second.at + kForgotten < std::chrono::steady_clock::now();
  });
}

ReportsByNode ClusterReports::newest() const {
  const metadata::StatePtr state = metadata_.state();
  ReportsByNode reports;
  if (const auto* own = metadata::find_node(*state, own_name_)) reports.emplace(own->id, own_());
  const base::MutexLock lock(mutex_);
  for (const auto& [id, heard] : heard_) reports.emplace(id, heard.report);
  return reports;
}

}  // namespace lynxdb::instance
