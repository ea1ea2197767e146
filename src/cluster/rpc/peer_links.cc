#include "cluster/rpc/peer_links.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cluster/rpc/convert.h"
#include "cluster/rpc/peer_calls.h"
#include "cluster/rpc/peer_stream.h"
#include "raft/message_codec.h"

namespace lynxdb::cluster {
namespace {

constexpr int kCallPurpose = 2;

}  // namespace

struct PeerLinks::LeaderCall : std::function<grpc::Status(v1::Cluster::Stub&, grpc::ClientContext&,
                                                          const std::string&, v1::ProposeReply&)> {
  using function::function;
};

PeerLinks::PeerLinks(PeerLinksOptions options)
    : options_(std::move(options)),
      calls_(std::make_unique<PeerCalls>(kCallPurpose, options_.tls)) {}

PeerLinks::~PeerLinks() { stop(); }

void PeerLinks::stop() {
  calls_->stop();
  std::map<raft::NodeId, Way> ways;
  const base::MutexLock lock(mutex_);
  stopped_ = true;
  // The streams' threads never take this mutex.
  ways.swap(ways_);
}

void PeerLinks::set_cluster_id(const std::string& cluster_id) {
  const base::MutexLock lock(mutex_);
  if (cluster_id_ == cluster_id) return;
  cluster_id_ = cluster_id;
  for (auto& [id, way] : ways_)
    if (way.stream != nullptr) way.stream->set_cluster_id(cluster_id);
}

void PeerLinks::set_peer(const Peer& peer) {
  const base::MutexLock lock(mutex_);
  Way& way = ways_[peer.raft_id];
  if (way.address == peer.address) return;
  way.stream.reset();
  way.address = peer.address;
}

void PeerLinks::remove_peer(raft::NodeId raft_id) {
  const base::MutexLock lock(mutex_);
  ways_.erase(raft_id);
}

std::string PeerLinks::address_of(raft::NodeId raft_id) const {
  const base::MutexLock lock(mutex_);
  const auto way = ways_.find(raft_id);
  return way == ways_.end() ? std::string() : way->second.address;
}

void PeerLinks::send(raft::Message message) {
  const base::MutexLock lock(mutex_);
  const auto way = ways_.find(message.to);
  if (stopped_ || way == ways_.end()) return;
  if (way->second.stream == nullptr) {
    way->second.stream = std::make_unique<PeerStream>(
        PeerStream::Options{.kind = StreamKind::kRaft,
                            .address = way->second.address,
                            .own_address = options_.own_address,
                            .tls = options_.tls,
                            .cluster_id = cluster_id_,
                            .queue_messages_max = options_.queue_messages_max,
                            .queue_bytes_max = options_.queue_bytes_max});
  }
  std::string bytes;
  raft::encode(message, bytes);
  way->second.stream->send(std::move(bytes));
}

Result<Introduction> PeerLinks::hello(const std::string& address, const Introduction& own,
                                      Deadline deadline) {
  v1::Introduction request;
  put(own, request);
  v1::Introduction reply;
  TRY(calls_->run(address, deadline, [&](v1::Cluster::Stub& stub, grpc::ClientContext& context) {
    return stub.Hello(&context, request, &reply);
  }));
  return read(reply);
}

Result<JoinReply> PeerLinks::join(const std::string& address, const JoinRequest& request,
                                  Deadline deadline) {
  v1::JoinRequest bytes;
  put(request, bytes);
  v1::JoinReply reply;
  TRY(calls_->run(address, deadline, [&](v1::Cluster::Stub& stub, grpc::ClientContext& context) {
    return stub.Join(&context, bytes, &reply);
  }));
  if (reply.has_failure()) return read(reply.failure());
  return read(reply);
}

Result<metadata::Version> PeerLinks::ask_leader(const std::string& address, Deadline deadline,
                                                const LeaderCall& call) {
  if (address.empty() || !calls_->is_connected(address, deadline)) return not_leader();
  std::string cluster_id;
  {
    const base::MutexLock lock(mutex_);
    cluster_id = cluster_id_;
  }
  v1::ProposeReply reply;
  TRY(calls_->run(address, deadline, [&](v1::Cluster::Stub& stub, grpc::ClientContext& context) {
    return call(stub, context, cluster_id, reply);
  }));
  if (reply.has_failure()) return read(reply.failure());
  return reply.version();
}

Result<metadata::Version> PeerLinks::propose(raft::NodeId at, std::string command,
                                             Deadline deadline) {
  return ask_leader(address_of(at), deadline,
                    [&](auto& stub, auto& context, const auto& id, auto& reply) {
                      v1::ProposeRequest request;
                      request.set_cluster_id(id);
                      request.set_command(std::move(command));
                      request.set_timeout_ms(milliseconds_until(deadline));
                      return stub.Propose(&context, request, &reply);
                    });
}

Result<metadata::Version> PeerLinks::read_version(raft::NodeId at, Deadline deadline) {
  return ask_leader(address_of(at), deadline,
                    [&](auto& stub, auto& context, const auto& id, auto& reply) {
                      v1::ReadVersionRequest request;
                      request.set_cluster_id(id);
                      request.set_timeout_ms(milliseconds_until(deadline));
                      return stub.ReadVersion(&context, request, &reply);
                    });
}

Result<metadata::Version> PeerLinks::heartbeat(raft::NodeId at, const Heartbeat& heartbeat,
                                               Deadline deadline) {
  return this->heartbeat(address_of(at), heartbeat, deadline);
}

Result<metadata::Version> PeerLinks::heartbeat(const std::string& address,
                                               const Heartbeat& heartbeat, Deadline deadline) {
  return ask_leader(address, deadline, [&](auto& stub, auto& context, const auto& id, auto& reply) {
    v1::HeartbeatRequest request;
    request.set_cluster_id(id);
    request.set_node_id(heartbeat.node.value());
    request.set_node_epoch(heartbeat.epoch);
    return stub.Heartbeat(&context, request, &reply);
  });
}

bool PeerLinks::has_connection(const std::string& address) {
  return calls_->has_connection(address);
}

}  // namespace lynxdb::cluster
