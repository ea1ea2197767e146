// What an owner may choose, with defaults for a tick of 10 ms.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raft/types.h"

namespace lynxdb::raft {

struct Options {
  NodeId id;

  // A follower that hears no leader for one to two times this stands for election: 0.5 to 1 s.
  std::uint32_t election_ticks = 50;
  std::uint32_t heartbeat_ticks = 5;  // 50 ms.
  // How far two clocks may run apart while a lease lasts. Leases end earlier by that much.
  std::uint32_t clock_drift_percent_max = 10;

  // Of one message; a single larger entry goes alone.
  std::size_t append_bytes_max = 256U << 10U;
  // Sent to one follower and not yet answered.
  std::size_t inflight_bytes_max = 4U << 20U;
  std::size_t inflight_appends_max = 64;
  // Of proposals not yet committed. Beyond it: kOverloaded.
  std::size_t uncommitted_bytes_max = 16U << 20U;
  std::size_t entry_bytes_max = 4U << 20U;
  // Handed out to be applied and not yet reported as applied; at least one entry.
  std::size_t apply_bytes_max = 4U << 20U;
  std::size_t reads_pending_max = 4096;

  std::uint64_t snapshot_chunk_bytes = 256U << 10U;
  std::uint64_t snapshot_chunks_inflight_max = 4;
  // Kept below a snapshot, so that a follower that was away for a moment needs no snapshot.
  Index trailing_entries = 8192;
  // A learner further behind the leader is not promoted: it would halt commits until it caught up.
  Index promotion_lag_max = 1024;
};

}  // namespace lynxdb::raft
