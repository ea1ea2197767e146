// The copies of partitions on this node, alive: owns the replication core (src/replication), feeds
// it the clock, the metadata, messages and reports of the log, and carries out what it decides.
//
//   clock thread      ticks, and metadata as it comes
//   answering thread  reads records for followers from the log
//   proposing threads changes of in-sync replicas, to the metadata
//   others            the log's thread (durable), the server's (receive), callers (place)
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "cluster/liveness/cluster_metadata.h"
#include "cluster/rpc/data_calls.h"
#include "replication/replication.h"
#include "storage/replicated_log.h"

namespace lynxdb::cluster {

struct ReplicaHostOptions {
  replication::Options replication;
  // Of records in one answer.
  std::size_t answer_bytes_max = std::size_t{1} << 20U;
  // Bytes that wait for this node's log. Answers that would make it more are dropped, and asked for
  // again later: nothing piles up behind a slow disk.
  std::function<bool()> log_is_busy = [] { return false; };
  std::function<void(std::string_view)> log = [](std::string_view) {};
  // This node can keep no copies any more: its log failed, or contradicts what is committed.
  std::function<void(const Error&)> failed = [](const Error&) {};
  // The node's registration is not its own any more: register again.
  std::function<void()> registered_anew = [] {};
};

// Thread-safe.
class ReplicaHost final : public storage::Replicator {
 public:
  using PartitionId = metadata::PartitionId;

  // `metadata` and `calls` must outlive it.
  ReplicaHost(ClusterMetadata& metadata, DataCalls& calls, ReplicaHostOptions options);
  ~ReplicaHost() override;

  // Takes over the logs that the store found, and begins. `log` must outlive stop().
  void open(storage::ReplicatedLog& log) EXCLUDES(mutex_);
  // Idempotent. Whoever waits for a commit is the store's to answer.
  void stop() EXCLUDES(mutex_);

  // --- The node's session ------------------------------------------------------------------------
  void registered(metadata::NodeId node, metadata::NodeEpoch epoch) EXCLUDES(mutex_);
  void heartbeat_answered(std::int64_t sent_ms, metadata::Version version) EXCLUDES(mutex_);

  // --- Other nodes -------------------------------------------------------------------------------
  void receive(ReplicaMessage message) EXCLUDES(mutex_);

  // --- The store ---------------------------------------------------------------------------------
  Result<> place(PartitionId partition, metadata::LeaderEpoch epoch, std::uint32_t count,
                 const std::function<void(const storage::Place&)>& enqueue) override
      EXCLUDES(mutex_);
  void durable(std::span<const storage::LogEnd> ends) override EXCLUDES(mutex_);
  void log_failed(const Error& error) override;
  std::map<PartitionId, storage::Flushable> flushable() override EXCLUDES(mutex_);
  std::map<PartitionId, metadata::Offset> trimmable() override EXCLUDES(mutex_);
  void trimmed(PartitionId partition, metadata::Offset start) override EXCLUDES(mutex_);

  // --- Readers -----------------------------------------------------------------------------------

  // Until the copies here go by a version at least as new. Errors: kTimeout.
  Result<metadata::Version> wait_applied(metadata::Version version, Deadline deadline)
      EXCLUDES(mutex_);
  // Waits until what this node leads may be read strictly (REPLICATION Q2): its epoch. Errors:
  // kUnavailable, it does not lead; kTimeout.
  Result<metadata::LeaderEpoch> begin_read(PartitionId partition, Deadline deadline)
      EXCLUDES(mutex_);
  // Once the rows are at hand: was it all the time the leader that it was then?
  Result<> end_read(PartitionId partition, metadata::LeaderEpoch epoch) EXCLUDES(mutex_);

  std::map<PartitionId, replication::ReplicaStatus> status() const EXCLUDES(mutex_);
  std::int64_t lease_end_ms() const EXCLUDES(mutex_);

 private:
  template <typename Input>
  void step(const Input& input) EXCLUDES(mutex_);
  void tick_when_late() REQUIRES(mutex_);
  void carry_out(storage::Work& work) REQUIRES(mutex_);
  void change_log(const replication::LogChange& change) REQUIRES(mutex_);
  void answer(replication::SendAnswer answer) REQUIRES(mutex_);

  void run_clock() EXCLUDES(mutex_);
  void run_answers() EXCLUDES(mutex_);
  void run_proposals() EXCLUDES(mutex_);
  std::optional<replication::SendAnswer> next_answer() EXCLUDES(mutex_);
  std::optional<replication::Proposal> next_proposal() EXCLUDES(mutex_);
  void read_and_send(replication::SendAnswer answer) EXCLUDES(mutex_);
  replication::ProposalOutcome propose(const replication::Proposal& proposal);

  ClusterMetadata& metadata_;
  DataCalls& calls_;
  const ReplicaHostOptions options_;
  storage::ReplicatedLog* log_ = nullptr;  // Set once, before the threads begin.

  mutable base::Mutex mutex_;
  base::CondVar changed_;  // Something came in.
  replication::Replication core_ GUARDED_BY(mutex_);
  metadata::NodeId self_ GUARDED_BY(mutex_);
  // How often each copy was removed: reports of a former one say nothing of the present one.
  std::map<PartitionId, std::uint64_t> removals_ GUARDED_BY(mutex_);
  std::int64_t ticked_ms_ GUARDED_BY(mutex_) = 0;
  std::deque<replication::SendAnswer> answers_ GUARDED_BY(mutex_);
  base::CondVar answers_changed_;
  std::deque<replication::Proposal> proposals_ GUARDED_BY(mutex_);
  base::CondVar proposals_changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace lynxdb::cluster
