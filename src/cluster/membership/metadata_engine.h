// A metadata store of a cluster together with this node's membership: what a node is built on,
// whichever engine agrees on the metadata.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cluster/liveness/cluster_metadata.h"
#include "cluster/rpc/data_handlers.h"
#include "cluster/rpc/peer_links.h"
#include "metadata/command.h"

namespace lynxdb::cluster {

enum class Severity : std::uint8_t { kInfo, kWarning, kError };
using Log = std::function<void(Severity, std::string_view)>;

// The command that founds a cluster, from the one that creates an empty one; called again until it
// succeeds. May block for seconds.
using Founding = std::function<Result<metadata::Command>(metadata::CreateCluster)>;
inline Result<metadata::Command> found_empty(metadata::CreateCluster create) {
  return metadata::Command(std::move(create));
}

// Thread-safe.
class MetadataEngine : public ClusterMetadata {
 public:
  // Once this node is a member of a cluster that has been created; or why that is not so yet.
  virtual Result<metadata::StatePtr> wait_formed(Deadline deadline) = 0;

  // Of the data directory.
  virtual std::uint64_t incarnation() const = 0;
  // metadata::NodeEntry::raft_id of this node: never that of a node that was removed.
  virtual std::uint64_t member_id() const = 0;
  // Of the node that leads; empty when that is not known.
  virtual std::string leader_address() const = 0;

  // See ClusterServer.
  virtual void set_data_handlers(DataHandlers* handlers) = 0;
  virtual int port() const = 0;
  virtual PeerLinks& links() = 0;

  // To another node, when this one leads. Errors: kUnavailable, kTimeout.
  virtual Result<> hand_over(Deadline deadline) = 0;
  // Takes part no more. Idempotent.
  virtual void stop() = 0;
};

}  // namespace lynxdb::cluster
