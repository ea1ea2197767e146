// Calls with an answer to other nodes, each on the channel of its address. Include in .cc files
// only.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster.grpc.pb.h"
#include "cluster/consensus/raft_group.h"
#include "cluster/rpc/channel.h"

namespace lynxdb::cluster {

// Thread-safe.
class PeerCalls {
 public:
  // Records and rows must not keep heartbeats waiting: a channel for each purpose.
  PeerCalls(int purpose, ClusterTlsPtr tls) : purpose_(purpose), tls_(std::move(tls)) {}

  // Without a connection nothing was sent: a call that fails later may have been taken.
  bool is_connected(const std::string& address, Deadline deadline) {
    constexpr std::chrono::milliseconds kConnectTimeout{200};
    const auto until = std::min(deadline, std::chrono::steady_clock::now() + kConnectTimeout);
    return channel(address)->WaitForConnected(std::chrono::system_clock::now() +
                                              (until - std::chrono::steady_clock::now()));
  }

  bool has_connection(const std::string& address) EXCLUDES(mutex_) {
    return channel(address)->GetState(true) == GRPC_CHANNEL_READY;
  }

  // Runs `call` so that stop() can end it. Errors: kTimeout, kUnavailable; it may have been taken.
  template <typename Function>
  Result<> run(const std::string& address, Deadline deadline, const Function& call)
      EXCLUDES(mutex_) {
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
    if (status.ok()) return {};
    const bool late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
    return Error{late ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
                 address + ": " + (late ? "did not answer in time" : status.error_message())};
  }

  // A call that goes on beyond one function: stop() ends it until end() was called with the same.
  Result<std::shared_ptr<grpc::Channel>> begin(const std::string& address,
                                               grpc::ClientContext& context, Deadline deadline)
      EXCLUDES(mutex_) {
    context.set_deadline(std::chrono::system_clock::now() +
                         (deadline - std::chrono::steady_clock::now()));
    auto to = channel(address);
    const base::MutexLock lock(mutex_);
    if (stopped_) return Error{ErrorCode::kUnavailable, "this node is stopping"};
    open_.push_back(&context);
    return to;
  }
  void end(grpc::ClientContext& context) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    std::erase(open_, &context);
  }

  void stop() EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    stopped_ = true;
    for (grpc::ClientContext* context : open_) context->TryCancel();
  }

 private:
  std::shared_ptr<grpc::Channel> channel(const std::string& address) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    auto& channel = channels_[address];
    if (channel == nullptr) channel = open_channel(address, purpose_, tls_);
    return channel;
  }

  const int purpose_;
  const ClusterTlsPtr tls_;
  base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_ GUARDED_BY(mutex_);
  std::vector<grpc::ClientContext*> open_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace lynxdb::cluster
