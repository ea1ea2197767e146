// The log's way from the leader to the others (dissertation, sections 3.5 and 3.6.2; leader's own
// write in parallel: 10.2.1; check-quorum: 6.2).
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "raft/raft.h"

namespace lynxdb::raft {
namespace {

Error unavailable(std::string message) {
  return Error{ErrorCode::kUnavailable, std::move(message)};
}

}  // namespace

// --- Leader --------------------------------------------------------------------------------------

void Raft::tick_leader() {
  // Without a majority that answers, somebody else may lead: clients must not wait for us.
  if (!hears_a_majority()) return become_follower(term_, kNobody);
  tick_transfer();
  tick_snapshots();
  if (++leading_->heartbeat_elapsed >= options_.heartbeat_ticks) send_heartbeats();
}

bool Raft::hears_a_majority() const {
  return ticks_ - majority_of(ticks_, &Progress::heard_tick) <= options_.election_ticks;
}

const Progress* Raft::find_follower(NodeId node) const {
  for (const Progress& follower : leading_->followers) {
    if (follower.node() == node) return &follower;
  }
  return nullptr;
}

Progress* Raft::find_follower(NodeId node) {
  return const_cast<Progress*>(std::as_const(*this).find_follower(node));
}

EntryId Raft::append_own(EntryKind kind, Payload payload) {
  Entry entry{log_.last_index() + 1, term_, kind, std::move(payload)};
  const EntryId id = entry.id();
  leading_->uncommitted_bytes += size_bytes(entry);
  log_.append(std::move(entry));
  return id;
}

Result<EntryId> Raft::propose(Payload payload) {
  if (!leading_) return unavailable("this node is not the leader");
  if (leading_->transfer) return unavailable("leadership is being handed over");
  const Entry entry{0, term_, EntryKind::kCommand, std::move(payload)};
  const std::size_t bytes = size_bytes(entry);
  if (bytes > options_.entry_bytes_max) {
    return Error{ErrorCode::kInvalidArgument, "the proposal is larger than an entry may be"};
  }
  if (leading_->uncommitted_bytes + bytes > options_.uncommitted_bytes_max) {
    return Error{ErrorCode::kOverloaded, "too many proposals wait for a majority"};
  }
  return append_own(EntryKind::kCommand, entry.payload);
}

Result<EntryId> Raft::change_membership(const MembershipChange& change) {
  if (!leading_) return unavailable("this node is not the leader");
  if (leading_->transfer) return unavailable("leadership is being handed over");
  if (configurations_.count_above(log_.commit()) > 0) {
    return Error{ErrorCode::kConflict, "another change of members is not committed yet"};
  }
  // Without this, changes of two leaders in a row could both be decided by majorities that do not
  // meet (Ongaro on raft-dev, July 2015).
  if (!term_has_commit()) {
    return Error{ErrorCode::kConflict, "this leader has not committed anything of its term yet"};
  }
  Configuration after = TRY(changed(configurations_.newest(), change));
  if (change.kind == MembershipChange::Kind::kPromote &&
      find_follower(change.node)->match() + options_.promotion_lag_max < log_.last_index()) {
    return Error{ErrorCode::kConflict, "the learner has not caught up yet"};
  }
  std::string bytes;
  encode(after, bytes);
  const EntryId id =
      append_own(EntryKind::kConfiguration, std::make_shared<const std::string>(std::move(bytes)));
  configurations_.append(id.index, std::move(after));
  match_followers_to_members();
  return id;
}

void Raft::match_followers_to_members() {
  const Configuration& members = configurations_.newest();
  std::vector<Progress> followers;
  const auto keep_or_add = [&](NodeId node) {
    if (node == options_.id) return;
    Progress* known = find_follower(node);
    followers.push_back(known ? std::move(*known) : Progress(node, log_.last_index() + 1, ticks_));
  };
  for (const NodeId node : members.voters) keep_or_add(node);
  for (const NodeId node : members.learners) keep_or_add(node);
  leading_->followers = std::move(followers);
  if (leading_->transfer && !members.is_voter(leading_->transfer->target)) {
    leading_->transfer.reset();
  }
}

void Raft::send_appends() {
  if (leading_->round_wanted) {
    leading_->round_wanted = false;
    ++leading_->round;
    send_heartbeats();
  }
  for (Progress& follower : leading_->followers) send_appends_to(follower);
}

void Raft::send_appends_to(Progress& follower) {
  const bool compacted = follower.next() < log_.first_index();
  if (compacted && follower.mode() != Progress::Mode::kSnapshot) {
    follower.start_snapshot(snapshot_);
  }
  if (follower.mode() == Progress::Mode::kSnapshot) return send_chunks(follower);
  if (follower.mode() == Progress::Mode::kProbe) {
    if (follower.may_append(options_)) send_append(follower, true);
    return;
  }
  while (follower.next() <= log_.last_index() && follower.may_append(options_)) {
    send_append(follower, true);
  }
  if (follower.sent_commit() < log_.commit()) send_append(follower, false);
}

void Raft::send_append(Progress& follower, bool with_entries) {
  AppendRequest append;
  // One that waits for a snapshot is asked about nothing: its answer tells what it has committed.
  if (follower.mode() != Progress::Mode::kSnapshot) {
    const Index previous = follower.next() - 1;
    append.previous = {previous, *log_.term_at(previous)};
  }
  append.commit = log_.commit();
  append.stamp = {leading_->round, ticks_};
  std::size_t bytes = 0;
  if (with_entries) {
    append.entries = log_.slice(follower.next(), log_.last_index(), options_.append_bytes_max);
    for (const Entry& entry : append.entries) bytes += size_bytes(entry);
  }
  follower.sent_append(append, bytes);
  send(follower.node(), std::move(append));
}

void Raft::send_heartbeats() {
  leading_->heartbeat_elapsed = 0;
  for (Progress& follower : leading_->followers) {
    const bool compacted = follower.next() < log_.first_index();
    if (compacted && follower.mode() != Progress::Mode::kSnapshot) {
      follower.start_snapshot(snapshot_);
    }
    follower.retry_probe();
    // Entries for one that is silent would only be lost.
    const bool answers = ticks_ - follower.heard_tick() <= options_.election_ticks;
    send_append(follower, answers && follower.mode() == Progress::Mode::kProbe);
  }
}

// Counting replicas commits entries of the own term only; older ones are committed with them
// (3.6.2, figure 3.7; figure 8 of the paper).
void Raft::advance_commit() {
  const Index before = log_.commit();
  const Index reached = majority_of(log_.stable(), &Progress::match);
  if (reached <= before || log_.term_at(reached) != term_) return;
  log_.commit_to(reached);
  commit_advanced(before);
}

void Raft::commit_advanced(Index before) {
  const std::size_t bytes = log_.bytes_between(before + 1, log_.commit());
  LYNXDB_CHECK(bytes <= leading_->uncommitted_bytes);
  leading_->uncommitted_bytes -= bytes;
  if (before < leading_->term_start) start_waiting_reads();
  // A leader that is no voter any more leads until that is committed (4.2.2).
  const bool decided = configurations_.newest_index() <= log_.commit();
  if (!decided || configurations_.newest().is_voter(options_.id)) return;
  send_appends();
  become_follower(term_, kNobody);
}

void Raft::handle(const Message& message, AppendReply& reply) {
  Progress* follower = leading_ ? find_follower(message.from) : nullptr;
  if (follower == nullptr) return;
  if (reply.index > log_.last_index() || reply.stamp.tick > ticks_ ||
      reply.stamp.round > leading_->round) {
    ++malformed_messages_;
    return;
  }
  follower->hear(ticks_);
  follower->hear_stamp(reply.stamp);
  if (reply.accepted) {
    follower->accepted(reply.index);
    const bool served_by_log = follower->match() + 1 >= log_.first_index();
    if (follower->mode() == Progress::Mode::kSnapshot && served_by_log) {
      follower->probe_from(follower->match() + 1);
    }
    push_transfer(*follower);
    advance_commit();
  } else {
    const EntryId common = log_.last_not_newer(reply.hint.index, reply.hint.term);
    follower->refused(reply.index, common.index + 1);
  }
}

// --- Handing over (3.10) -------------------------------------------------------------------------

Result<> Raft::transfer_leadership(NodeId target) {
  if (!leading_) return unavailable("this node is not the leader");
  if (target == options_.id || !configurations_.newest().is_voter(target)) {
    return Error{ErrorCode::kInvalidArgument, "leadership goes to another voter only"};
  }
  if (leading_->transfer) {
    return Error{ErrorCode::kConflict, "leadership is being handed over already"};
  }
  leading_->transfer = Transfer{target, options_.election_ticks};
  push_transfer(*find_follower(target));
  return {};
}

void Raft::push_transfer(Progress& follower) {
  std::optional<Transfer>& transfer = leading_->transfer;
  if (!transfer || transfer->told || transfer->target != follower.node()) return;
  if (follower.match() != log_.last_index()) return;
  transfer->told = true;
  leading_->lease_given_up = true;
  send(follower.node(), TimeoutNow{});
}

void Raft::tick_transfer() {
  std::optional<Transfer>& transfer = leading_->transfer;
  if (transfer && --transfer->ticks_left == 0) transfer.reset();
}

// --- Follower ------------------------------------------------------------------------------------

void Raft::handle(const Message& message, AppendRequest& request) {
  follow(message.from);
  AppendReply reply{true, 0, {}, request.stamp};
  std::vector<Entry>& entries = request.entries;
  if (request.previous.index < log_.commit()) {
    // What is committed is the leader's, too, whatever place the message starts from; our own
    // entries from there may be compacted.
    std::erase_if(entries, [&](const Entry& entry) { return entry.index <= log_.commit(); });
    request.previous = {log_.commit(), *log_.term_at(log_.commit())};
  }
  if (installing()) {
    entries.clear();
    request.previous = {log_.commit(), *log_.term_at(log_.commit())};
  }
  if (!log_.holds(request.previous)) {
    LYNXDB_CHECK(request.previous.index > log_.commit());  // The leader lacks what is committed.
    return refuse_append(message, request);
  }
  const Index verified = entries.empty() ? request.previous.index : entries.back().index;
  const bool stored = store_entries(entries);
  log_.commit_to(std::min(request.commit, verified));
  // Without news there is no need to wait: what is on disk by now is true already.
  reply.index = stored ? verified : std::min(verified, log_.stable());
  if (stored) return send_after_sync(message.from, reply);
  send(message.from, reply);
}

void Raft::refuse_append(const Message& message, const AppendRequest& request) {
  const Index from = std::min(request.previous.index - 1, log_.last_index());
  AppendReply reply{false, request.previous.index, {}, request.stamp};
  reply.hint = log_.last_not_newer(from, request.previous.term);
  send(message.from, reply);
}

// True when any of them was new.
bool Raft::store_entries(std::vector<Entry>& entries) {
  bool stored = false;
  for (Entry& entry : entries) {
    if (log_.holds(entry.id())) continue;
    if (entry.index <= log_.last_index()) truncate_from(entry.index);
    if (entry.kind == EntryKind::kConfiguration) {
      configurations_.append(entry.index, decode_configuration(*entry.payload).value());
    }
    log_.append(std::move(entry));
    stored = true;
  }
  return stored;
}

void Raft::truncate_from(Index index) {
  log_.truncate_from(index);
  configurations_.truncate_from(index);
  // Writes that are on their way no longer make entries stable that are not ours.
  for (PendingWrite& write : pending_writes_) write.last = std::min(write.last, index - 1);
}

}  // namespace lynxdb::raft
