#include "raft/raft.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lynxdb::raft {
namespace {

Error damaged(std::string_view what) {
  return Error{ErrorCode::kCorruption, "raft state: " + std::string(what)};
}

std::string_view fault_of_entries(const std::vector<Entry>& entries, EntryId before) {
  for (const Entry& entry : entries) {
    if (entry.index != before.index + 1) return "entries with a gap";
    if (entry.term < before.term || entry.term == Term{}) return "entries with falling terms";
    const bool configuration = entry.kind == EntryKind::kConfiguration;
    if (configuration && (!entry.payload || !decode_configuration(*entry.payload))) {
      return "an unreadable configuration";
    }
    before = entry.id();
  }
  return {};
}

std::string_view fault_of(const Restored& restored) {
  const auto& [hard_state, snapshot, entries, applied] = restored;
  if (const auto fault = find_fault(snapshot.configuration); !fault.empty()) return fault;
  EntryId last = snapshot.last;
  if (!entries.empty()) {
    const Entry& first = entries.front();
    if (first.index == 0 || first.index > last.index + 1) return "entries begin behind a gap";
    const bool follows = first.index == last.index + 1;
    const EntryId before = follows ? last : EntryId{first.index - 1, first.term};
    if (const auto fault = fault_of_entries(entries, before); !fault.empty()) return fault;
    if (entries.back().index > last.index) last = entries.back().id();
  }
  if (std::max(hard_state.commit, applied) > last.index) return "the log ends below its commit";
  if (hard_state.term < last.term) return "the log is of a later term than the vote";
  return {};
}

Log log_of(const EntryId& snapshot_last, std::vector<Entry> entries) {
  if (entries.empty() || entries.front().index == snapshot_last.index + 1) {
    return Log(snapshot_last, std::move(entries));
  }
  const EntryId base = entries.front().id();
  entries.erase(entries.begin());
  return Log(base, std::move(entries));
}

bool is_from_leader(const MessageBody& body) {
  return std::holds_alternative<AppendRequest>(body) ||
         std::holds_alternative<SnapshotChunk>(body) || std::holds_alternative<TimeoutNow>(body);
}

bool is_well_formed_append(const AppendRequest& append, Term term) {
  if (append.previous.index >= kIndexMax || append.previous.term > term) return false;
  if ((append.previous.index == 0) != (append.previous.term == Term{})) return false;
  if (!fault_of_entries(append.entries, append.previous).empty()) return false;
  return append.entries.empty() || append.entries.back().term <= term;
}

bool is_well_formed_chunk(const SnapshotChunk& chunk, Term term) {
  const SnapshotMeta& meta = chunk.meta;
  if (meta.last.index == 0 || meta.last.index >= kIndexMax) return false;
  if (meta.last.term == Term{} || meta.last.term > term || meta.size_bytes == 0) return false;
  if (meta.configuration.voters.empty() || !find_fault(meta.configuration).empty()) return false;
  return chunk.offset < meta.size_bytes && !chunk.data.empty() &&
         chunk.data.size() <= meta.size_bytes - chunk.offset;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kFollower:
      return "follower";
    case Role::kPreCandidate:
      return "pre-candidate";
    case Role::kCandidate:
      return "candidate";
    case Role::kLeader:
      return "leader";
  }
  return "unknown";
}

Result<Raft> Raft::create(const Options& options, Random random, Restored restored) {
  LYNXDB_CHECK(options.id != kNobody);
  LYNXDB_CHECK(options.heartbeat_ticks > 0 && options.election_ticks > options.heartbeat_ticks);
  LYNXDB_CHECK(options.clock_drift_percent_max < 100);
  if (const auto fault = fault_of(restored); !fault.empty()) return damaged(fault);
  Log log = log_of(restored.snapshot.last, std::move(restored.entries));
  return Raft(options, random, std::move(restored), std::move(log));
}

Raft::Raft(const Options& options, Random random, Restored restored, Log log)
    : options_(options),
      random_(random),
      log_(std::move(log)),
      snapshot_(std::move(restored.snapshot)),
      configurations_(snapshot_.last.index, snapshot_.configuration),
      term_(restored.hard_state.term),
      vote_(restored.hard_state.vote),
      ticks_(options.election_ticks),
      durable_(restored.hard_state),
      handed_out_(restored.hard_state) {
  // A crash came between a snapshot's installation and the reset of the log before it.
  if (!log_.holds(snapshot_.last)) {
    log_.reset(snapshot_.last);
    out_.log_reset = snapshot_.last;
  }
  log_.commit_to(std::max({snapshot_.last.index, restored.hard_state.commit, restored.applied}));
  applying_ = applied_ = std::max(snapshot_.last.index, restored.applied);
  for (Index index = snapshot_.last.index + 1; index <= log_.last_index(); ++index) {
    const Entry& entry = log_.at(index);
    if (entry.kind != EntryKind::kConfiguration) continue;
    configurations_.append(index, decode_configuration(*entry.payload).value());
  }
  // Before the restart it may have let a leader count on it for its lease (6.4.1).
  if (term_ != Term{}) contact_tick_ = ticks_;
  reset_election_timer();
}

void Raft::tick() {
  ++ticks_;
  if (role_ == Role::kLeader) {
    tick_leader();
  } else {
    tick_election();
  }
}

bool Raft::is_well_formed(const Message& message) const {
  if (message.to != options_.id || message.from == options_.id) return false;
  if (message.from == kNobody || message.term == Term{}) return false;
  if (const auto* append = std::get_if<AppendRequest>(&message.body)) {
    return is_well_formed_append(*append, message.term);
  }
  const auto* chunk = std::get_if<SnapshotChunk>(&message.body);
  return chunk == nullptr || is_well_formed_chunk(*chunk, message.term);
}

