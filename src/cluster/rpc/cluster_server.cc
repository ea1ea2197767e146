#include "cluster/rpc/cluster_server.h"

#include <utility>

#include "cluster/rpc/channel.h"
#include "cluster/rpc/convert.h"
#include "raft/message_codec.h"

namespace lynxdb::cluster {
namespace {

// Of threads that serve calls: streams of a dozen nodes, and calls that wait.
constexpr int kServerThreadsMax = 256;

grpc::Status refused(const Error& error) {
  return {grpc::StatusCode::FAILED_PRECONDITION, error.message};
}

}  // namespace

class ClusterServer::Service final : public v1::Cluster::Service {
 public:
  explicit Service(ClusterHandlers& handlers) : handlers_(handlers) {}

  grpc::Status Hello(grpc::ServerContext* /*context*/, const v1::Introduction* request,
                     v1::Introduction* reply) override {
    put(handlers_.introduce(read(*request)), *reply);
    return grpc::Status::OK;
  }

  grpc::Status Raft(grpc::ServerContext* /*context*/, grpc::ServerReader<v1::RaftFrame>* frames,
                    v1::RaftEnd* /*end*/) override {
    v1::RaftFrame frame;
    if (!frames->Read(&frame)) return grpc::Status::OK;
    const std::string cluster_id = frame.cluster_id();
    if (auto admitted = handlers_.admit(cluster_id); !admitted) return refused(admitted.error());
    do {
      for (const std::string& bytes : frame.messages()) {
        auto message = raft::decode_message(bytes);
        if (!message) return refused(message.error());
        handlers_.receive(*std::move(message));
      }
    } while (frames->Read(&frame));
    return grpc::Status::OK;
  }

  grpc::Status Propose(grpc::ServerContext* /*context*/, const v1::ProposeRequest* request,
                       v1::ProposeReply* reply) override {
    return answer(request->cluster_id(), *reply, [&] {
      return handlers_.propose(request->command(), deadline_after(request->timeout_ms()));
    });
  }

  grpc::Status ReadVersion(grpc::ServerContext* /*context*/, const v1::ReadVersionRequest* request,
                           v1::ProposeReply* reply) override {
    return answer(request->cluster_id(), *reply,
                  [&] { return handlers_.read_version(deadline_after(request->timeout_ms())); });
  }

  grpc::Status Heartbeat(grpc::ServerContext* /*context*/, const v1::HeartbeatRequest* request,
                         v1::ProposeReply* reply) override {
    return answer(request->cluster_id(), *reply, [&] {
      return handlers_.heartbeat({metadata::NodeId(request->node_id()), request->node_epoch()});
    });
  }

  grpc::Status Join(grpc::ServerContext* context, const v1::JoinRequest* request,
                    v1::JoinReply* reply) override {
    const auto left = context->deadline() - std::chrono::system_clock::now();
    const auto joined = handlers_.join(
        read(*request), std::chrono::steady_clock::now() +
                            std::chrono::duration_cast<std::chrono::milliseconds>(left));
    if (joined) {
      put(*joined, *reply);
    } else {
      put(joined.error(), *reply->mutable_failure());
    }
    return grpc::Status::OK;
  }

 private:
  template <typename Function>
  grpc::Status answer(const std::string& cluster_id, v1::ProposeReply& reply,
                      const Function& call) {
    if (auto admitted = handlers_.admit(cluster_id); !admitted) return refused(admitted.error());
    const Result<metadata::Version> version = call();
    if (version) {
      reply.set_version(*version);
    } else {
      put(version.error(), *reply.mutable_failure());
    }
    return grpc::Status::OK;
  }

  ClusterHandlers& handlers_;
};

struct ClusterServer::Running {
  explicit Running(ClusterHandlers& handlers) : service(handlers) {}

  Service service;
  std::unique_ptr<grpc::Server> server;
};

ClusterServer::ClusterServer() = default;

ClusterServer::~ClusterServer() { stop(); }

Result<std::unique_ptr<ClusterServer>> ClusterServer::start(const std::string& address,
                                                            ClusterHandlers& handlers) {
  std::unique_ptr<ClusterServer> started(new ClusterServer);
  started->running_ = std::make_unique<Running>(handlers);
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(kServerThreadsMax);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kRpcMessageBytesMax);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // Two servers on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 2000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 2000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &started->port_);
  builder.RegisterService(&started->running_->service);
  started->running_->server = builder.BuildAndStart();
  if (started->running_->server == nullptr || started->port_ == 0) {
    return Error{ErrorCode::kIo, "cannot listen on " + address + " for the cluster",
                 "choose a free port with cluster.listen"};
  }
  return started;
}

void ClusterServer::stop() {
  if (running_ == nullptr || running_->server == nullptr) return;
  running_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  running_->server->Wait();
  running_->server.reset();
}

}  // namespace lynxdb::cluster
