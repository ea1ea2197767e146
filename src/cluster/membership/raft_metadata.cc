#include "cluster/membership/raft_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFormingPause{200};
constexpr milliseconds kTendingPause{50};
constexpr milliseconds kHelloTimeout{1000};
constexpr milliseconds kJoinTimeout{3000};
// Between two looks for a leader.
constexpr milliseconds kLeaderPause{20};
constexpr milliseconds kChangeTimeout{2000};

Deadline in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

bool is_over(Deadline deadline) { return std::chrono::steady_clock::now() >= deadline; }

std::string raft_directory(const std::string& directory) { return directory + "/raft"; }

Error no_group(const std::string& waiting_for) {
  return Error{ErrorCode::kUnavailable,
               "this node belongs to no cluster yet" +
                   (waiting_for.empty() ? std::string() : ": " + waiting_for)};
}

std::int64_t wall_ms() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string random_cluster_id() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

// Never that of a founder, and never used before.
raft::NodeId random_member_id() {
  std::random_device device;
  std::uint64_t id = 0;
  while (id <= kFounderIdMax) id = ((std::uint64_t{device()} << 32U) | device()) >> 1U;
  return raft::NodeId(id);
}

}  // namespace

Result<std::unique_ptr<RaftMetadata>> RaftMetadata::start(io::FileSystem& files,
                                                          RaftMetadataOptions options) {
  Identity identity = TRY(open_identity(files, options.directory, options.node_name));
  const std::string directory = raft_directory(options.directory);
  RaftDisk::Opened opened = TRY(RaftDisk::open(files, {.directory = directory}));
  const raft::NodeId member = TRY(read_member_id(files, directory));
  std::unique_ptr<RaftMetadata> started(
      new RaftMetadata(files, std::move(options), std::move(identity)));
  started->opened_ = std::move(opened);
  // Members that have begun go on; a founder that was cut short before asks the others again.
  const bool has_begun = !started->opened_->is_empty || member.value() > kFounderIdMax;
  if (has_begun) TRY(started->start_group(member));
  started->server_ = TRY(ClusterServer::start(started->options_.listen, *started));
  started->tending_ = std::thread([raw = started.get()] { raw->tend(); });
  return started;
}

RaftMetadata::RaftMetadata(io::FileSystem& files, RaftMetadataOptions options, Identity identity)
    : files_(files),
      options_(std::move(options)),
      seeds_(sorted_seeds(options_.seeds)),
      incarnation_(identity.incarnation),
      links_({.own_address = options_.advertise}),
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

// --- ClusterHandlers -----------------------------------------------------------------------------

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
  if (request.raft_id.value() <= kFounderIdMax || request.address.empty()) {
    return Error{ErrorCode::kInvalidArgument, "a node that joins needs an id and an address"};
  }
  const metadata::StatePtr state = group.state();
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

// --- The tending thread --------------------------------------------------------------------------

void RaftMetadata::tend() {
  while (true) {
    const auto group = this->group();
    if (!health()) {
      // A person has to act: what has been joined goes on, nothing else is begun.
      if (!pause(kFormingPause)) return;
    } else if (group == nullptr) {
      form();
      if (!pause(kFormingPause)) return;
    } else {
      keep_in_order(*group);
      if (!pause(kTendingPause)) return;
    }
  }
}

void RaftMetadata::form() {
  const std::vector<SeedAnswer> answers = ask_seeds();
  auto decision = decide_forming(introduction(), answers);
  if (!decision) return give_up(decision.error());
  Result<> done;
  switch (decision->kind) {
    case FormingDecision::Kind::kWait:
      return note(decision->why);
    case FormingDecision::Kind::kFound:
      done = found_group(*decision);
      break;
    case FormingDecision::Kind::kJoin:
      done = join_group(*decision);
      break;
  }
  if (!done) note(done.error().message);
}

std::vector<SeedAnswer> RaftMetadata::ask_seeds() {
  std::vector<SeedAnswer> answers(seeds_.size());
  std::vector<std::thread> asking;
  const Introduction own = introduction();
  for (std::size_t i = 0; i < seeds_.size(); ++i) {
    answers[i].address = seeds_[i];
    asking.emplace_back([&, i] {
      auto answer = links_.hello(seeds_[i], own, in(kHelloTimeout));
      if (answer) answers[i].introduction = *std::move(answer);
    });
  }
  for (std::thread& thread : asking) thread.join();
  return answers;
}

