// The metadata store of a cluster that keeps its log in an etcd (etcd_log.h): this node's copy of
// the state, its proposals, and its part in choosing who leads.
//
//   tending thread    finds or creates the cluster, elections, snapshots, keeps the copy fresh
//   watching thread   applies entries as etcd tells of them
//   server threads    what others ask (ClusterHandlers)
//
// Every thread that reads entries may apply them, so a proposal waits for nobody but etcd. While no
// etcd answers, the state stays what it was, and nobody leads once the lease is over.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/random.h"
#include "cluster/etcd/etcd_endpoints.h"
#include "cluster/etcd/etcd_replica.h"
#include "cluster/membership/identity.h"
#include "cluster/membership/metadata_engine.h"
#include "cluster/rpc/cluster_server.h"

namespace lynxdb::cluster {

class EtcdClient;
class EtcdElection;

struct EtcdMetadataOptions {
  EtcdOptions etcd;
  std::string prefix = "/lynxdb";  // Of all keys.
  std::string directory;           // The node's data directory.
  std::string node_name;
  std::vector<std::string> seeds;
  std::string listen;     // host:port
  std::string advertise;  // As others reach the cluster port.
  ClusterTlsPtr tls{};    // Of the cluster port.
  bool may_lead = true;   // Has the role meta.
  // Of the cluster, when this node is the one to create it.
  std::uint32_t partition_count = 1;
  std::uint32_t replication_factor = 1;
  std::uint32_t min_isr = 1;
  Founding founding = found_empty;
  // How long propose() tries, and each of its calls.
  std::chrono::milliseconds propose_timeout{5000};
  std::chrono::milliseconds call_timeout{2000};
  // Entries, or bytes of entries, after which the node that leads writes a snapshot; entries behind
  // it that stay, for those who are not far behind; and the size of its pieces.
  LogIndex snapshot_entries = 4096;
  std::size_t snapshot_log_bytes = std::size_t{8} << 20U;
  LogIndex entries_kept = 512;
  std::size_t chunk_bytes = std::size_t{512} << 10U;
  Log log = [](Severity, std::string_view) {};
  // This node can take no part in the cluster any more.
  std::function<void(const Error&)> failed = [](const Error&) {};
};

// Thread-safe.
class EtcdMetadata final : public MetadataEngine, private ClusterHandlers {
 public:
  // Listens, and finds or creates the cluster in the background. Errors: the address, the
  // endpoints, certificates, damage, another node's directory.
  static Result<std::unique_ptr<EtcdMetadata>> start(io::FileSystem& files,
                                                     EtcdMetadataOptions options);
  ~EtcdMetadata() override;

  // --- MetadataStore -----------------------------------------------------------------------------
  Result<metadata::StatePtr> propose(const metadata::Command& command) override;
  Result<> health() const override EXCLUDES(mutex_);
  metadata::StatePtr state() const override { return replica_.state(); }
  metadata::StatePtr wait_beyond(metadata::Version version,
                                 std::chrono::milliseconds timeout) const override;

  // --- ClusterMetadata ---------------------------------------------------------------------------
  Result<metadata::StatePtr> read_state(Deadline deadline) override;
  bool leads() const override { return term() != 0; }
  Result<metadata::Version> send_heartbeat(const Heartbeat& heartbeat, Deadline deadline) override;
  void set_heartbeat_handler(HeartbeatHandler handler) override EXCLUDES(heartbeat_mutex_);

  // --- MetadataEngine ----------------------------------------------------------------------------
  Result<metadata::StatePtr> wait_formed(Deadline deadline) override EXCLUDES(mutex_);
  std::uint64_t incarnation() const override { return incarnation_; }
  // So that a node that was removed is not taken in again with the same directory.
  std::uint64_t member_id() const override { return incarnation_; }
  std::string leader_address() const override;
  void set_data_handlers(DataHandlers* handlers) override { server_->set_data_handlers(handlers); }
  int port() const override { return server_->port(); }
  PeerLinks& links() override { return links_; }
  Result<> hand_over(Deadline deadline) override EXCLUDES(mutex_);
  void stop() override EXCLUDES(mutex_);

  // The newest entry that this node has applied.
  LogIndex applied() const { return replica_.applied(); }

 private:
  // What there is once the cluster is known.
  struct Member;

