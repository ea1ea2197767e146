// A member's life, and the metadata store that it is for its node.
#include "cluster/membership/raft_metadata.h"

#include <algorithm>
#include <utility>

#include "cluster/membership/waiting.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

}  // namespace

Result<std::unique_ptr<RaftMetadata>> RaftMetadata::start(io::FileSystem& files,
                                                          RaftMetadataOptions options) {
  Identity identity = TRY(open_identity(files, options.directory, options.node_name));
  const std::string directory = member_directory(options.directory);
  RaftDisk::Opened opened = TRY(RaftDisk::open(files, {.directory = directory}));
  const raft::NodeId member = TRY(read_member_id(files, directory));
  std::unique_ptr<RaftMetadata> started(
      new RaftMetadata(files, std::move(options), std::move(identity)));
  started->opened_ = std::move(opened);
  // Members that have begun go on; a founder that was cut short before asks the others again.
  const bool has_begun = !started->opened_->is_empty || member.value() > kFounderIdMax;
  if (has_begun) TRY(started->start_group(member));
  started->server_ =
      TRY(ClusterServer::start(started->options_.listen, *started, started->options_.tls));
  started->tending_ = std::thread([raw = started.get()] { raw->tend(); });
  return started;
}

RaftMetadata::RaftMetadata(io::FileSystem& files, RaftMetadataOptions options, Identity identity)
    : files_(files),
      options_(std::move(options)),
      seeds_(sorted_seeds(options_.seeds)),
      incarnation_(identity.incarnation),
      links_({.own_address = options_.advertise, .tls = options_.tls}),
      identity_(std::move(identity)) {
  for (std::size_t i = 0; i < seeds_.size(); ++i) links_.set_peer({raft::NodeId(i + 1), seeds_[i]});
  const base::MutexLock lock(mutex_);
  links_.set_cluster_id(identity_.cluster_id);
}

RaftMetadata::~RaftMetadata() { stop(); }

void RaftMetadata::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  links_.stop();
  if (tending_.joinable()) tending_.join();
  if (auto group = this->group()) group->stop();
  if (server_ != nullptr) server_->stop();
}

// --- MetadataStore -------------------------------------------------------------------------------

Result<metadata::StatePtr> RaftMetadata::propose(const metadata::Command& command) {
  std::string bytes;
  metadata::encode(command, bytes);
  const Deadline deadline = in(options_.propose_timeout);
  while (true) {
    const auto group = this->group();
    if (group == nullptr) {
      const base::MutexLock lock(mutex_);
      return no_group(waiting_for_);
    }
    const RaftView view = group->view();
    Result<metadata::StatePtr> done = not_leader();
    if (view.role == raft::Role::kLeader) {
      done = group->propose(bytes, deadline);
    } else if (view.leader != raft::kNobody) {
      const auto version = links_.propose(view.leader, bytes, deadline);
      done = version ? Result<metadata::StatePtr>(group->wait_beyond(*version - 1, deadline))
                     : Result<metadata::StatePtr>(version.error());
    }
    if (done || !is_not_leader(done.error())) return done;
    if (is_over(deadline)) {
      return Error{
          ErrorCode::kUnavailable, "no node leads the metadata",
          "a majority of the nodes with the role meta must be running and reach each other"};
    }
    group->wait_for_change(view.changes, std::min(deadline, in(kLeaderPause)));
  }
}

Result<> RaftMetadata::health() const {
  const base::MutexLock lock(mutex_);
  if (given_up_) return *given_up_;
  if (group_ != nullptr) return group_->health();
  return {};
}

metadata::StatePtr RaftMetadata::state() const {
  static const metadata::StatePtr kNothing = std::make_shared<const metadata::State>();
  const auto group = this->group();
  return group == nullptr ? kNothing : group->state();
}

metadata::StatePtr RaftMetadata::wait_beyond(metadata::Version version,
                                             milliseconds timeout) const {
  const Deadline deadline = in(timeout);
  {
    const base::MutexLock lock(mutex_);
    while (group_ == nullptr && !stopping_ && changed_.wait_until(mutex_, deadline)) {
    }
  }
  const auto group = this->group();
  return group == nullptr ? state() : group->wait_beyond(version, deadline);
}

