// The names of what the copies of a partition's log count and exchange.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "metadata/ids.h"

namespace lynxdb::replication {

using metadata::LeaderEpoch;
using metadata::NodeEpoch;
using metadata::NodeId;
using metadata::Offset;
using metadata::OffsetRange;
using metadata::PartitionId;
using metadata::Version;

// Milliseconds of CLOCK_BOOTTIME of this node: goes on while the process or the machine sleeps.
using TimeMs = std::int64_t;

// How often a log was cut (truncated or reset) in this life of the node. What was written before a
// cut says nothing of what is at the same offsets now.
using Cuts = std::uint64_t;

// Tells a node's proposals to the metadata apart.
using ProposalId = std::uint64_t;

// The owner's bytes: shared, not copied, between messages and what is written. Null is empty.
using Payload = std::shared_ptr<const std::string>;

// The unit that is appended, replicated and truncated as a whole. Whatever else belongs to it
// (batch id, crc) is in its payload.
struct Batch {
  Offset base = 0;
  std::uint32_t count = 0;  // Events, at least 1.
  LeaderEpoch epoch = 0;    // Of the leader that appended it.
  Payload payload;

  Offset end() const { return base + count; }
};

}  // namespace lynxdb::replication
