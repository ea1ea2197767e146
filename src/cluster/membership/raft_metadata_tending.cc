// What keeps a member and its group in order: on the tending thread.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/random_id.h"
#include "cluster/membership/raft_metadata.h"
#include "cluster/membership/waiting.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFormingPause{200};
constexpr milliseconds kTendingPause{50};
constexpr milliseconds kHelloTimeout{1000};
constexpr milliseconds kJoinTimeout{3000};

std::int64_t wall_ms() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Never that of a founder, and never used before.
raft::NodeId random_member_id() {
  std::uint64_t id = 0;
  while (id <= kFounderIdMax) id = base::random_number() >> 1U;
  return raft::NodeId(id);
}

}  // namespace

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
  TRY(save_member_id(files_, member_directory(options_.directory), decision.founder));
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
  const std::string directory = member_directory(options_.directory);
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
      if (last.code == ErrorCode::kNotFound) return last;  // Removed: nobody will say otherwise.
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
  keep_addresses(*state);
  if (!state->cluster_id.empty()) {
    if (auto kept = remember_cluster(state->cluster_id); !kept) return give_up(kept.error());
  }
  ask_again(view);
  if (view.role != raft::Role::kLeader) return;
  create_cluster(group, *state);
  remove_members(group, view, *state);
  promote_learners(group, view, *state);
}

void RaftMetadata::keep_addresses(const metadata::State& state) {
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

// Tried again soon: once is enough.
void RaftMetadata::note_founding(const std::string& problem) {
  if (founding_problem_ == problem) return;
  founding_problem_ = problem;
  options_.log(Severity::kWarning, "metadata: the cluster cannot be created yet: " + problem);
}

void RaftMetadata::create_cluster(RaftGroup& group, const metadata::State& state) {
  if (state.version != 0) return;
  metadata::CreateCluster command;
  command.cluster_id = base::random_id();
  command.partition_count = options_.partition_count;
  command.replication_factor = options_.replication_factor;
  command.min_isr = options_.min_isr;
  const auto founding = options_.founding(std::move(command));
  if (!founding) return note_founding(founding.error().message);
  std::string bytes;
  metadata::encode(*founding, bytes);
  const auto created = group.propose(std::move(bytes), in(kChangeTimeout));
  if (created) {
    options_.log(Severity::kInfo,
                 "metadata: created cluster " + metadata::cluster_id_of(*founding));
  } else {
    note_founding(created.error().message);
  }
}

// Until the group's log says that this node belongs to it: the leader that took it in may have died
// before anybody knew. Members that hear of no leader ask as well: they may have been removed.
void RaftMetadata::ask_again(const RaftView& view) {
  constexpr milliseconds kPatience{3000};
  const auto now = std::chrono::steady_clock::now();
  if (view.leader != raft::kNobody) lonely_since_ = now;
  const bool is_member = view.members.is_member(raft_id());
  if (view.leader != raft::kNobody || (is_member && now < lonely_since_ + kPatience)) return;
  lonely_since_ = now;
  std::vector<std::string> contacts = seeds_;
  std::erase(contacts, options_.advertise);
  const auto asked = ask_to_join(contacts, raft_id(), raft::kNobody);
  if (!asked && asked.error().code == ErrorCode::kNotFound) give_up(asked.error());
}

// Those whose nodes were removed: they would count for majorities for ever.
void RaftMetadata::remove_members(RaftGroup& group, const RaftView& view,
                                  const metadata::State& state) {
  for (const std::uint64_t removed : state.removed_members) {
    const raft::NodeId member(removed);
    if (!view.members.is_member(member) || member == raft_id()) continue;
    if (group.change_membership({raft::MembershipChange::Kind::kRemove, member},
                                in(kChangeTimeout))) {
      links_.remove_peer(member);
      options_.log(Severity::kInfo, fmt::format("metadata: member {} went with its node", removed));
    }
    return;
  }
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
