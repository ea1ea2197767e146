// A node of the cluster, as all nodes know it.
#pragma once

#include <cstdint>
#include <string>

#include "metadata/ids.h"

namespace lynxdb::metadata {

enum class Role : std::uint8_t { kMeta = 1, kIngest = 2, kQuery = 4 };

struct NodeEntry {
  NodeId id;
  std::string name;  // cluster.node_id; unique.
  // Random, made with the data directory: another one is an empty disk under an old name.
  std::uint64_t incarnation = 0;
  NodeEpoch epoch = 0;
  // From its registration until it has caught up, and from when it fell silent: it leads nothing
  // and is in no ISR.
  bool fenced = true;
  // A person's wish: its copies go to others, and once it stops without any it is forgotten.
  bool draining = false;
  std::uint8_t roles = 0;     // Of Role.
  std::uint64_t raft_id = 0;  // Its member of the Raft group; with another engine, its incarnation.
  std::string cluster_address;
  std::string http_address;

  bool has(Role role) const { return (roles & static_cast<std::uint8_t>(role)) != 0; }
  friend bool operator==(const NodeEntry&, const NodeEntry&) = default;
};

inline constexpr std::uint8_t kAllRoles = 7;

}  // namespace lynxdb::metadata
