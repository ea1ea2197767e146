// What others ask of a member of the group: on the server's threads.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cluster/membership/raft_metadata.h"
#include "cluster/membership/waiting.h"

namespace lynxdb::cluster {

Introduction RaftMetadata::introduce(const Introduction& /*from*/) { return introduction(); }

Result<> RaftMetadata::admit(const std::string& cluster_id) {
  const base::MutexLock lock(mutex_);
  if (cluster_id.empty() || identity_.cluster_id.empty() || cluster_id == identity_.cluster_id)
    return {};
  return Error{ErrorCode::kConflict, "this node belongs to another cluster: " +
                                         identity_.cluster_id + ", not " + cluster_id};
}

void RaftMetadata::receive(raft::Message message) {
  if (const auto group = this->group()) group->receive(std::move(message));
}

Result<metadata::Version> RaftMetadata::propose(std::string command, Deadline deadline) {
  const auto group = this->group();
  if (group == nullptr) return not_leader();
  // What others send becomes part of every node's log: it has to be a command.
  TRY(metadata::decode_command(command));
  return TRY(group->propose(std::move(command), deadline))->version;
}

Result<metadata::Version> RaftMetadata::read_version(Deadline deadline) {
  const auto group = this->group();
  if (group == nullptr) return not_leader();
  return TRY(group->read_state(raft::ReadMode::kReadIndex, deadline))->version;
}

// Only while it leads: a majority has answered it within an election's time, or it would know.
Result<metadata::Version> RaftMetadata::heartbeat(const Heartbeat& heartbeat) {
  if (!leads()) return not_leader();
  const base::MutexLock lock(heartbeat_mutex_);
  if (!heartbeat_handler_) return not_leader();
  return heartbeat_handler_(heartbeat);
}

Result<JoinReply> RaftMetadata::join(const JoinRequest& request, Deadline deadline) {
  const auto group = this->group();
  if (group == nullptr) return not_leader();
  TRY(admit(request.cluster_id));
  const RaftView view = group->view();
  if (view.role == raft::Role::kLeader) return take_in(*group, request, deadline);
  const std::string leader = view.leader == raft::kNobody ? "" : links_.address_of(view.leader);
  if (leader.empty()) return not_leader();
  return links_.join(leader, request, deadline);
}

// Each step may have been done by an earlier attempt.
Result<JoinReply> RaftMetadata::take_in(RaftGroup& group, const JoinRequest& request,
                                        Deadline deadline) {
  using Kind = raft::MembershipChange::Kind;
  const metadata::StatePtr state = group.state();
  if (state->removed_members.contains(request.raft_id.value()))
    return Error{ErrorCode::kNotFound,
                 fmt::format("node '{}' was removed from the cluster", request.node_name),
                 "it can join anew with an empty data_dir"};
  if (request.raft_id.value() <= kFounderIdMax || request.address.empty()) {
    return Error{ErrorCode::kInvalidArgument, "a node that joins needs an id and an address"};
  }
  if (state->cluster_id.empty()) return not_leader();
  TRY(check_may_join(*state, request));
  links_.set_peer({request.raft_id, request.address});
  if (!group.view().members.is_member(request.raft_id)) {
    TRY(group.change_membership({Kind::kAddLearner, request.raft_id}, deadline));
    options_.log(Severity::kInfo,
                 fmt::format("metadata: node '{}' at {} joins as member {}", request.node_name,
                             request.address, request.raft_id.value()));
  }
  const metadata::NodeEntry* known = metadata::find_node(*state, request.node_name);
  std::vector<raft::NodeId> replaced{request.replaces,
                                     raft::NodeId(known == nullptr ? 0 : known->raft_id)};
  // No two members live at one address.
  for (const Peer& peer : known_members(group))
    if (peer.address == request.address) replaced.push_back(peer.raft_id);
  for (const raft::NodeId old : replaced) {
    if (old == raft::kNobody || old == request.raft_id || old == raft_id() ||
        !group.view().members.is_member(old)) {
      continue;
    }
    TRY(group.change_membership({Kind::kRemove, old}, deadline));
    links_.remove_peer(old);
    options_.log(Severity::kInfo, fmt::format("metadata: member {} gave way to member {}",
                                              old.value(), request.raft_id.value()));
  }
  return JoinReply{.cluster_id = state->cluster_id, .members = known_members(group)};
}

Result<> RaftMetadata::check_may_join(const metadata::State& state,
                                      const JoinRequest& request) const {
  const metadata::NodeEntry* known = metadata::find_node(state, request.node_name);
  if (known == nullptr || known->fenced || known->incarnation == request.incarnation) return {};
  return Error{
      ErrorCode::kConflict,
      fmt::format("a node named '{}' is running at {}", request.node_name, known->cluster_address),
      "give each node a cluster.node_id of its own; a node that comes back with an empty "
      "disk is taken in as soon as its earlier life counts as dead"};
}

std::vector<Peer> RaftMetadata::known_members(const RaftGroup& group) const {
  std::vector<Peer> members;
  const raft::Configuration configuration = group.view().members;
  const raft::NodeId own = raft_id();
  const auto add = [&](raft::NodeId id) {
    const std::string address = id == own ? options_.advertise : links_.address_of(id);
    if (!address.empty()) members.push_back({id, address});
  };
  for (const raft::NodeId id : configuration.voters) add(id);
  for (const raft::NodeId id : configuration.learners) add(id);
  return members;
}

}  // namespace lynxdb::cluster
