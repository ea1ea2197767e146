// A metadata store that several nodes share, as those parts of a node see it that keep it alive in
// its cluster: whichever engine is behind it.
#pragma once

#include <functional>

#include "cluster/consensus/raft_group.h"
#include "cluster/rpc/messages.h"
#include "metadata/metadata_store.h"

namespace lynxdb::cluster {

// Thread-safe.
class ClusterMetadata : public metadata::MetadataStore {
 public:
  using HeartbeatHandler = std::function<Result<metadata::Version>(const Heartbeat&)>;

  // A state that holds all that was committed anywhere when this was called. Errors: kUnavailable,
  // kTimeout.
  virtual Result<metadata::StatePtr> read_state(Deadline deadline) = 0;

  // Is this the node that decides who is dead? A majority has agreed lately.
  virtual bool leads() const = 0;

  // To the node that leads. The version of its state; kConflict: the node is fenced, or this life
  // of it is over.
  virtual Result<metadata::Version> send_heartbeat(const Heartbeat& heartbeat,
                                                   Deadline deadline) = 0;
  // What this node does with heartbeats while it leads. When this returns, nobody is in the handler
  // before.
  virtual void set_heartbeat_handler(HeartbeatHandler handler) = 0;
};

}  // namespace lynxdb::cluster
