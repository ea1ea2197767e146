#include "server/metrics/cluster_status.h"

#include <fmt/format.h>

#include <algorithm>

namespace lynxdb::server {
namespace {

void write_names(JsonWriter& out, std::string_view name, const std::vector<std::string>& names) {
  out.name(name).begin_array();
  for (const std::string& text : names) out.string(text);
  out.end_array();
}

std::string_view state_of(const ClusterNodeStatus& node) {
  if (!node.is_alive) return "fenced";
  return node.is_draining ? "draining" : "alive";
}

void write_load(JsonWriter& out, const ClusterNodeLoad& load) {
  out.member("lag_events", load.lag_events);
  out.name("uploads").begin_object().member("pending", load.pending_segments);
  out.member("pending_bytes", load.pending_bytes);
  out.member("oldest_seconds", load.pending_seconds).end_object();
  out.member("unflushed_events", load.unflushed_events).member("wal_bytes", load.wal_bytes);
  out.name("disk").begin_object().member("used_bytes", load.disk_used_bytes);
  out.member("total_bytes", load.disk_total_bytes).end_object();
}

void write_node(JsonWriter& out, const ClusterNodeStatus& node) {
  out.begin_object().member("node_id", node.name).member("address", node.cluster_address);
  out.member("http_address", node.http_address);
  write_names(out, "roles", node.roles);
  out.member("state", state_of(node)).member("node_epoch", node.epoch);
  out.member("partitions_led", node.leads).member("partitions_followed", node.follows);
  if (node.load) write_load(out, *node.load);
  out.end_object();
}

void write_offset(JsonWriter& out, std::string_view name,
                  const std::optional<std::uint64_t>& offset) {
  out.name(name);
  if (offset) {
    out.number(*offset);
  } else {
    out.null();
  }
}

}  // namespace

std::string_view state_of(const ClusterStatus& status) {
  const bool is_formed = !status.partitions.empty() && !status.meta_leader.empty();
  if (!is_formed || status.leaderless == status.partitions.size()) return "unavailable";
  const bool is_whole = status.leaderless + status.under_min_isr + status.under_replicated == 0;
  return is_whole ? "healthy" : "degraded";
}

void write_members(JsonWriter& out, const ClusterStatus& status) {
  out.member("cluster_id", status.cluster_id).member("status", state_of(status));
  out.member("node_id", status.node).member("meta_leader", status.meta_leader);
  out.member("metadata_version", status.metadata_version);
  out.member("metadata_hash", fmt::format("{:016x}", status.metadata_hash));
  out.member("lease_seconds", status.lease_seconds);
  out.member("replication_factor", status.replication_factor).member("min_isr", status.min_isr);
  out.name("nodes").begin_array();
  for (const ClusterNodeStatus& node : status.nodes) write_node(out, node);
  out.end_array().name("partitions").begin_object();
  out.member("total", status.partitions.size()).member("leaderless", status.leaderless);
  out.member("under_replicated", status.under_replicated);
  out.member("under_min_isr", status.under_min_isr).end_object();
  out.member("node_count", status.nodes.size());
}

void write_json(JsonWriter& out, const std::vector<ClusterPartitionStatus>& partitions) {
  out.begin_array();
  for (const ClusterPartitionStatus& partition : partitions) {
    out.begin_object().member("partition", partition.id).member("leader", partition.leader);
    out.member("leader_epoch", partition.leader_epoch);
    write_names(out, "isr", partition.isr);
    write_names(out, "elr", partition.elr);
    write_names(out, "replicas", partition.replicas);
    out.member("flushed_offset", partition.flushed_offset);
    write_offset(out, "high_watermark", partition.high_watermark);
    write_offset(out, "log_end", partition.log_end);
    write_offset(out, "lag_events", partition.lag_events);
    out.end_object();
  }
  out.end_array();
}

void write_metrics(MetricsText& out, const ClusterStatus& status) {
  std::uint64_t alive = 0;
  std::uint64_t lag = 0;
  for (const ClusterNodeStatus& node : status.nodes) {
    alive += node.is_alive ? 1 : 0;
    if (node.load && node.name == status.node) lag = node.load->lag_events;
  }
  std::uint64_t led = 0;
  std::uint64_t copies = 0;
  std::uint64_t uncommitted = 0;
  for (const ClusterPartitionStatus& partition : status.partitions) {
    const auto& replicas = partition.replicas;
    copies += std::find(replicas.begin(), replicas.end(), status.node) == replicas.end() ? 0 : 1;
    if (partition.leader != status.node) continue;
    ++led;
    if (partition.log_end) uncommitted += *partition.log_end - *partition.high_watermark;
  }
  out.gauge("cluster_nodes", "Nodes of the cluster.", status.nodes.size())
      .gauge("cluster_alive_nodes", "Nodes that were heard of lately.", alive)
      .gauge("cluster_has_meta_leader", "1 while this node knows who leads the metadata.",
             status.meta_leader.empty() ? 0 : 1)
      .gauge("cluster_metadata_version", "Of the metadata that this node goes by.",
             status.metadata_version)
      .gauge("cluster_lease_seconds", "How long this node may still answer for what it leads.",
             status.lease_seconds)
      .gauge("cluster_partitions", "Partitions.", status.partitions.size())
      .gauge("cluster_leaderless_partitions", "Partitions that nobody leads.", status.leaderless)
      .gauge("cluster_under_min_isr_partitions", "Partitions that take no events.",
             status.under_min_isr)
      .gauge("cluster_under_replicated_partitions",
             "Partitions with fewer copies in sync than there should be.", status.under_replicated)
      .gauge("cluster_led_partitions", "Partitions that this node leads.", led)
      .gauge("cluster_copies", "Copies of partitions that this node keeps.", copies)
      .gauge("cluster_lag_events", "Events that this node's copies are behind their leaders.", lag)
      .gauge("cluster_uncommitted_events", "Events of led partitions that wait for other nodes.",
             uncommitted);
}

}  // namespace lynxdb::server
