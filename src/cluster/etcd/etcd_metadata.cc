// The metadata store that a node has in etcd: proposals and reads.
#include "cluster/etcd/etcd_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/random_id.h"
#include "cluster/etcd/etcd_client.h"
#include "cluster/etcd/etcd_member.h"
#include "cluster/membership/forming.h"
#include "cluster/membership/waiting.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

// Between two attempts that failed, and between two that another node's proposal came before.
constexpr milliseconds kEtcdRetryPause{100};
constexpr milliseconds kEtcdRacePause{4};

}  // namespace

Result<std::unique_ptr<EtcdMetadata>> EtcdMetadata::start(io::FileSystem& files,
                                                          EtcdMetadataOptions options) {
  auto client = TRY(EtcdClient::open(options.etcd));
  Identity identity = TRY(open_identity(files, options.directory, options.node_name));
  std::unique_ptr<EtcdMetadata> started(
      new EtcdMetadata(files, std::move(options), std::move(identity), std::move(client)));
  started->server_ =
      TRY(ClusterServer::start(started->options_.listen, *started, started->options_.tls));
  started->tending_ = std::thread([raw = started.get()] { raw->tend(); });
  started->watching_ = std::thread([raw = started.get()] { raw->watch(); });
  return started;
}

EtcdMetadata::EtcdMetadata(io::FileSystem& files, EtcdMetadataOptions options, Identity identity,
                           std::unique_ptr<EtcdClient> client)
    : files_(files),
      options_(std::move(options)),
      seeds_(sorted_seeds(options_.seeds)),
      incarnation_(identity.incarnation),
      client_(std::move(client)),
      links_({.own_address = options_.advertise, .tls = options_.tls}),
      identity_(std::move(identity)),
      random_(base::random_number()) {
  const base::MutexLock lock(mutex_);
  links_.set_cluster_id(identity_.cluster_id);
}

EtcdMetadata::~EtcdMetadata() { stop(); }

void EtcdMetadata::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  client_->stop();
  links_.stop();
  if (tending_.joinable()) tending_.join();
  if (watching_.joinable()) watching_.join();
  if (server_ != nullptr) server_->stop();
}

// --- Proposals -----------------------------------------------------------------------------------

// Proposals of one node go one after the other: together they would only lose races to each other.
class EtcdMetadata::Turn {
 public:
  Turn(EtcdMetadata& owner, Deadline deadline) : owner_(owner) {
    const base::MutexLock lock(owner_.mutex_);
    while (owner_.proposing_ && owner_.changed_.wait_until(owner_.mutex_, deadline)) {
    }
    has_ = !std::exchange(owner_.proposing_, true);
  }
  ~Turn() {
    if (!has_) return;
    const base::MutexLock lock(owner_.mutex_);
    owner_.proposing_ = false;
    owner_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const { return has_; }

 private:
  EtcdMetadata& owner_;
  bool has_ = false;
};

struct EtcdMetadata::Proposal {
  ProposalId id;
  std::string entry;
  std::int64_t term = 0;
  Deadline deadline;
};

Result<metadata::StatePtr> EtcdMetadata::propose(const metadata::Command& command) {
  const Deadline deadline = in(options_.propose_timeout);
  const auto member = this->member();
  if (member == nullptr) {
    const base::MutexLock lock(mutex_);
    return no_group(waiting_for_);
  }
  const Turn turn(*this, deadline);
  if (!turn) return Error{ErrorCode::kUnavailable, "etcd did not take earlier commands in time"};
  LogEntry entry{.proposal = {base::random_number(), base::random_number()}, .command = {}};
  metadata::encode(command, entry.command);
  Proposal proposal{.id = entry.proposal,
                    .entry = encode_entry(entry),
                    .term = TRY(term_for(command)),
                    .deadline = deadline};
  if (proposal.entry.size() > kEntryBytesMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("a metadata command of {} bytes is too large for etcd, which takes {}",
                             proposal.entry.size(), kEntryBytesMax)};
  }
  replica_.expect(proposal.id);
  auto done = carry_through(*member, proposal);
  replica_.forget(proposal.id);
  return done;
}

// Only who leads may say that another node is dead, and only in the term in which it found so: a
// node may have been given a new lease by the next one. A node that stops says so itself.
Result<std::int64_t> EtcdMetadata::term_for(const metadata::Command& command) const {
  const auto* fence = std::get_if<metadata::FenceNode>(&command);
  if (fence == nullptr) return 0;
  const auto state = this->state();
  const auto node = state->nodes.find(fence->node);
  if (node == state->nodes.end() || node->second.name == options_.node_name) return 0;
  const std::int64_t term = this->term();
  if (term == 0) return not_leader();
  return term;
}

Result<metadata::StatePtr> EtcdMetadata::carry_through(Member& member, const Proposal& proposal) {
  // From here on an attempt may have been written, though etcd did not say so.
  std::optional<LogIndex> unknown_from;
  while (true) {
    if (auto done = attempt(member, proposal, unknown_from)) return *std::move(done);
  }
}

