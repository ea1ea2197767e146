// The metadata store of a cluster: this node's member of the Raft group, its way to the others, and
// what keeps both in order. From its start on it forms or joins the group (forming.h), registers
// what it learns, and, while it leads, creates the cluster and takes members in.
//
//   tending thread   forms, joins, keeps addresses and members up to date
//   group's thread   consensus (raft_group.h)
//   server threads   what others ask (ClusterHandlers)
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "cluster/consensus/raft_group.h"
#include "cluster/membership/forming.h"
#include "cluster/membership/identity.h"
#include "cluster/membership/metadata_engine.h"
#include "cluster/rpc/cluster_server.h"

namespace lynxdb::cluster {

struct RaftMetadataOptions {
  std::string directory;  // The node's data directory.
  std::string node_name;
  std::vector<std::string> seeds;
  std::string listen;     // host:port
  std::string advertise;  // As others reach the cluster port.
  ClusterTlsPtr tls{};    // Of the cluster port.
  bool may_vote = true;   // Has the role meta.
  // Of the cluster, when this node is the one to create it.
  std::uint32_t partition_count = 1;
  std::uint32_t replication_factor = 1;
  std::uint32_t min_isr = 1;
  Founding founding = found_empty;
  // How long propose() tries to find a leader, and to have its command committed.
  std::chrono::milliseconds propose_timeout{5000};
  RaftGroupOptions group;  // `raft.id`, `send` and `failed` are filled in.
  Log log = [](Severity, std::string_view) {};
  // This node can take no part in the cluster any more: damage, a full or broken disk.
  std::function<void(const Error&)> failed = [](const Error&) {};
};

// Thread-safe.
class RaftMetadata final : public MetadataEngine, private ClusterHandlers {
 public:
  // Listens, and forms or joins in the background. Errors: the address, damage, another node's
  // directory.
  static Result<std::unique_ptr<RaftMetadata>> start(io::FileSystem& files,
                                                     RaftMetadataOptions options);
  ~RaftMetadata() override;

  // --- MetadataStore -----------------------------------------------------------------------------
  Result<metadata::StatePtr> propose(const metadata::Command& command) override;
  Result<> health() const override EXCLUDES(mutex_);
  metadata::StatePtr state() const override EXCLUDES(mutex_);
  metadata::StatePtr wait_beyond(metadata::Version version,
                                 std::chrono::milliseconds timeout) const override;

  // --- ClusterMetadata ---------------------------------------------------------------------------
  Result<metadata::StatePtr> read_state(Deadline deadline) override;
  bool leads() const override;
  Result<metadata::Version> send_heartbeat(const Heartbeat& heartbeat, Deadline deadline) override;
  void set_heartbeat_handler(HeartbeatHandler handler) override EXCLUDES(heartbeat_mutex_);

  // --- MetadataEngine ----------------------------------------------------------------------------
  Result<metadata::StatePtr> wait_formed(Deadline deadline) override;
  std::uint64_t incarnation() const override { return incarnation_; }
  std::uint64_t member_id() const override { return raft_id().value(); }
  std::string leader_address() const override;
  void set_data_handlers(DataHandlers* handlers) override { server_->set_data_handlers(handlers); }
  int port() const override { return server_->port(); }
  PeerLinks& links() override { return links_; }
  Result<> hand_over(Deadline deadline) override;
  void stop() override EXCLUDES(mutex_);

  // What the group's own member knows; nothing before there is one.
  std::optional<RaftView> view() const EXCLUDES(mutex_);
  raft::NodeId raft_id() const EXCLUDES(mutex_);

 private:
  RaftMetadata(io::FileSystem& files, RaftMetadataOptions options, Identity identity);

  // --- ClusterHandlers: the server's threads -----------------------------------------------------
  Introduction introduce(const Introduction& from) override;
  Result<> admit(const std::string& cluster_id) override;
  void receive(raft::Message message) override;
  Result<metadata::Version> propose(std::string command, Deadline deadline) override;
  Result<metadata::Version> read_version(Deadline deadline) override;
  Result<metadata::Version> heartbeat(const Heartbeat& heartbeat) override
      EXCLUDES(heartbeat_mutex_);
  Result<JoinReply> join(const JoinRequest& request, Deadline deadline) override;

  Result<JoinReply> take_in(RaftGroup& group, const JoinRequest& request, Deadline deadline);
  Result<> check_may_join(const metadata::State& state, const JoinRequest& request) const;
  std::vector<Peer> known_members(const RaftGroup& group) const;

  // --- The tending thread ------------------------------------------------------------------------
  void tend();
  void form();
  std::vector<SeedAnswer> ask_seeds();
  Result<> found_group(const FormingDecision& decision);
  Result<> join_group(const FormingDecision& decision);
  Result<> start_group(raft::NodeId raft_id) EXCLUDES(mutex_);
  void keep_in_order(RaftGroup& group);
  void keep_addresses(const metadata::State& state);
  Result<> remember_cluster(const std::string& cluster_id) EXCLUDES(mutex_);
  void create_cluster(RaftGroup& group, const metadata::State& state);
  void note_founding(const std::string& problem);
  Result<> ask_to_join(const std::vector<std::string>& contacts, raft::NodeId own,
                       raft::NodeId replaces);
  void ask_again(const RaftView& view);
  void remove_members(RaftGroup& group, const RaftView& view, const metadata::State& state);
  void promote_learners(RaftGroup& group, const RaftView& view, const metadata::State& state);
  void note(const std::string& why) EXCLUDES(mutex_);
  void give_up(const Error& error) EXCLUDES(mutex_);
  bool pause(std::chrono::milliseconds time) EXCLUDES(mutex_);

  std::shared_ptr<RaftGroup> group() const EXCLUDES(mutex_);
  Introduction introduction() const EXCLUDES(mutex_);

  io::FileSystem& files_;
  const RaftMetadataOptions options_;
  const std::vector<std::string> seeds_;  // Sorted.
  const std::uint64_t incarnation_;
  PeerLinks links_;
  std::unique_ptr<ClusterServer> server_;

  mutable base::Mutex mutex_;
  mutable base::CondVar changed_;
  Identity identity_ GUARDED_BY(mutex_);
  raft::NodeId raft_id_ GUARDED_BY(mutex_);
  std::shared_ptr<RaftGroup> group_ GUARDED_BY(mutex_);
  std::optional<RaftDisk::Opened> opened_;  // Until the group starts; the tending thread's.
  std::string waiting_for_ GUARDED_BY(mutex_);
  std::optional<Error> given_up_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;

  // Held while the handler runs: when it has been taken away, nobody is in it.
  base::Mutex heartbeat_mutex_;
  HeartbeatHandler heartbeat_handler_ GUARDED_BY(heartbeat_mutex_);

  // The tending thread's: what was wrong with founding; when it last knew who leads.
  std::string founding_problem_;
  std::chrono::steady_clock::time_point lonely_since_ = std::chrono::steady_clock::now();
  std::thread tending_;
};

}  // namespace lynxdb::cluster
