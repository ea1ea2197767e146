#include "cluster/rpc/peer_links.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cluster/rpc/channel.h"
#include "cluster/rpc/convert.h"
#include "cluster/rpc/raft_stream.h"

namespace lynxdb::cluster {
namespace {

constexpr int kCallPurpose = 2;
constexpr std::chrono::milliseconds kConnectTimeout{200};

Error call_failed(const std::string& address, const grpc::Status& status) {
  const bool late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  return Error{late ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
               address + ": " + (late ? "did not answer in time" : status.error_message())};
}

}  // namespace

struct PeerLinks::LeaderCall : std::function<grpc::Status(v1::Cluster::Stub&, grpc::ClientContext&,
                                                          const std::string&, v1::ProposeReply&)> {
  using function::function;
};

// Calls with an answer, each on the channel of its address.
class PeerCalls {
 public:
  // Without a connection nothing was sent: a call that fails later may have been taken.
  bool is_connected(const std::string& address, Deadline deadline) {
    const auto until = std::min(deadline, std::chrono::steady_clock::now() + kConnectTimeout);
    return channel(address)->WaitForConnected(std::chrono::system_clock::now() +
                                              (until - std::chrono::steady_clock::now()));
  }

  bool has_connection(const std::string& address) {
    return channel(address)->GetState(true) == GRPC_CHANNEL_READY;
  }

  // Runs `call` so that stop() can end it.
  template <typename Function>
  Result<> run(const std::string& address, Deadline deadline, const Function& call) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         (deadline - std::chrono::steady_clock::now()));
    {
      const base::MutexLock lock(mutex_);
      if (stopped_) return Error{ErrorCode::kUnavailable, "this node is stopping"};
      open_.push_back(&context);
    }
    const auto stub = v1::Cluster::NewStub(channel(address));
    const grpc::Status status = call(*stub, context);
    const base::MutexLock lock(mutex_);
    std::erase(open_, &context);
    if (!status.ok()) return call_failed(address, status);
    return {};
  }

  void stop() {
    const base::MutexLock lock(mutex_);
    stopped_ = true;
    for (grpc::ClientContext* context : open_) context->TryCancel();
  }

 private:
  std::shared_ptr<grpc::Channel> channel(const std::string& address) {
    const base::MutexLock lock(mutex_);
    auto& channel = channels_[address];
    if (channel == nullptr) channel = open_channel(address, kCallPurpose);
    return channel;
  }

  base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_ GUARDED_BY(mutex_);
  std::vector<grpc::ClientContext*> open_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
};

PeerLinks::PeerLinks(PeerLinksOptions options)
    : options_(std::move(options)), calls_(std::make_unique<PeerCalls>()) {}

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
    way->second.stream = std::make_unique<RaftStream>(
        RaftStream::Options{.address = way->second.address,
                            .own_address = options_.own_address,
                            .cluster_id = cluster_id_,
                            .queue_messages_max = options_.queue_messages_max,
                            .queue_bytes_max = options_.queue_bytes_max});
  }
  way->second.stream->send(message);
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

Result<metadata::Version> PeerLinks::ask_leader(raft::NodeId at, Deadline deadline,
                                                const LeaderCall& call) {
  const std::string address = address_of(at);
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
  return ask_leader(at, deadline, [&](auto& stub, auto& context, const auto& id, auto& reply) {
    v1::ProposeRequest request;
    request.set_cluster_id(id);
    request.set_command(std::move(command));
    request.set_timeout_ms(milliseconds_until(deadline));
    return stub.Propose(&context, request, &reply);
  });
}

Result<metadata::Version> PeerLinks::read_version(raft::NodeId at, Deadline deadline) {
  return ask_leader(at, deadline, [&](auto& stub, auto& context, const auto& id, auto& reply) {
    v1::ReadVersionRequest request;
    request.set_cluster_id(id);
    request.set_timeout_ms(milliseconds_until(deadline));
    return stub.ReadVersion(&context, request, &reply);
  });
}

Result<metadata::Version> PeerLinks::heartbeat(raft::NodeId at, const Heartbeat& heartbeat,
                                               Deadline deadline) {
  return ask_leader(at, deadline, [&](auto& stub, auto& context, const auto& id, auto& reply) {
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