std::optional<Result<metadata::StatePtr>> EtcdMetadata::attempt(
    Member& member, const Proposal& proposal, std::optional<LogIndex>& unknown_from) {
  const LogIndex next = replica_.applied() + 1;
  if (auto answer = replica_.answer(proposal.id)) return answer;
  if (unknown_from && replica_.has_skipped(*unknown_from)) {
    return Result<metadata::StatePtr>(
        Error{ErrorCode::kTimeout, "nobody knows whether etcd took the command"});
  }
  const auto picture = member.log.append(next, proposal.entry, proposal.term,
                                         std::min(proposal.deadline, in(options_.call_timeout)));
  Result<> taken;
  if (picture && picture->done) {
    taken = replica_.offer(next, proposal.entry);
  } else if (picture) {
    taken = take_in(member, *picture, proposal.deadline);
  } else {
    taken = picture.error();
    if (!unknown_from) unknown_from = next;
  }
  if (auto answer = replica_.answer(proposal.id)) return answer;
  if (!taken && taken.error().code == ErrorCode::kCorruption) give_up(taken.error());
  if (!taken && taken.error().code != ErrorCode::kTimeout &&
      taken.error().code != ErrorCode::kUnavailable)
    return Result<metadata::StatePtr>(taken.error());
  // No attempt of another term can go through any more, this one's included.
  if (picture && proposal.term != 0 &&
      (!picture->controller || picture->controller->term != proposal.term))
    return Result<metadata::StatePtr>(not_leader());
  if (is_over(proposal.deadline)) {
    return Result<metadata::StatePtr>(
        taken ? Error{ErrorCode::kUnavailable, "other nodes' commands always came first"}
              : taken.error());
  }
  if (!pause(jittered(taken ? kEtcdRacePause : kEtcdRetryPause)))
    return Result<metadata::StatePtr>(Error{ErrorCode::kUnavailable, "this node is stopping"});
  return std::nullopt;
}

// --- Applying ------------------------------------------------------------------------------------

Result<> EtcdMetadata::take_in(Member& member, const LogPicture& picture, Deadline deadline) {
  if (member.election.see(picture.controller, picture.revision)) wake();
  for (const auto& [index, entry] : picture.entries) TRY(replica_.offer(index, entry));
  const LogIndex applied = replica_.applied();
  const LogIndex first = picture.entries.empty() ? picture.head + 1 : picture.entries.front().first;
  if (picture.head <= applied || first <= applied + 1) return {};
  // What comes next is deleted: it is in the snapshot.
  if (!picture.checkpoint || picture.checkpoint->index <= applied) {
    return Error{
        ErrorCode::kCorruption,
        fmt::format("the log in etcd lacks entry {}, and no snapshot holds it", applied + 1),
        "keep the keys below " + options_.prefix + " to LynxDB alone"};
  }
  auto state = member.log.load(*picture.checkpoint, deadline);
  if (!state && state.error().code == ErrorCode::kNotFound) return {};
  replica_.install(picture.checkpoint->index, TRY(std::move(state)));
  return {};
}

Result<LogPicture> EtcdMetadata::catch_up(Member& member, Deadline deadline) {
  std::optional<LogIndex> wanted;
  while (true) {
    const LogIndex applied = replica_.applied();
    auto picture = TRY(member.log.read(applied + 1, std::min(deadline, in(options_.call_timeout))));
    if (picture.head < applied) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("the log in etcd ends at entry {}, but this node has seen entry {}",
                               picture.head, applied),
                   "etcd was set back to an earlier state: restart all nodes of LynxDB together, "
                   "and expect that what was committed since is missing"};
    }
    TRY(take_in(member, picture, deadline));
    if (!wanted) wanted = picture.head;
    if (replica_.applied() >= *wanted) return picture;
    if (is_over(deadline))
      return Error{ErrorCode::kTimeout, "this node's metadata is behind that in etcd"};
  }
}

// --- Reading -------------------------------------------------------------------------------------

Result<> EtcdMetadata::health() const {
  const base::MutexLock lock(mutex_);
  if (given_up_) return *given_up_;
  return {};
}

metadata::StatePtr EtcdMetadata::wait_beyond(metadata::Version version,
                                             milliseconds timeout) const {
  return replica_.wait_beyond(version, in(timeout));
}

Result<metadata::StatePtr> EtcdMetadata::read_state(Deadline deadline) {
  const auto member = this->member();
  if (member == nullptr) return Error{ErrorCode::kUnavailable, "this node has no metadata yet"};
  while (true) {
    const auto read = catch_up(*member, deadline);
    if (read) return state();
    if (read.error().code == ErrorCode::kCorruption) give_up(read.error());
    const bool again = read.error().code == ErrorCode::kUnavailable && !is_over(deadline);
    if (!again || !pause(jittered(kEtcdRetryPause))) return read.error();
  }
}

Result<metadata::Version> EtcdMetadata::send_heartbeat(const Heartbeat& heartbeat,
                                                       Deadline deadline) {
  const auto member = this->member();
  if (member == nullptr) return not_leader();
  const auto controller = member->election.controller();
  if (!controller || controller->address.empty()) return not_leader();
  if (controller->address == options_.advertise) return this->heartbeat(heartbeat);
  return links_.heartbeat(controller->address, heartbeat, deadline);
}

void EtcdMetadata::set_heartbeat_handler(HeartbeatHandler handler) {
  const base::MutexLock lock(heartbeat_mutex_);
  heartbeat_handler_ = std::move(handler);
}

std::string EtcdMetadata::leader_address() const {
  const auto member = this->member();
  const auto controller = member == nullptr ? std::nullopt : member->election.controller();
  return controller ? controller->address : std::string();
}

std::int64_t EtcdMetadata::term() const {
  const auto member = this->member();
  return member == nullptr ? 0 : member->election.term();
}

}  // namespace lynxdb::cluster