Result<> RaftMetadata::found_group(const FormingDecision& decision) {
  TRY(save_member_id(files_, raft_directory(options_.directory), decision.founder));
  TRY(opened_->disk->found(decision.founders));
  opened_->restored.snapshot.configuration = decision.founders;
  opened_->is_empty = false;
  options_.log(Severity::kInfo,
               fmt::format("metadata: founding a group of {} as member {}",
                           decision.founders.voters.size(), decision.founder.value()));
  return start_group(decision.founder);
}

// The id, and that there is a cluster, are on the disk before anybody hears of it: however this
// ends, the node will not found a group, nor come with yet another id.
Result<> RaftMetadata::join_group(const FormingDecision& decision) {
  TRY(remember_cluster(decision.cluster_id));
  const std::string directory = raft_directory(options_.directory);
  raft::NodeId id = TRY(read_member_id(files_, directory));
  const raft::NodeId before = decision.founder == raft::kNobody ? id : decision.founder;
  if (id.value() <= kFounderIdMax) {
    id = random_member_id();
    TRY(save_member_id(files_, directory, id));
  }
  TRY(ask_to_join(decision.contacts, id, before.value() <= kFounderIdMax ? before : raft::kNobody));
  options_.log(Severity::kInfo, fmt::format("metadata: joined cluster {} as member {}",
                                            decision.cluster_id, id.value()));
  return start_group(id);
}

Result<> RaftMetadata::ask_to_join(const std::vector<std::string>& contacts, raft::NodeId own,
                                   raft::NodeId replaces) {
  const JoinRequest request{.node_name = options_.node_name,
                            .incarnation = incarnation_,
                            .cluster_id = introduction().cluster_id,
                            .raft_id = own,
                            .replaces = replaces,
                            .address = options_.advertise,
                            .meta = options_.may_vote};
  Error last = not_leader();
  for (const std::string& contact : contacts) {
    auto joined = links_.join(contact, request, in(kJoinTimeout));
    if (!joined) {
      last = std::move(joined).error();
      continue;
    }
    for (const Peer& peer : joined->members)
      if (peer.raft_id != own) links_.set_peer(peer);
    return {};
  }
  return last;
}

Result<> RaftMetadata::start_group(raft::NodeId raft_id) {
  RaftGroupOptions options = options_.group;
  options.raft.id = raft_id;
  options.send = [this](raft::Message message) { links_.send(std::move(message)); };
  options.failed = [this](const Error& error) { give_up(error); };
  std::shared_ptr<RaftGroup> group =
      TRY(RaftGroup::start(*std::exchange(opened_, std::nullopt), std::move(options)));
  const base::MutexLock lock(mutex_);
  raft_id_ = raft_id;
  group_ = std::move(group);
  waiting_for_ = "waiting for a majority of its nodes";
  changed_.notify_all();
  return {};
}

void RaftMetadata::keep_in_order(RaftGroup& group) {
  const RaftView view = group.view();
  const metadata::StatePtr state = group.state();
  keep_addresses(view, *state);
  if (!state->cluster_id.empty()) {
    if (auto kept = remember_cluster(state->cluster_id); !kept) return give_up(kept.error());
  }
  if (!view.members.is_member(raft_id())) ask_again(view);
  if (view.role != raft::Role::kLeader) return;
  create_cluster(group, *state);
  promote_learners(group, view, *state);
}

void RaftMetadata::keep_addresses(const RaftView& /*view*/, const metadata::State& state) {
  const raft::NodeId own = raft_id();
  for (const auto& [id, node] : state.nodes) {
    const raft::NodeId member(node.raft_id);
    if (member != raft::kNobody && member != own) links_.set_peer({member, node.cluster_address});
  }
}

