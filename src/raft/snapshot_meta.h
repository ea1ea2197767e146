// What a snapshot of the owner's state machine is, without its bytes: those stay with the owner.
#pragma once

#include "raft/configuration.h"

namespace lynxdb::raft {

struct SnapshotMeta {
  // The last entry in it; {0, 0} with the first members: a group that has just been made.
  EntryId last;
  Configuration configuration;  // In force at `last`.
  std::uint64_t size_bytes = 0;

  friend bool operator==(const SnapshotMeta&, const SnapshotMeta&) = default;
};

}  // namespace lynxdb::raft
