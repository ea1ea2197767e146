#include "cluster/rpc/raft_stream.h"

#include <algorithm>
#include <utility>

#include "cluster.grpc.pb.h"
#include "cluster/rpc/channel.h"
#include "raft/message_codec.h"

namespace lynxdb::cluster {
namespace {

constexpr int kRaftPurpose = 1;
// Between two attempts to reach a member.
constexpr std::chrono::milliseconds kRaftPause{50};
// Of one frame: what has queued up travels together.
constexpr std::size_t kFrameBytes = std::size_t{4} << 20U;

}  // namespace

struct RaftStream::Call {
  grpc::ClientContext context;
};

RaftStream::RaftStream(Options options)
    : options_(std::move(options)), cluster_id_(options_.cluster_id) {
  thread_ = std::thread([this] { run(); });
}

RaftStream::~RaftStream() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    if (open_call_ != nullptr) open_call_->context.TryCancel();
    changed_.notify_all();
  }
  thread_.join();
}

void RaftStream::send(const raft::Message& message) {
  std::string bytes;
  raft::encode(message, bytes);
  const base::MutexLock lock(mutex_);
  if (queue_.size() >= options_.queue_messages_max ||
      queue_bytes_ + bytes.size() > options_.queue_bytes_max) {
    return;
  }
  queue_bytes_ += bytes.size();
  queue_.push_back(std::move(bytes));
  changed_.notify_one();
}

void RaftStream::set_cluster_id(const std::string& cluster_id) {
  const base::MutexLock lock(mutex_);
  cluster_id_ = cluster_id;
}

void RaftStream::run() {
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

void RaftStream::write_until_broken(Call& call) {
  const auto channel = open_channel(options_.address, kRaftPurpose);
  const auto stub = v1::Cluster::NewStub(channel);
  v1::RaftEnd end;
  const auto writer = stub->Raft(&call.context, &end);
  v1::RaftFrame frame;
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

std::deque<std::string> RaftStream::wait_for_messages() {
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

// What waits is old by the time the member is back: Raft sends anew.
void RaftStream::pause() {
  const auto until = std::chrono::steady_clock::now() + kRaftPause;
  const base::MutexLock lock(mutex_);
  while (!stopping_ && changed_.wait_until(mutex_, until)) {
  }
  queue_.clear();
  queue_bytes_ = 0;
}

}  // namespace lynxdb::cluster
