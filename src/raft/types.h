// The names of what a Raft group counts and keeps: nodes, terms, indexes, entries, hard state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/ids.h"

namespace lynxdb::raft {

// 0 is nobody. A node whose disk was wiped must come back under another id: its votes are
// forgotten.
struct NodeTag;
using NodeId = base::StrongId<NodeTag>;
inline constexpr NodeId kNobody{};

struct TermTag;
using Term = base::StrongId<TermTag>;

// Position of an entry in the log, from 1; 0 is the place before the first.
using Index = std::uint64_t;
// Far below overflow: sums of an index and a count of entries need no check.
inline constexpr Index kIndexMax = Index{1} << 62U;

// Says which entry: no two entries of a group have both in common.
struct EntryId {
  Index index = 0;
  Term term;

  friend bool operator==(const EntryId&, const EntryId&) = default;
};

// Never given another meaning: old logs hold them.
enum class EntryKind : std::uint8_t {
  kNoOp = 1,           // The first entry of a term (dissertation, section 6.4).
  kCommand = 2,        // The owner's.
  kConfiguration = 3,  // Members from here on (configuration.h).
};

// Shared, not copied, between the log, messages on their way and what is applied. Null is empty.
using Payload = std::shared_ptr<const std::string>;

struct Entry {
  Index index = 0;
  Term term;
  EntryKind kind = EntryKind::kNoOp;
  Payload payload;

  EntryId id() const { return {index, term}; }
};

// What an entry counts in the limits: its payload and what is kept around it.
inline std::size_t size_bytes(const Entry& entry) {
  constexpr std::size_t kAround = 48;
  return kAround + (entry.payload ? entry.payload->size() : 0);
}

// What a node must not forget. `term` and `vote` are durable before any message that depends on
// them leaves; `commit` is a hint that spares work after a restart, and never beyond the durable
// log.
struct HardState {
  Term term;
  NodeId vote;
  Index commit = 0;

  friend bool operator==(const HardState&, const HardState&) = default;
};

}  // namespace lynxdb::raft
