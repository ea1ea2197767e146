// Messages to one node, which may be lost: a queue, and a thread that keeps a stream to its cluster
// port.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "cluster/rpc/cluster_tls.h"

namespace lynxdb::cluster {

enum class StreamKind : std::uint8_t { kRaft, kReplicas };

// Thread-safe.
class PeerStream {
 public:
  struct Options {
    StreamKind kind = StreamKind::kRaft;
    std::string address;
    std::string own_address;
    ClusterTlsPtr tls{};
    std::string cluster_id;
    std::size_t queue_messages_max = 0;
    std::size_t queue_bytes_max = 0;
  };

  explicit PeerStream(Options options);
  ~PeerStream();

  // Drops it when the queue is full.
  void send(std::string message);
  // The next stream says it.
  void set_cluster_id(const std::string& cluster_id);

 private:
  struct Call;

  void run();
  void write_until_broken(Call& call);
  // Empty: the stream has to stop.
  std::deque<std::string> wait_for_messages();
  void pause();

  Options options_;

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<std::string> queue_ GUARDED_BY(mutex_);
  std::size_t queue_bytes_ GUARDED_BY(mutex_) = 0;
  std::string cluster_id_ GUARDED_BY(mutex_);
  Call* open_call_ GUARDED_BY(mutex_) = nullptr;
  bool stopping_ GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace lynxdb::cluster