Result<> RaftMetadata::remember_cluster(const std::string& cluster_id) {
  Identity identity;
  {
    const base::MutexLock lock(mutex_);
    if (identity_.cluster_id == cluster_id) return {};
    identity = identity_;
  }
  if (!identity.cluster_id.empty()) {
    return Error{ErrorCode::kConflict,
                 fmt::format("this node belongs to cluster {}, but its metadata is that of {}",
                             identity.cluster_id, cluster_id),
                 "start it with an empty data_dir"};
  }
  identity.cluster_id = cluster_id;
  TRY(save_identity(files_, options_.directory, identity));
  links_.set_cluster_id(cluster_id);
  const base::MutexLock lock(mutex_);
  identity_ = std::move(identity);
  return {};
}

void RaftMetadata::create_cluster(RaftGroup& group, const metadata::State& state) {
  if (state.version != 0) return;
  metadata::CreateCluster command;
  command.cluster_id = random_cluster_id();
  command.partition_count = options_.partition_count;
  command.replication_factor = options_.replication_factor;
  command.min_isr = options_.min_isr;
  std::string bytes;
  metadata::encode(metadata::Command(command), bytes);
  if (group.propose(std::move(bytes), in(kChangeTimeout))) {
    options_.log(Severity::kInfo, "metadata: created cluster " + command.cluster_id);
  }
}

// Until the group's log says that this node belongs to it: the leader that took it in may have died
// before anybody knew.
void RaftMetadata::ask_again(const RaftView& view) {
  const raft::NodeId own = raft_id();
  if (own.value() <= kFounderIdMax || view.leader != raft::kNobody) return;
  std::vector<std::string> contacts = seeds_;
  std::erase(contacts, options_.advertise);
  (void)ask_to_join(contacts, own, raft::kNobody);
}

// An odd number of voters, five at most: a sixth would make commits slower and survive no more.
void RaftMetadata::promote_learners(RaftGroup& group, const RaftView& view,
                                    const metadata::State& state) {
  constexpr std::size_t kVotersMax = 5;
  std::size_t candidates = 0;
  raft::NodeId next;
  for (const auto& [id, node] : state.nodes) {
    const raft::NodeId member(node.raft_id);
    if (!node.has(metadata::Role::kMeta) || !view.members.is_member(member)) continue;
    ++candidates;
    if (view.members.is_learner(member) && next == raft::kNobody && !node.fenced) next = member;
  }
  candidates = std::max(candidates, view.members.voters.size());
  const std::size_t wanted = std::min(kVotersMax, candidates - (candidates % 2 == 0 ? 1 : 0));
  // Two voters survive nothing: the third is taken in wherever it comes from.
  if (next == raft::kNobody || view.members.voters.size() >= wanted) return;
  (void)group.change_membership({raft::MembershipChange::Kind::kPromote, next}, in(kChangeTimeout));
}

void RaftMetadata::note(const std::string& why) {
  {
    const base::MutexLock lock(mutex_);
    if (waiting_for_ == why) return;
    waiting_for_ = why;
  }
  options_.log(Severity::kInfo, "metadata: " + why);
}

void RaftMetadata::give_up(const Error& error) {
  {
    const base::MutexLock lock(mutex_);
    if (given_up_) return;
    given_up_ = error;
    changed_.notify_all();
  }
  options_.log(Severity::kError, "metadata: " + error.message);
  options_.failed(error);
}

// False when this node stops.
bool RaftMetadata::pause(milliseconds time) {
  const Deadline until = in(time);
  const base::MutexLock lock(mutex_);
  while (!stopping_ && changed_.wait_until(mutex_, until)) {
  }
  return !stopping_;
}

std::shared_ptr<RaftGroup> RaftMetadata::group() const {
  const base::MutexLock lock(mutex_);
  return group_;
}

Introduction RaftMetadata::introduction() const {
  const auto group = this->group();
  Introduction own{.node_name = options_.node_name,
                   .incarnation = incarnation_,
                   .cluster_id = {},
                   .in_group = group != nullptr,
                   .seeds_hash = hash_of_seeds(seeds_),
                   .wall_ms = wall_ms(),
                   .members = {}};
  if (group != nullptr) {
    own.members = known_members(*group);
    own.cluster_id = group->state()->cluster_id;
  }
  const base::MutexLock lock(mutex_);
  if (own.cluster_id.empty()) own.cluster_id = identity_.cluster_id;
  return own;
}

}  // namespace lynxdb::cluster