Result<metadata::StatePtr> RaftMetadata::read_state(Deadline deadline) {
  while (true) {
    const auto group = this->group();
    if (group == nullptr) return Error{ErrorCode::kUnavailable, "this node has no metadata yet"};
    const RaftView view = group->view();
    Result<metadata::StatePtr> read = not_leader();
    if (view.role == raft::Role::kLeader) {
      read = group->read_state(raft::ReadMode::kReadIndex, deadline);
    } else if (view.leader != raft::kNobody) {
      const auto version = links_.read_version(view.leader, deadline);
      if (version) {
        auto state = *version == 0 ? group->state() : group->wait_beyond(*version - 1, deadline);
        read = state->version >= *version
                   ? Result<metadata::StatePtr>(std::move(state))
                   : Result<metadata::StatePtr>(
                         Error{ErrorCode::kTimeout, "this node's metadata is behind"});
      } else {
        read = version.error();
      }
    }
    if (read || is_over(deadline)) return read;
    group->wait_for_change(view.changes, std::min(deadline, in(kLeaderPause)));
  }
}

bool RaftMetadata::leads() const {
  const auto view = this->view();
  return view && view->role == raft::Role::kLeader;
}

Result<metadata::Version> RaftMetadata::send_heartbeat(const Heartbeat& heartbeat,
                                                       Deadline deadline) {
  const auto view = this->view();
  if (!view || view->leader == raft::kNobody) return not_leader();
  if (view->role == raft::Role::kLeader) return this->heartbeat(heartbeat);
  return links_.heartbeat(view->leader, heartbeat, deadline);
}

void RaftMetadata::set_heartbeat_handler(HeartbeatHandler handler) {
  const base::MutexLock lock(heartbeat_mutex_);
  heartbeat_handler_ = std::move(handler);
}

Result<metadata::StatePtr> RaftMetadata::wait_formed(Deadline deadline) {
  while (true) {
    {
      const base::MutexLock lock(mutex_);
      if (given_up_) return *given_up_;
      if (stopping_) return Error{ErrorCode::kCancelled, "this node is stopping"};
      if (is_over(deadline)) return no_group(waiting_for_);
    }
    const auto group = this->group();
    if (group == nullptr) {
      (void)pause(kLeaderPause);
      continue;
    }
    auto state = group->wait_beyond(0, std::min(deadline, in(milliseconds(100))));
    if (!state->cluster_id.empty() && group->view().members.is_member(raft_id())) return state;
  }
}

std::optional<RaftView> RaftMetadata::view() const {
  const auto group = this->group();
  if (group == nullptr) return std::nullopt;
  return group->view();
}

raft::NodeId RaftMetadata::raft_id() const {
  const base::MutexLock lock(mutex_);
  return raft_id_;
}

std::string RaftMetadata::leader_address() const {
  const auto view = this->view();
  if (!view || view->leader == raft::kNobody) return {};
  return view->leader == raft_id() ? options_.advertise : links_.address_of(view->leader);
}

Result<> RaftMetadata::hand_over(Deadline deadline) {
  const auto group = this->group();
  if (group == nullptr) return {};
  const raft::NodeId own = raft_id();
  RaftView view = group->view();
  if (view.role != raft::Role::kLeader) return {};
  for (const raft::NodeId voter : view.members.voters) {
    if (voter == own || is_over(deadline)) continue;
    if (!group->transfer_leadership(voter, deadline)) continue;
    const Deadline given_up = std::min(deadline, in(milliseconds(1000)));
    while (view.role == raft::Role::kLeader && !is_over(given_up))
      view = group->wait_for_change(view.changes, given_up);
    if (view.role != raft::Role::kLeader) return {};
  }
  return Error{ErrorCode::kUnavailable, "no other node could take over the metadata"};
}

}  // namespace lynxdb::cluster
