// What keeps a node's copy of the metadata in etcd alive: the tending and the watching thread.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/random_id.h"
#include "cluster/etcd/etcd_client.h"
#include "cluster/etcd/etcd_member.h"
#include "cluster/etcd/etcd_metadata.h"
#include "cluster/membership/waiting.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEtcdTendingPause{100};
// After a failure.
constexpr milliseconds kEtcdPause{200};
// However well the watch seems to work, etcd is asked that often: one that was cut off from its
// majority falls silent.
constexpr milliseconds kLookInterval{2000};
constexpr milliseconds kLoadTimeout{30'000};
constexpr milliseconds kNameTimeout{1000};
// What goes on being wrong is said again that often.
constexpr milliseconds kNoteInterval{10'000};

}  // namespace

void EtcdMetadata::tend() {
  while (true) {
    Result<> done;
    if (health()) {
      const auto member = this->member();
      done = member == nullptr ? form() : tend_member(*member);
    }
    if (!done && done.error().code == ErrorCode::kCorruption) give_up(done.error());
    if (!done && done.error().code == ErrorCode::kConflict && member() == nullptr)
      give_up(done.error());
    note(done ? "" : done.error().message);
    if (!await_work(done ? kEtcdTendingPause : jittered(kEtcdPause))) return;
  }
}

Result<> EtcdMetadata::form() {
  const std::string found =
      TRY(EtcdLog::find_cluster(*client_, options_.prefix, in(options_.call_timeout)));
  if (!found.empty()) return enter(found);
  if (const std::string own = cluster_id(); !own.empty()) {
    return Error{ErrorCode::kConflict,
                 fmt::format("this node belongs to cluster {}, but etcd at {} knows of no cluster "
                             "below {}",
                             own, client_->description(), options_.prefix),
                 "check cluster.etcd.endpoints; a restored etcd must hold the keys of before"};
  }
  if (!options_.may_lead)
    return Error{ErrorCode::kUnavailable, "waiting for a node with the role meta"};
  return create_cluster();
}

// Whoever comes first creates it; the next look finds it.
Result<> EtcdMetadata::create_cluster() {
  metadata::CreateCluster command;
  command.cluster_id = base::random_id();
  command.partition_count = options_.partition_count;
  command.replication_factor = options_.replication_factor;
  command.min_isr = options_.min_isr;
  LogEntry entry{.proposal = {base::random_number(), base::random_number()}, .command = {}};
  const metadata::Command founding = TRY(options_.founding(command));
  command.cluster_id = metadata::cluster_id_of(founding);
  metadata::encode(founding, entry.command);
  TRY(EtcdLog::create_cluster(*client_, options_.prefix, command.cluster_id, encode_entry(entry),
                              in(options_.call_timeout)));
  const std::string found =
      TRY(EtcdLog::find_cluster(*client_, options_.prefix, in(options_.call_timeout)));
  if (found == command.cluster_id)
    options_.log(Severity::kInfo, "metadata: created cluster " + found + " in etcd");
  return found.empty() ? Result<>() : enter(found);
}

Result<> EtcdMetadata::remember_cluster(const std::string& cluster_id) {
  Identity identity;
  {
    const base::MutexLock lock(mutex_);
    if (identity_.cluster_id == cluster_id) return {};
    identity = identity_;
  }
  if (!identity.cluster_id.empty()) {
    return Error{
        ErrorCode::kConflict,
        fmt::format("this node belongs to cluster {}, but the one in etcd at {} below {} "
                    "is {}",
                    identity.cluster_id, client_->description(), options_.prefix, cluster_id),
        "give each cluster a cluster.etcd.prefix of its own, or start this node with an "
        "empty data_dir"};
  }
  identity.cluster_id = cluster_id;
  TRY(save_identity(files_, options_.directory, identity));
  const base::MutexLock lock(mutex_);
  identity_ = std::move(identity);
  return {};
}

Result<> EtcdMetadata::enter(const std::string& cluster_id) {
  TRY(remember_cluster(cluster_id));
  links_.set_cluster_id(cluster_id);
  EtcdElectionOptions election;
  election.address = options_.advertise;
  election.incarnation = incarnation_;
  election.may_lead = options_.may_lead;
  election.call_timeout = std::min(election.call_timeout, options_.call_timeout);
  election.prepare = [this]() -> Result<> {
    const auto member = this->member();
    if (member != nullptr) TRY(catch_up(*member, in(options_.call_timeout)));
    return {};
  };
  auto member =
      std::make_shared<Member>(*client_, options_.prefix, cluster_id, links_, std::move(election));
  TRY(catch_up(*member, in(kLoadTimeout)));
  const base::MutexLock lock(mutex_);
  member_ = std::move(member);
  changed_.notify_all();
  return {};
}

Result<> EtcdMetadata::check_not_removed(const metadata::State& state) {
  if (!state.removed_members.contains(member_id())) return {};
  Error removed{ErrorCode::kConflict,
                fmt::format("node '{}' was removed from the cluster", options_.node_name),
                "it can join anew with an empty data_dir"};
  give_up(removed);
  return removed;
}

// A name belongs to the node that has it until that counts as dead. One that answers is another
// process; else it may be this one's earlier life, on a disk that is gone.
Result<> EtcdMetadata::check_name(const metadata::State& state) {
  const metadata::NodeEntry* known = metadata::find_node(state, options_.node_name);
  if (known == nullptr || known->fenced || known->incarnation == incarnation_) return {};
  Error taken{
      ErrorCode::kUnavailable,
      fmt::format("a node named '{}' is running at {}", known->name, known->cluster_address),
      "give each node a cluster.node_id of its own"};
  const auto answer = links_.hello(known->cluster_address, introduce({}), in(kNameTimeout));
  if (answer && answer->incarnation == known->incarnation) {
    taken.code = ErrorCode::kConflict;
    give_up(taken);
  }
  return taken;
}

Result<> EtcdMetadata::tend_member(Member& member) {
  TRY(take_name());
  TRY(elect(member));
  if (std::chrono::steady_clock::now() - looked_at_ < kLookInterval) return {};
  TRY(look(member));
  return snapshot_when_due(member);
}

Result<> EtcdMetadata::take_name() {
  {
    const base::MutexLock lock(mutex_);
    if (formed_) return {};
  }
  TRY(check_not_removed(*state()));
  TRY(check_name(*state()));
  const base::MutexLock lock(mutex_);
  formed_ = true;
  changed_.notify_all();
  return {};
}

Result<> EtcdMetadata::elect(Member& member) {
  bool resigning = false;
  {
    const base::MutexLock lock(mutex_);
    resigning = resigning_;
  }
  if (!resigning) return member.election.step();
  auto resigned = member.election.resign();
  const base::MutexLock lock(mutex_);
  changed_.notify_all();
  return resigned;
}

Result<> EtcdMetadata::look(Member& member) {
  const LogPicture picture = TRY(catch_up(member, in(options_.call_timeout)));
  looked_at_ = std::chrono::steady_clock::now();
  const LogIndex before = checkpoint_ ? checkpoint_->index : 0;
  checkpoint_ = picture.checkpoint;
  // Another node has written one: what it holds does not count any more.
  if (checkpoint_ && checkpoint_->index != before) (void)replica_.bytes_applied(true);
  return {};
}

Result<> EtcdMetadata::snapshot_when_due(Member& member) {
  const std::int64_t term = member.election.term();
  if (term == 0) return {};
  const LogIndex before = checkpoint_ ? checkpoint_->index : 0;
  const LogIndex applied = replica_.applied();
  const bool is_due = applied >= before + options_.snapshot_entries ||
                      replica_.bytes_applied(false) >= options_.snapshot_log_bytes;
  return is_due && applied > before ? write_snapshot(member, term) : Result<>();
}

// Whoever is behind what is deleted here loads the snapshot; the one before stays until the next,
// for those who are loading it.
Result<> EtcdMetadata::write_snapshot(Member& member, std::int64_t term) {
  const auto [index, state] = replica_.newest();
  std::string bytes;
  metadata::encode(*state, bytes);
  Checkpoint next{.index = index, .bytes = bytes.size(), .hash = metadata::state_hash(*state)};
  for (std::size_t at = 0; at < bytes.size(); at += options_.chunk_bytes) {
    TRY(member.log.put_chunk(index, next.chunks++, bytes.substr(at, options_.chunk_bytes),
                             in(options_.call_timeout)));
    // It may take longer than the lease lives.
    TRY(member.election.step());
  }
  const LogIndex trim_to = index - std::min(index, options_.entries_kept);
  TRY(member.log.publish(next, checkpoint_ ? checkpoint_->index : 0, trim_to, term,
                         in(options_.call_timeout)));
  checkpoint_ = next;
  (void)replica_.bytes_applied(true);
  return {};
}

// --- The watching thread -------------------------------------------------------------------------

void EtcdMetadata::watch() {
  while (true) {
    const auto member = this->member();
    Result<> done;
    if (member != nullptr && health()) done = watch_once(*member);
    if (!done && done.error().code == ErrorCode::kCorruption) give_up(done.error());
    if (!pause(jittered(done && member != nullptr ? kEtcdTendingPause / 10 : kEtcdPause))) return;
  }
}

Result<> EtcdMetadata::watch_once(Member& member) {
  const LogPicture picture = TRY(catch_up(member, in(kLoadTimeout)));
  Result<> broken;
  TRY(client_->watch(
      member.log.watched_begin(), member.log.watched_end(), picture.revision + 1,
      [&](const etcd::WatchResponse& response) {
        for (const etcd::Event& event : response.events()) {
          const etcd::KeyValue& pair = event.kv();
          const bool is_there = event.type() == etcd::Event::PUT;
          if (pair.key() == member.log.controller_key()) {
            const auto now =
                is_there ? std::optional(decode_controller(pair.create_revision(), pair.value()))
                         : std::nullopt;
            if (member.election.see(now, pair.mod_revision())) wake();
          } else if (const auto index = member.log.index_of(pair.key()); index && is_there) {
            if (*index > replica_.applied() + 1) return false;
            broken = replica_.offer(*index, pair.value());
            if (!broken) return false;
          }
        }
        return true;
      }));
  return broken;
}

// --- Small things --------------------------------------------------------------------------------

Result<metadata::StatePtr> EtcdMetadata::wait_formed(Deadline deadline) {
  const base::MutexLock lock(mutex_);
  while (!formed_ && !given_up_ && !stopping_ && changed_.wait_until(mutex_, deadline)) {
  }
  if (given_up_) return *given_up_;
  if (stopping_) return Error{ErrorCode::kCancelled, "this node is stopping"};
  if (!formed_) return no_group(waiting_for_);
  return state();
}

Result<> EtcdMetadata::hand_over(Deadline deadline) {
  const auto member = this->member();
  if (member == nullptr || member->election.term() == 0) return {};
  const base::MutexLock lock(mutex_);
  resigning_ = woken_ = true;
  changed_.notify_all();
  while (member->election.term() != 0 && !stopping_ && changed_.wait_until(mutex_, deadline)) {
  }
  if (stopping_ || member->election.term() == 0) return {};
  return Error{ErrorCode::kTimeout, "etcd did not take the leadership back in time"};
}

std::shared_ptr<EtcdMetadata::Member> EtcdMetadata::member() const {
  const base::MutexLock lock(mutex_);
  return member_;
}

std::string EtcdMetadata::cluster_id() const {
  const base::MutexLock lock(mutex_);
  return identity_.cluster_id;
}

void EtcdMetadata::note(const std::string& why) {
  const auto now = std::chrono::steady_clock::now();
  bool was_well = false;
  {
    const base::MutexLock lock(mutex_);
    was_well = waiting_for_.empty();
    waiting_for_ = why;
    if (stopping_ || was_well == why.empty()) {
      if (stopping_ || why.empty() || now - noted_at_ < kNoteInterval) return;
    }
    noted_at_ = now;
  }
  if (why.empty()) return options_.log(Severity::kInfo, "metadata: etcd answers again");
  options_.log(Severity::kWarning, "metadata: " + why);
}

void EtcdMetadata::give_up(const Error& error) {
  {
    const base::MutexLock lock(mutex_);
    if (given_up_) return;
    given_up_ = error;
    changed_.notify_all();
  }
  options_.log(Severity::kError, "metadata: " + error.message);
  options_.failed(error);
}

void EtcdMetadata::wake() {
  const base::MutexLock lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

// As pause(), but ends when somebody wakes the tending thread.
bool EtcdMetadata::await_work(milliseconds time) {
  const Deadline until = in(time);
  const base::MutexLock lock(mutex_);
  while (!stopping_ && !woken_ && changed_.wait_until(mutex_, until)) {
  }
  woken_ = false;
  return !stopping_;
}

// False when this node stops.
bool EtcdMetadata::pause(milliseconds time) {
  const Deadline until = in(time);
  const base::MutexLock lock(mutex_);
  while (!stopping_ && changed_.wait_until(mutex_, until)) {
  }
  return !stopping_;
}

// Half of it to one and a half: nodes that failed together do not try again together.
milliseconds EtcdMetadata::jittered(milliseconds time) {
  const base::MutexLock lock(mutex_);
  const auto half = static_cast<std::uint64_t>(time.count()) / 2;
  return milliseconds(half + random_.below(2 * half + 1));
}

}  // namespace lynxdb::cluster