  EtcdMetadata(io::FileSystem& files, EtcdMetadataOptions options, Identity identity,
               std::unique_ptr<EtcdClient> client);

  // --- ClusterHandlers: the server's threads -----------------------------------------------------
  Introduction introduce(const Introduction& from) override;
  Result<> admit(const std::string& cluster_id) override;
  void receive(raft::Message message) override;
  Result<metadata::Version> propose(std::string command, Deadline deadline) override;
  Result<metadata::Version> read_version(Deadline deadline) override;
  Result<metadata::Version> heartbeat(const Heartbeat& heartbeat) override
      EXCLUDES(heartbeat_mutex_);
  Result<JoinReply> join(const JoinRequest& request, Deadline deadline) override;

  // --- Proposals ---------------------------------------------------------------------------------
  class Turn;
  struct Proposal;
  Result<std::int64_t> term_for(const metadata::Command& command) const;
  Result<metadata::StatePtr> carry_through(Member& member, const Proposal& proposal);
  std::optional<Result<metadata::StatePtr>> attempt(Member& member, const Proposal& proposal,
                                                    std::optional<LogIndex>& unknown_from);

  // --- Applying ----------------------------------------------------------------------------------
  Result<> take_in(Member& member, const LogPicture& picture, Deadline deadline);
  // Everything that etcd had when it was called.
  Result<LogPicture> catch_up(Member& member, Deadline deadline);

  // --- The tending thread ------------------------------------------------------------------------
  void tend();
  Result<> form();
  Result<> create_cluster();
  Result<> remember_cluster(const std::string& cluster_id) EXCLUDES(mutex_);
  Result<> enter(const std::string& cluster_id) EXCLUDES(mutex_);
  Result<> check_name(const metadata::State& state);
  Result<> check_not_removed(const metadata::State& state);
  Result<> tend_member(Member& member);
  Result<> take_name() EXCLUDES(mutex_);
  Result<> elect(Member& member) EXCLUDES(mutex_);
  Result<> look(Member& member);
  Result<> snapshot_when_due(Member& member);
  Result<> write_snapshot(Member& member, std::int64_t term);

  // --- The watching thread -----------------------------------------------------------------------
  void watch();
  Result<> watch_once(Member& member);

  std::shared_ptr<Member> member() const EXCLUDES(mutex_);
  std::int64_t term() const;
  std::string cluster_id() const EXCLUDES(mutex_);
  void note(const std::string& why) EXCLUDES(mutex_);
  void give_up(const Error& error) EXCLUDES(mutex_);
  bool pause(std::chrono::milliseconds time) EXCLUDES(mutex_);
  std::chrono::milliseconds jittered(std::chrono::milliseconds time) EXCLUDES(mutex_);
  void wake() EXCLUDES(mutex_);
  bool await_work(std::chrono::milliseconds time) EXCLUDES(mutex_);

  io::FileSystem& files_;
  const EtcdMetadataOptions options_;
  const std::vector<std::string> seeds_;  // Sorted.
  const std::uint64_t incarnation_;
  std::unique_ptr<EtcdClient> client_;
  PeerLinks links_;
  EtcdReplica replica_;
  std::unique_ptr<ClusterServer> server_;

  mutable base::Mutex mutex_;
  mutable base::CondVar changed_;
  Identity identity_ GUARDED_BY(mutex_);
  std::shared_ptr<Member> member_ GUARDED_BY(mutex_);
  bool formed_ GUARDED_BY(mutex_) = false;
  std::string waiting_for_ GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point noted_at_ GUARDED_BY(mutex_);
  std::optional<Error> given_up_ GUARDED_BY(mutex_);
  bool proposing_ GUARDED_BY(mutex_) = false;
  bool resigning_ GUARDED_BY(mutex_) = false;
  bool woken_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  base::Random random_ GUARDED_BY(mutex_);

  // Held while the handler runs: when it has been taken away, nobody is in it.
  base::Mutex heartbeat_mutex_;
  HeartbeatHandler heartbeat_handler_ GUARDED_BY(heartbeat_mutex_);

  // The tending thread's.
  std::chrono::steady_clock::time_point looked_at_;
  std::optional<Checkpoint> checkpoint_;
  std::thread tending_;
  std::thread watching_;
};

}  // namespace lynxdb::cluster
