// What cluster.proto says, as plain structs: nothing outside this folder sees gRPC.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metadata/ids.h"
#include "raft/types.h"

namespace lynxdb::cluster {

inline constexpr std::uint32_t kClusterProtocol = 1;

struct Peer {
  raft::NodeId raft_id;
  std::string address;  // host:port
};

// What a node says of itself.
struct Introduction {
  std::uint32_t protocol = kClusterProtocol;
  std::string node_name;
  std::uint64_t incarnation = 0;
  std::string cluster_id;  // Empty: it belongs to none yet.
  bool in_group = false;   // It has begun to take part in a Raft group.
  std::uint64_t seeds_hash = 0;
  std::int64_t wall_ms = 0;
  std::vector<Peer> members;  // That it knows of, when in_group.
};

struct JoinRequest {
  std::string node_name;
  std::uint64_t incarnation = 0;
  std::string cluster_id;  // Empty: none yet.
  raft::NodeId raft_id;    // Never used before.
  raft::NodeId replaces;   // The id of this seed that it does not have any more, or kNobody.
  std::string address;
  bool meta = false;  // May vote.
};

// A node's sign of life.
struct Heartbeat {
  metadata::NodeId node;
  metadata::NodeEpoch epoch = 0;
};

struct JoinReply {
  std::string cluster_id;
  std::vector<Peer> members;
};

}  // namespace lynxdb::cluster
