// What a node knows of its cluster: /cluster/status, /cluster/partitions, /status and /metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/json_writer.h"
#include "server/metrics/metrics_text.h"

namespace lynxdb::server {

// What a node says of itself.
struct ClusterNodeLoad {
  std::uint64_t pending_segments = 0;  // Complete, and not in the object store yet.
  std::uint64_t pending_bytes = 0;
  double pending_seconds = 0;  // How long the oldest has waited.
  std::uint64_t unflushed_events = 0;
  std::uint64_t wal_bytes = 0;
  std::uint64_t disk_used_bytes = 0;
  std::uint64_t disk_total_bytes = 0;  // 0: unknown.
  std::uint64_t lag_events = 0;        // Of its copies, behind their leaders.
};

struct ClusterNodeStatus {
  std::string name;
  std::string cluster_address;
  std::string http_address;
  std::vector<std::string> roles;
  bool is_alive = false;     // Not fenced: it has been heard of lately.
  bool is_draining = false;  // It gives its copies away.
  std::uint32_t epoch = 0;
  std::uint64_t leads = 0;                // Partitions.
  std::uint64_t follows = 0;              // The same: copies that it keeps and does not lead.
  std::optional<ClusterNodeLoad> load{};  // Of those that said it lately.
};

struct ClusterPartitionStatus {
  std::uint32_t id = 0;
  std::string leader;  // Node names; "" when there is none.
  std::uint32_t leader_epoch = 0;
  std::vector<std::string> replicas;
  std::vector<std::string> isr;
  std::vector<std::string> elr;
  std::uint64_t flushed_offset = 0;
  // The leader's, when it is known; else of this node's copy, if it keeps one.
  std::optional<std::uint64_t> high_watermark;
  std::optional<std::uint64_t> log_end;
  std::optional<std::uint64_t> lag_events;  // Of the copy that is furthest behind, as far as known.
};

struct ClusterStatus {
  std::string cluster_id;
  std::string node;         // This one.
  std::string meta_leader;  // "" when it is not known.
  std::uint64_t metadata_version = 0;
  std::uint64_t metadata_hash = 0;  // Of that version: the same on all nodes.
  double lease_seconds = 0;  // What is left; 0: this node may not answer for what it leads.
  std::uint32_t replication_factor = 0;
  std::uint32_t min_isr = 0;
  std::uint64_t leaderless = 0;        // Partitions that take no events, and cannot be read.
  std::uint64_t under_min_isr = 0;     // Partitions that take no events.
  std::uint64_t under_replicated = 0;  // Fewer copies in sync than there should be.
  std::vector<ClusterNodeStatus> nodes;
  std::vector<ClusterPartitionStatus> partitions;
};

// "healthy", "degraded" or "unavailable" (no partition has a leader, or nobody leads the metadata).
std::string_view state_of(const ClusterStatus& status);

// Members of an object that is open.
void write_members(JsonWriter& out, const ClusterStatus& status);
void write_json(JsonWriter& out, const std::vector<ClusterPartitionStatus>& partitions);
void write_metrics(MetricsText& out, const ClusterStatus& status);

}  // namespace lynxdb::server
