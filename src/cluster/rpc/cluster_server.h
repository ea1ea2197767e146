// The cluster port of this node: takes what others say and passes it on to the handlers.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cluster/consensus/raft_group.h"
#include "cluster/rpc/cluster_tls.h"
#include "cluster/rpc/data_handlers.h"
#include "cluster/rpc/messages.h"
#include "metadata/ids.h"
#include "raft/message.h"

namespace lynxdb::cluster {

// Called from any of the server's threads; may block until the deadline.
class ClusterHandlers {
 public:
  virtual ~ClusterHandlers() = default;

  virtual Introduction introduce(const Introduction& from) = 0;
  // Nodes of another cluster are refused: kConflict, with a text for people.
  virtual Result<> admit(const std::string& cluster_id) = 0;
  virtual void receive(raft::Message message) = 0;
  virtual Result<metadata::Version> propose(std::string command, Deadline deadline) = 0;
  virtual Result<metadata::Version> read_version(Deadline deadline) = 0;
  virtual Result<metadata::Version> heartbeat(const Heartbeat& heartbeat) = 0;
  virtual Result<JoinReply> join(const JoinRequest& request, Deadline deadline) = 0;
};

class ClusterServer {
 public:
  // `address`: host:port, port 0 for any. Errors: kIo, the address cannot be had.
  static Result<std::unique_ptr<ClusterServer>> start(const std::string& address,
                                                      ClusterHandlers& handlers,
                                                      const ClusterTlsPtr& tls);
  ~ClusterServer();

  // What answers for the copies of partitions: until it is set, and once it is null, other nodes
  // are told that this one is not ready. When this returns, nobody is in the handlers before.
  void set_data_handlers(DataHandlers* handlers);

  int port() const { return port_; }
  // Ends what is under way. Idempotent.
  void stop();

 private:
  class Service;
  struct Running;
  ClusterServer();

  std::unique_ptr<Running> running_;
  int port_ = 0;
};

}  // namespace lynxdb::cluster
