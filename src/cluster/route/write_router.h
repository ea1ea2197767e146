// Brings batches to the leaders of their partitions, and tries again, with the same batch id, until
// they are committed or the time is over (REPLICATION C1, C5).
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "cluster/liveness/cluster_metadata.h"
#include "cluster/rpc/data_calls.h"
#include "cluster/rpc/data_handlers.h"

namespace lynxdb::cluster {

struct WriteRouterOptions {
  std::string own_name;
  std::chrono::milliseconds timeout{30'000};
  // Requests that are on their way at a time, and those that wait for one of them to end. Beyond
  // that they are refused (kOverloaded).
  std::size_t threads = 32;
  std::size_t waiting_max = 1024;
  // Why no attempt of this node can succeed for now, if so: its requests are refused at once.
  std::function<std::optional<Error>()> hopeless = [] { return std::optional<Error>(); };
};

// Thread-safe. All must outlive it.
class WriteRouter {
 public:
  using Done = std::function<void(AppendOutcomes)>;

  WriteRouter(ClusterMetadata& metadata, DataCalls& calls, DataHandlers& local,
              WriteRouterOptions options);
  ~WriteRouter() { stop(); }

  // The parts of one request: they have a batch id. `done` gets an outcome for each, on another
  // thread or within this call. kUnavailable: unknown, a retry with the same batch id is safe.
  void append(std::vector<storage::AppendRequest> parts, Done done);
  // What is on its way is not tried again. Idempotent.
  void stop() { stopping_ = true; }

 private:
  struct Journey;

  void travel(Journey& journey);
  void send(Journey& journey, Deadline deadline);

  ClusterMetadata& metadata_;
  DataCalls& calls_;
  DataHandlers& local_;
  const WriteRouterOptions options_;
  std::atomic<std::size_t> under_way_{0};
  std::atomic<bool> stopping_{false};
  base::ThreadPool sending_;  // To one node each.
  base::ThreadPool requests_;
};

}  // namespace lynxdb::cluster
