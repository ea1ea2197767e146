// Who leads: pre-vote (dissertation, section 9.6), votes (3.4, 3.6.1), the deafness of those that
// hear a leader (4.2.3), and elections that a leader asks for (3.10).
#include <algorithm>

#include "base/check.h"
#include "raft/raft.h"

namespace lynxdb::raft {

// A voter that was removed stands all the same until that is committed: it may be the only one
// whose log is complete enough (4.2.2). It does not count itself then.
bool Raft::may_stand() const {
  const bool was_voter = configurations_.at(log_.commit()).is_voter(options_.id);
  return (was_voter || configurations_.newest().is_voter(options_.id)) && !installing();
}

// For the time that no follower of a live leader stands itself, it helps nobody else to. It does
// not depend on the term: the lease of a leader in an older one may still run.
bool Raft::hears_a_leader() const {
  return role_ == Role::kLeader || ticks_ - contact_tick_ < options_.election_ticks;
}

void Raft::tick_election() {
  if (++election_elapsed_ < election_timeout_) return;
  reset_election_timer();
  leader_ = kNobody;  // Silent for so long, it is none to send reads to.
  if (may_stand()) pre_campaign();
}

void Raft::pre_campaign() {
  role_ = Role::kPreCandidate;
  request_votes(true, false, Term(term_.value() + 1));
  record_vote(options_.id, true);
}

void Raft::campaign(bool transfer) {
  LYNXDB_CHECK(role_ != Role::kLeader && may_stand());
  become_follower(Term(term_.value() + 1), kNobody);
  role_ = Role::kCandidate;
  vote_ = options_.id;
  request_votes(false, transfer, term_);  // They wait, as our own vote does, for the disk.
}

void Raft::request_votes(bool pre_vote, bool transfer, Term term) {
  votes_.clear();
  const VoteRequest request{pre_vote, transfer, log_.last()};
  for (const NodeId voter : configurations_.newest().voters) {
    if (voter == options_.id) continue;
    if (pre_vote) {
      send_in_term(voter, term, request);
    } else {
      send_after_sync(voter, request);
    }
  }
}

void Raft::record_vote(NodeId node, bool granted) {
  const Configuration& members = configurations_.newest();
  if (!members.is_voter(node)) return;
  const auto same_node = [&](const Vote& vote) { return vote.node == node; };
  if (std::any_of(votes_.begin(), votes_.end(), same_node)) return;
  votes_.push_back({node, granted});
  count_votes();
}

void Raft::count_votes() {
  const Configuration& members = configurations_.newest();
  const auto grants = static_cast<std::size_t>(
      std::count_if(votes_.begin(), votes_.end(), [](const Vote& vote) { return vote.granted; }));
  const std::size_t denials = votes_.size() - grants;
  const bool won = grants >= members.majority();
  // Even one that does not count itself must never vote for another after a crash.
  if (won && (role_ == Role::kPreCandidate || term_is_durable())) return win_vote();
  if (denials > members.voters.size() - members.majority()) become_follower(term_, kNobody);
}

void Raft::win_vote() {
  if (role_ == Role::kPreCandidate) return campaign(false);
  become_leader();
}

void Raft::become_leader() {
  LYNXDB_CHECK(role_ == Role::kCandidate && vote_ == options_.id && term_is_durable());
  role_ = Role::kLeader;
  leader_ = options_.id;
  votes_.clear();
  leading_ = Leadership{};
  leading_->uncommitted_bytes = log_.bytes_between(log_.commit() + 1, log_.last_index());
  match_followers_to_members();
  leading_->term_start = append_own(EntryKind::kNoOp, nullptr).index;
}

// A candidate's own vote is one like any other: it counts once it cannot be forgotten.
void Raft::count_own_vote() {
  if (role_ != Role::kCandidate || !term_is_durable()) return;
  record_vote(options_.id, true);
  if (role_ == Role::kCandidate) count_votes();
}

// Neither the sender's membership nor our own matters here (4.2.2): a voter whose log does not yet
// say that it is one must vote all the same, or the group may never get a leader.
void Raft::handle(const Message& message, VoteRequest& request) {
  const bool deaf = hears_a_leader() && !request.transfer;
  const bool complete = log_.is_not_ahead_of(request.last);
  if (request.pre_vote) {
    // A denial says our own term: it may be what the sender has to learn.
    const bool granted = message.term > term_ && complete && !deaf;
    return send_in_term(message.from, granted ? message.term : term_, VoteReply{true, granted});
  }
  const bool free = vote_ == message.from || (vote_ == kNobody && leader_ == kNobody);
  const bool granted = free && complete && !deaf;
  if (granted) {
    vote_ = message.from;
    election_elapsed_ = 0;
  }
  send(message.from, VoteReply{false, granted});  // After the sync of the vote.
}

void Raft::handle(const Message& message, VoteReply& reply) {
  const Term asked(term_.value() + (reply.pre_vote && reply.granted ? 1 : 0));
  const Role asking = reply.pre_vote ? Role::kPreCandidate : Role::kCandidate;
  if (role_ == asking && message.term == asked) record_vote(message.from, reply.granted);
}

void Raft::handle(const Message& message, TimeoutNow& /*request*/) {
  if (role_ == Role::kLeader || !may_stand()) return;
  if (leader_ == kNobody || leader_ == message.from) campaign(true);
}

void Raft::handle(const Message& /*message*/, StaleTerm& /*reply*/) {
  // Its term was the news.
}

}  // namespace lynxdb::raft
