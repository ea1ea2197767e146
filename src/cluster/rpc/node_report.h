// What only a node itself knows of how it does: the others ask it when somebody wants to see it.
#pragma once

#include <cstdint>
#include <vector>

#include "metadata/ids.h"

namespace lynxdb::cluster {

struct NodeReport {
  struct Follower {
    metadata::NodeId node;
    metadata::Offset log_end = 0;  // Durable.
  };
  struct Copy {
    metadata::PartitionId partition;
    metadata::Offset high_watermark = 0;
    metadata::Offset log_end = 0;
    std::vector<Follower> followers;  // Of one that leads: those that go along.
  };

  std::uint64_t pending_segments = 0;  // Complete, and not in the object store yet.
  std::uint64_t pending_bytes = 0;
  double pending_seconds = 0;          // How long the oldest has waited.
  std::uint64_t unflushed_events = 0;  // In memory, as leader and follower.
  std::uint64_t wal_bytes = 0;
  std::uint64_t disk_used_bytes = 0;   // Of the file system of its data directory.
  std::uint64_t disk_total_bytes = 0;  // 0: unknown.
  std::vector<Copy> copies;            // By partition.
};

}  // namespace lynxdb::cluster
