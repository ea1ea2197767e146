#include "cluster/rpc/cluster_server.h"

#include <shared_mutex>
#include <utility>

#include "cluster/rpc/channel.h"
#include "cluster/rpc/convert.h"
#include "cluster/rpc/convert_data.h"
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

  grpc::Status Raft(grpc::ServerContext* /*context*/, grpc::ServerReader<v1::Frame>* frames,
                    v1::FrameEnd* /*end*/) override {
    v1::Frame frame;
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

  grpc::Status Replicate(grpc::ServerContext* /*context*/, grpc::ServerReader<v1::Frame>* frames,
                         v1::FrameEnd* /*end*/) override {
    v1::Frame frame;
    if (!frames->Read(&frame)) return grpc::Status::OK;
    if (auto admitted = handlers_.admit(frame.cluster_id()); !admitted)
      return refused(admitted.error());
    do {
      for (const std::string& bytes : frame.messages()) {
        auto message = decode_replica_message(bytes);
        if (!message) return refused(message.error());
        const std::shared_lock lock(data_mutex_);
        if (data_ != nullptr) data_->receive(*std::move(message));
      }
    } while (frames->Read(&frame));
    return grpc::Status::OK;
  }

  grpc::Status Append(grpc::ServerContext* /*context*/, const v1::AppendRequest* request,
                      v1::AppendReply* reply) override {
    if (auto admitted = handlers_.admit(request->cluster_id()); !admitted)
      return refused(admitted.error());
    std::vector<storage::AppendRequest> parts;
    for (const v1::AppendPart& part : request->parts()) {
      auto read_part = read(part);
      if (!read_part) return refused(read_part.error());
      parts.push_back(*std::move(read_part));
    }
    const std::shared_lock lock(data_mutex_);
    if (data_ == nullptr) return not_ready();
    for (const auto& outcome :
         data_->append(std::move(parts), deadline_after(request->timeout_ms())))
      put(outcome, *reply->add_outcomes());
    return grpc::Status::OK;
  }

  grpc::Status HoldTail(grpc::ServerContext* /*context*/, const v1::HoldTailRequest* request,
                        v1::HoldTailReply* reply) override {
    if (auto admitted = handlers_.admit(request->cluster_id()); !admitted)
      return refused(admitted.error());
    std::vector<TailQuestion> questions;
    for (const v1::TailPart& part : request->parts()) questions.push_back(read(part));
    const std::shared_lock lock(data_mutex_);
    if (data_ == nullptr) return not_ready();
    put(data_->hold_tail(request->version(), questions, deadline_after(request->timeout_ms())),
        *reply);
    return grpc::Status::OK;
  }

  grpc::Status ReleaseTail(grpc::ServerContext* /*context*/, const v1::ReleaseTailRequest* request,
                           v1::FrameEnd* /*reply*/) override {
    if (auto admitted = handlers_.admit(request->cluster_id()); !admitted)
      return refused(admitted.error());
    const std::shared_lock lock(data_mutex_);
    if (data_ != nullptr) data_->release_tail(request->hold());
    return grpc::Status::OK;
  }

  grpc::Status Report(grpc::ServerContext* /*context*/, const v1::ReportRequest* request,
                      v1::ReportReply* reply) override {
    if (auto admitted = handlers_.admit(request->cluster_id()); !admitted)
      return refused(admitted.error());
    const std::shared_lock lock(data_mutex_);
    if (data_ == nullptr) return not_ready();
    put(data_->report(), *reply);
    return grpc::Status::OK;
  }

  // Work and sending may take long; the handlers are let go before.
  grpc::Status RunShare(grpc::ServerContext* context, const v1::RunShareRequest* request,
                        grpc::ServerWriter<v1::ShareReply>* replies) override {
    if (auto admitted = handlers_.admit(request->cluster_id()); !admitted)
      return refused(admitted.error());
    v1::ShareReply reply;
    Result<ShareTask> task = open_share(*request);
    Result<> done = task ? Result<>() : Result<>(task.error());
    if (task) {
      done = (*task)({.send =
                          [&](std::string frame) {
                            reply.Clear();
                            *reply.mutable_frame() = std::move(frame);
                            return replies->Write(reply);
                          },
                      .cancelled = [context] { return context->IsCancelled(); }});
    }
    reply.Clear();
    if (done) {
      reply.set_complete(true);
    } else {
      put(done.error(), *reply.mutable_failure());
    }
    replies->Write(reply);
    return grpc::Status::OK;
  }

  void set_data_handlers(DataHandlers* handlers) {
    const std::unique_lock lock(data_mutex_);
    data_ = handlers;
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

  static grpc::Status not_ready() {
    return {grpc::StatusCode::UNAVAILABLE, "this node has not opened its logs yet"};
  }

  Result<ShareTask> open_share(const v1::RunShareRequest& request) {
    const std::shared_lock lock(data_mutex_);
    if (data_ == nullptr) return Error{ErrorCode::kUnavailable, not_ready().error_message()};
    return data_->open_share(request.hold(), request.request(),
                             deadline_after(request.timeout_ms()));
  }

  ClusterHandlers& handlers_;
  // Held, shared, by whoever is in the data handlers.
  std::shared_mutex data_mutex_;
  DataHandlers* data_ = nullptr;
};

struct ClusterServer::Running {
  explicit Running(ClusterHandlers& handlers) : service(handlers) {}

  Service service;
  std::unique_ptr<grpc::Server> server;
};

ClusterServer::ClusterServer() = default;

ClusterServer::~ClusterServer() { stop(); }

Result<std::unique_ptr<ClusterServer>> ClusterServer::start(const std::string& address,
                                                            ClusterHandlers& handlers,
                                                            const ClusterTlsPtr& tls) {
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
  builder.AddListeningPort(address, server_credentials(tls), &started->port_);
  builder.RegisterService(&started->running_->service);
  started->running_->server = builder.BuildAndStart();
  if (started->running_->server == nullptr || started->port_ == 0) {
    return Error{ErrorCode::kIo, "cannot listen on " + address + " for the cluster",
                 "choose a free port with cluster.listen"};
  }
  return started;
}

void ClusterServer::set_data_handlers(DataHandlers* handlers) {
  running_->service.set_data_handlers(handlers);
}

void ClusterServer::stop() {
  if (running_ == nullptr || running_->server == nullptr) return;
  running_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  running_->server->Wait();
  running_->server.reset();
}

}  // namespace lynxdb::cluster
