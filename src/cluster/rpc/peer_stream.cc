#include "cluster/rpc/peer_stream.h"

#include <algorithm>
#include <utility>

#include "cluster.grpc.pb.h"
#include "cluster/rpc/channel.h"

namespace lynxdb::cluster {
namespace {

// Records of logs must not keep Raft's heartbeats waiting.
constexpr int kRaftPurpose = 1;
constexpr int kReplicasPurpose = 3;
// Between two attempts to reach a node.
constexpr std::chrono::milliseconds kStreamPause{50};
// Of one frame: what has queued up travels together.
constexpr std::size_t kFrameBytes = std::size_t{4} << 20U;

}  // namespace

struct PeerStream::Call {
  grpc::ClientContext context;
};

PeerStream::PeerStream(Options options)
    : options_(std::move(options)), cluster_id_(options_.cluster_id) {
  thread_ = std::thread([this] { run(); });
}

PeerStream::~PeerStream() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    if (open_call_ != nullptr) open_call_->context.TryCancel();
    changed_.notify_all();
  }
  thread_.join();
}

void PeerStream::send(std::string message) {
  const base::MutexLock lock(mutex_);
  if (queue_.size() >= options_.queue_messages_max ||
      queue_bytes_ + message.size() > options_.queue_bytes_max) {
    return;
  }
  queue_bytes_ += message.size();
  queue_.push_back(std::move(message));
  changed_.notify_one();
}

void PeerStream::set_cluster_id(const std::string& cluster_id) {
  const base::MutexLock lock(mutex_);
  cluster_id_ = cluster_id;
}

void PeerStream::run() {
  while (true) {
    Call call;
    {
      const base::MutexLock lock(mutex_);
      if (stopping_) return;
      open_call_ = &call;
    }
    write_until_broken(call);
    {
      const base::MutexLock lock(mutex_);
      open_call_ = nullptr;
    }
    pause();
  }
}

void PeerStream::write_until_broken(Call& call) {
  const bool is_raft = options_.kind == StreamKind::kRaft;
  const int purpose = is_raft ? kRaftPurpose : kReplicasPurpose;
  const auto channel = open_channel(options_.address, purpose, options_.tls);
  const auto stub = v1::Cluster::NewStub(channel);
  v1::FrameEnd end;
  const auto writer =
      is_raft ? stub->Raft(&call.context, &end) : stub->Replicate(&call.context, &end);
  v1::Frame frame;
  {
    const base::MutexLock lock(mutex_);
    frame.set_cluster_id(cluster_id_);
  }
  frame.set_address(options_.own_address);
  bool open = writer->Write(frame);
  while (open) {
    std::deque<std::string> messages = wait_for_messages();
    if (messages.empty()) break;
    frame.Clear();
    for (std::string& message : messages) frame.add_messages(std::move(message));
    open = writer->Write(frame);
  }
  call.context.TryCancel();
  (void)writer->Finish();
}

std::deque<std::string> PeerStream::wait_for_messages() {
  std::deque<std::string> messages;
  const base::MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) changed_.wait(mutex_);
  std::size_t bytes = 0;
  while (!queue_.empty() && !stopping_ && (messages.empty() || bytes < kFrameBytes)) {
    bytes += queue_.front().size();
    messages.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queue_bytes_ -= std::min(queue_bytes_, bytes);
  return messages;
}

// What waits is old by the time the node is back: both protocols send anew.
void PeerStream::pause() {
  const auto until = std::chrono::steady_clock::now() + kStreamPause;
  const base::MutexLock lock(mutex_);
  while (!stopping_ && changed_.wait_until(mutex_, until)) {
  }
  queue_.clear();
  queue_bytes_ = 0;
}

}  // namespace lynxdb::cluster
