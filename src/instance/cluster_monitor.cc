#include "instance/cluster_monitor.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "cluster/boot_time.h"

namespace lynxdb::instance {
namespace {

using metadata::NodeId;

std::vector<std::string> role_names(const metadata::NodeEntry& node) {
  constexpr std::array<std::pair<metadata::Role, const char*>, 3> kRoles{
      {{metadata::Role::kMeta, "meta"},
       {metadata::Role::kIngest, "ingest"},
       {metadata::Role::kQuery, "query"}}};
  std::vector<std::string> names;
  for (const auto& [role, name] : kRoles)
    if (node.has(role)) names.emplace_back(name);
  return names;
}

std::string name_of(const metadata::State& state, std::optional<NodeId> node) {
  const auto entry = node ? state.nodes.find(*node) : state.nodes.end();
  return entry == state.nodes.end() ? std::string() : entry->second.name;
}

std::vector<std::string> names_of(const metadata::State& state, const std::vector<NodeId>& nodes) {
  std::vector<std::string> names;
  for (const NodeId node : nodes) names.push_back(name_of(state, node));
  return names;
}

server::ClusterNodeStatus node_status(const metadata::State& state,
                                      const metadata::NodeEntry& node) {
  server::ClusterNodeStatus status{.name = node.name,
                                   .cluster_address = node.cluster_address,
                                   .http_address = node.http_address,
                                   .roles = role_names(node),
                                   .is_alive = !node.fenced,
                                   .is_draining = node.draining,
                                   .epoch = node.epoch};
  for (const auto& [id, partition] : state.partitions) {
    const bool leads = partition.copies.leader == node.id;
    const auto& replicas = partition.copies.replicas;
    const bool keeps = std::find(replicas.begin(), replicas.end(), node.id) != replicas.end();
    status.leads += leads ? 1 : 0;
    status.follows += keeps && !leads ? 1 : 0;
  }
  return status;
}

double lease_seconds(const cluster::ReplicaHost& replicas) {
  const std::int64_t left_ms = replicas.lease_end_ms() - cluster::boot_time_ms();
  return static_cast<double>(std::max<std::int64_t>(left_ms, 0)) / 1000;
}

void count_partitions(const metadata::State& state, server::ClusterStatus& status) {
  const std::size_t ingest_nodes = static_cast<std::size_t>(
      std::count_if(state.nodes.begin(), state.nodes.end(), [](const auto& node) {
        return node.second.has(metadata::Role::kIngest) && !node.second.draining;
      }));
  const std::size_t wanted = std::min<std::size_t>(state.replication_factor, ingest_nodes);
  for (const auto& [id, partition] : state.partitions) {
    const auto& copies = partition.copies;
    status.leaderless += copies.leader ? 0 : 1;
    status.under_min_isr += copies.isr.size() < state.min_isr ? 1 : 0;
    status.under_replicated += copies.isr.size() < wanted ? 1 : 0;
  }
}

using Copy = cluster::NodeReport::Copy;

// What the node says of its copy; null when it says nothing.
const Copy* copy_of(const ReportsByNode& reports, NodeId node, metadata::PartitionId partition) {
  const auto report = reports.find(node);
  if (report == reports.end()) return nullptr;
  const auto& copies = report->second.copies;
  const auto found = std::lower_bound(
      copies.begin(), copies.end(), partition,
      [](const Copy& copy, metadata::PartitionId id) { return copy.partition < id; });
  return found != copies.end() && found->partition == partition ? &*found : nullptr;
}

// What the leader says of its followers, all of one moment.
std::map<NodeId, std::uint64_t> lags_of(const Copy& leader) {
  std::map<NodeId, std::uint64_t> lags;
  for (const auto& follower : leader.followers)
    lags[follower.node] = leader.log_end > follower.log_end ? leader.log_end - follower.log_end : 0;
  return lags;
}

server::ClusterNodeLoad load_of(const cluster::NodeReport& report, std::uint64_t lag_events) {
  return {.pending_segments = report.pending_segments,
          .pending_bytes = report.pending_bytes,
          .pending_seconds = report.pending_seconds,
          .unflushed_events = report.unflushed_events,
          .wal_bytes = report.wal_bytes,
          .disk_used_bytes = report.disk_used_bytes,
          .disk_total_bytes = report.disk_total_bytes,
          .lag_events = lag_events};
}

}  // namespace

std::optional<server::ClusterStatus> ClusterMonitor::cluster() const {
  const metadata::StatePtr state = metadata_.state();
  server::ClusterStatus status{.cluster_id = state->cluster_id,
                               .node = node_name_,
                               .meta_leader = {},
                               .metadata_version = state->version,
                               .metadata_hash = hash_of(*state),
                               .lease_seconds = lease_seconds(replicas_),
                               .replication_factor = state->replication_factor,
                               .min_isr = state->min_isr,
                               .nodes = {},
                               .partitions = {}};
  count_partitions(*state, status);
  const std::string leader = metadata_.leader_address();
  for (const auto& [id, node] : state->nodes) {
    status.nodes.push_back(node_status(*state, node));
    if (node.cluster_address == leader) status.meta_leader = node.name;
  }
  const ReportsByNode reports = reports_.newest();
  const metadata::NodeEntry* const own = metadata::find_node(*state, node_name_);
  std::map<NodeId, std::uint64_t> lag;
  for (const auto& [id, partition] : state->partitions) {
    server::ClusterPartitionStatus& row = status.partitions.emplace_back();
    row.id = id.value();
    row.leader = name_of(*state, partition.copies.leader);
    row.leader_epoch = partition.leader_epoch;
    row.replicas = names_of(*state, partition.copies.replicas);
    row.isr = names_of(*state, partition.copies.isr);
    row.elr = names_of(*state, partition.copies.elr);
    row.flushed_offset = partition.flushed_offset;
    const auto& led_by = partition.copies.leader;
    const Copy* const leading = led_by ? copy_of(reports, *led_by, id) : nullptr;
    const Copy* const known =
        leading == nullptr && own != nullptr ? copy_of(reports, own->id, id) : leading;
    if (known == nullptr) continue;
    row.high_watermark = known->high_watermark;
    row.log_end = known->log_end;
    if (leading == nullptr) continue;
    row.lag_events = 0;
    for (const auto& [node, events] : lags_of(*leading)) {
      row.lag_events = std::max(*row.lag_events, events);
      lag[node] += events;
    }
  }
  auto shown = status.nodes.begin();
  for (const auto& [id, node] : state->nodes) {
    const auto report = reports.find(id);
    if (report != reports.end()) shown->load = load_of(report->second, lag[id]);
    ++shown;
  }
  std::ranges::sort(status.nodes, {}, &server::ClusterNodeStatus::name);
  return status;
}

std::uint64_t ClusterMonitor::hash_of(const metadata::State& state) const {
  const base::MutexLock lock(mutex_);
  if (hashed_version_ != state.version) {
    hash_ = metadata::state_hash(state);
    hashed_version_ = state.version;
  }
  return hash_;
}

server::Health ClusterMonitor::health() const {
  using server::HealthState;
  if (const auto healthy = metadata_.health(); !healthy)
    return {HealthState::kUnhealthy, healthy.error().message};
  if (lease_seconds(replicas_) <= 0)
    return {HealthState::kUnhealthy, "this node has not heard from its cluster lately"};
  const server::Health store = store_.health();
  if (store.state != HealthState::kHealthy) return store;
  server::ClusterStatus status;
  count_partitions(*metadata_.state(), status);
  if (status.leaderless > 0)
    return {HealthState::kDegraded,
            std::to_string(status.leaderless) + " partitions are led by nobody"};
  if (status.under_min_isr > 0)
    return {HealthState::kDegraded, std::to_string(status.under_min_isr) +
                                        " partitions have too few copies to take events"};
  return {};
}

void ClusterMonitor::write_metrics(server::MetricsText& out) const {
  store_.write_metrics(out);
  server::write_metrics(out, *cluster());
}

}  // namespace lynxdb::instance
