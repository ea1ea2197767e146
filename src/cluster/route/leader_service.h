// Writes to and reads of the partitions that this node leads, for itself and for other nodes.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/mutex.h"
#include "cluster/replica/replica_host.h"
#include "cluster/route/held_tails.h"
#include "cluster/rpc/data_handlers.h"
#include "storage/store.h"

namespace lynxdb::cluster {

// Thread-safe. All must outlive it.
class LeaderService final : public DataHandlers {
 public:
  LeaderService(ClusterMetadata& metadata, ReplicaHost& replicas, storage::Store& store)
      : metadata_(metadata), replicas_(replicas), store_(store) {}

  void receive(ReplicaMessage message) override { replicas_.receive(std::move(message)); }
  AppendOutcomes append(std::vector<storage::AppendRequest> requests, Deadline deadline) override;
  Result<TailHold> hold_tail(metadata::Version version, const std::vector<TailQuestion>& questions,
                             Deadline deadline) override;
  void release_tail(std::uint64_t hold) override { held_.release(hold); }
  Result<ShareTask> open_share(std::uint64_t hold, std::string request, Deadline deadline) override;

  NodeReport report() override EXCLUDES(report_mutex_) {
    const base::MutexLock lock(report_mutex_);
    return report_();
  }

  // Until then reports are empty.
  void set_reporter(std::function<NodeReport()> report) EXCLUDES(report_mutex_) {
    const base::MutexLock lock(report_mutex_);
    report_ = std::move(report);
  }
  // Does the work of a share over these rows. To be set before the first share comes.
  using RunShare =
      std::function<Result<>(const std::vector<storage::TailBatchPtr>& tail,
                             const std::string& request, Deadline deadline, const ShareOutput&)>;
  void set_share_runner(RunShare run, std::size_t running_max) {
    run_share_ = std::move(run);
    shares_max_ = running_max;
  }
  // Those that run end soon.
  void stop_shares() { stopping_ = true; }

 private:
  Result<> read_part(const TailQuestion& question, TailHold& hold);

  ClusterMetadata& metadata_;
  ReplicaHost& replicas_;
  storage::Store& store_;
  HeldTails held_;
  RunShare run_share_;
  base::Mutex report_mutex_;
  std::function<NodeReport()> report_ GUARDED_BY(report_mutex_) = [] { return NodeReport(); };
  std::size_t shares_max_ = 0;
  std::atomic<std::size_t> shares_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace lynxdb::cluster
