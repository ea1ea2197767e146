// What the store says about itself: /stats, /status and /metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/metrics/cluster_status.h"
#include "server/metrics/metrics_text.h"

namespace lynxdb::server {

struct IndexStatus {
  std::string name;
  std::uint64_t events = 0;
  std::uint64_t storage_bytes = 0;
  std::optional<std::int64_t> first_ns;
  std::optional<std::int64_t> last_ns;
  std::string retention;  // When it has its own.
};

// Segments that are complete here and not yet in the object store.
struct PendingUploads {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  double oldest_seconds = 0;  // How long it has waited.
  std::string problem;        // Why the last upload failed; "" when it did not.
};

struct StoreStatus {
  std::uint64_t events = 0;
  std::uint64_t storage_bytes = 0;  // Segments.
  std::uint64_t wal_bytes = 0;
  std::uint64_t segments = 0;
  std::uint64_t memtable_events = 0;
  std::uint64_t disk_total_bytes = 0;  // Of the file system; 0 = unknown.
  std::uint64_t disk_used_bytes = 0;
  PendingUploads pending_uploads;
  std::string retention = "0";  // "7d"; "0" = for ever.
  std::vector<IndexStatus> indexes;
};

// Degraded: events are taken and found, but not for ever (uploads or flushes fail), or their
// senders are asked to wait (429). Unhealthy: events are refused with 503.
enum class HealthState : std::uint8_t { kHealthy, kDegraded, kUnhealthy };
std::string_view to_string(HealthState state);

struct Health {
  HealthState state = HealthState::kHealthy;
  std::string reason;  // Of one that is not healthy.
};

// Thread-safe. Answers at once: nothing is scanned.
class StoreMonitor {
 public:
  virtual ~StoreMonitor() = default;
  virtual StoreStatus status() const = 0;
  virtual Health health() const = 0;
  // Where this node is one of a cluster.
  virtual std::optional<ClusterStatus> cluster() const { return std::nullopt; }
  // Further metrics of its own.
  virtual void write_metrics(MetricsText& out) const = 0;
};

}  // namespace lynxdb::server