void Raft::receive(Message message) {
  if (!is_well_formed(message)) {
    ++malformed_messages_;
    return;
  }
  if (message.term < term_) return receive_stale(message);
  if (message.term > term_ && !follow_newer_term(message)) return;
  std::visit([&](auto& body) { handle(message, body); }, message.body);
}

// Whoever still acts in an older term is told so; old answers are nothing to act on.
void Raft::receive_stale(const Message& message) {
  if (is_from_leader(message.body)) {
    send(message.from, StaleTerm{});
  } else if (const auto* request = std::get_if<VoteRequest>(&message.body)) {
    send(message.from, VoteReply{request->pre_vote, false});
  }
}

// False: the message is not to be handled any further.
bool Raft::follow_newer_term(const Message& message) {
  if (const auto* request = std::get_if<VoteRequest>(&message.body)) {
    if (request->pre_vote) return true;  // It asks about a term that has not begun.
    // A leader that is heard is not to be disturbed (4.2.3), and its lease counts on it (6.4.1).
    if (hears_a_leader() && !request->transfer) return false;
  }
  if (const auto* reply = std::get_if<VoteReply>(&message.body)) {
    if (reply->pre_vote && reply->granted) return true;
  }
  become_follower(message.term, kNobody);
  return true;
}

void Raft::become_follower(Term term, NodeId leader) {
  LYNXDB_CHECK(term >= term_);
  if (term > term_) {
    term_ = term;
    vote_ = kNobody;
  }
  if (leading_) drop_reads();
  leading_.reset();
  votes_.clear();
  role_ = Role::kFollower;
  leader_ = leader;
  reset_election_timer();
}

// A message of this term's leader came in.
void Raft::follow(NodeId leader) {
  LYNXDB_CHECK(role_ != Role::kLeader);  // Two leaders in one term.
  LYNXDB_CHECK(leader_ == kNobody || leader_ == leader);
  if (role_ != Role::kFollower) become_follower(term_, leader);
  leader_ = leader;
  contact_tick_ = ticks_;
  election_elapsed_ = 0;
}

void Raft::reset_election_timer() {
  election_elapsed_ = 0;
  const std::uint32_t ticks = options_.election_ticks;
  election_timeout_ = ticks + static_cast<std::uint32_t>(random_.below(ticks));
}

bool Raft::term_is_durable() const { return durable_.term == term_ && durable_.vote == vote_; }

void Raft::send(NodeId to, MessageBody body) {
  if (!term_is_durable()) return send_after_sync(to, std::move(body));
  send_in_term(to, term_, std::move(body));
}

void Raft::send_in_term(NodeId to, Term term, MessageBody body) {
  out_.messages.push_back({options_.id, to, term, std::move(body)});
}

void Raft::send_after_sync(NodeId to, MessageBody body) {
  out_.messages_after_sync.push_back({options_.id, to, term_, std::move(body)});
}

void Raft::persisted(std::uint64_t sequence) {
  LYNXDB_CHECK(sequence <= sequence_);
  while (!pending_writes_.empty() && pending_writes_.front().sequence <= sequence) {
    const PendingWrite& write = pending_writes_.front();
    durable_ = write.hard_state;
    log_.set_stable(write.last);
    pending_writes_.pop_front();
  }
  count_own_vote();
  if (leading_) advance_commit();
}

void Raft::applied(Index index) {
  LYNXDB_CHECK(index <= applying_);
  applied_ = std::max(applied_, index);
}

void Raft::collect_writes(Ready& ready) {
  const HardState now{term_, vote_, std::min(log_.commit(), log_.stable())};
  ready.entries = log_.take_unwritten();
  const bool promised = now.term != handed_out_.term || now.vote != handed_out_.vote;
  if (now != handed_out_) ready.hard_state = handed_out_ = now;
  ready.must_sync = promised || !ready.entries.empty() || ready.log_reset.has_value();
  if (ready.hard_state || !ready.entries.empty()) {
    const Index last = ready.entries.empty() ? 0 : ready.entries.back().index;
    pending_writes_.push_back({sequence_ + 1, now, last});
  }
}

void Raft::collect_committed(Ready& ready) {
  if (installing() || applying_ != applied_) return;
  const Index last = std::min(log_.commit(), log_.stable());
  if (last <= applying_) return;
  ready.committed = log_.slice(applying_ + 1, last, options_.apply_bytes_max);
  applying_ = ready.committed.back().index;
}

std::optional<Ready> Raft::take_ready() {
  if (leading_) {
    send_appends();
    finish_reads();
  }
  Ready ready = std::exchange(out_, {});
  collect_writes(ready);
  collect_committed(ready);
  const bool empty = ready.messages.empty() && ready.snapshot_sends.empty() && !ready.log_reset &&
                     !ready.hard_state && ready.entries.empty() && ready.snapshot_writes.empty() &&
                     ready.messages_after_sync.empty() && !ready.install &&
                     ready.committed.empty() && ready.reads.empty() && ready.reads_dropped.empty();
  if (empty) return std::nullopt;
  ready.sequence = ++sequence_;
  return ready;
}

Status Raft::status() const {
  Status status;
  status.role = role_;
  status.term = term_;
  status.vote = vote_;
  status.leader = leader_;
  status.first_index = log_.first_index();
  status.last = log_.last();
  status.commit = log_.commit();
  status.applied = applied_;
  status.log_bytes = log_.entries_bytes();
  status.installing = installing();
  status.has_lease = has_lease();
  return status;
}

}  // namespace lynxdb::raft
