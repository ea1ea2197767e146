// The ways from this node to the others' cluster ports.
//
// Raft messages go out by one stream and thread for each member, on a channel of their own: what a
// member does not take waits in a queue, and is dropped when that is full or the way is cut. Calls
// have deadlines and say whether they were certainly not taken (is_not_leader).
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/consensus/raft_group.h"
#include "cluster/rpc/cluster_tls.h"
#include "cluster/rpc/messages.h"
#include "metadata/ids.h"
#include "raft/message.h"

namespace lynxdb::cluster {

class PeerStream;
class PeerCalls;

struct PeerLinksOptions {
  std::string own_address;  // As others reach it.
  ClusterTlsPtr tls{};
  // For each member, of what waits to be sent.
  std::size_t queue_messages_max = 4096;
  std::size_t queue_bytes_max = std::size_t{32} << 20U;
};

// Thread-safe.
class PeerLinks {
 public:
  explicit PeerLinks(PeerLinksOptions options);
  ~PeerLinks();

  // Sent along from then on, so that nodes of two clusters do not mix.
  void set_cluster_id(const std::string& cluster_id);
  void set_peer(const Peer& peer);
  void remove_peer(raft::NodeId raft_id);
  // "" when it is not known.
  std::string address_of(raft::NodeId raft_id) const;

  // May lose it; never blocks.
  void send(raft::Message message);

  Result<Introduction> hello(const std::string& address, const Introduction& own,
                             Deadline deadline);
  Result<JoinReply> join(const std::string& address, const JoinRequest& request, Deadline deadline);
  // Of the leader `at`: the version of the state that the command made.
  Result<metadata::Version> propose(raft::NodeId at, std::string command, Deadline deadline);
  // Of the leader `at`: a version that holds all that was committed before the call.
  Result<metadata::Version> read_version(raft::NodeId at, Deadline deadline);

  // Of the leader `at`, which then knows that the node lives: the version of its state. kConflict:
  // the node's epoch is over, or it is fenced.
  Result<metadata::Version> heartbeat(raft::NodeId at, const Heartbeat& heartbeat,
                                      Deadline deadline);
  Result<metadata::Version> heartbeat(const std::string& address, const Heartbeat& heartbeat,
                                      Deadline deadline);

  // Is there a connection to the address now? One that breaks is seen at once; one that is missing
  // is sought in the background.
  bool has_connection(const std::string& address);

  // Ends what is under way. Idempotent.
  void stop();

 private:
  struct LeaderCall;
  Result<metadata::Version> ask_leader(const std::string& address, Deadline deadline,
                                       const LeaderCall& call);

  struct Way {
    std::string address;
    std::unique_ptr<PeerStream> stream;
  };

  const PeerLinksOptions options_;
  std::unique_ptr<PeerCalls> calls_;
  mutable base::Mutex mutex_;
  std::string cluster_id_ GUARDED_BY(mutex_);
  std::map<raft::NodeId, Way> ways_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace lynxdb::cluster
