// Reads that see all that was committed before them, without a log entry of their own
// (dissertation, section 6.4), by asking a majority or by the leader's lease (6.4.1).
#include <array>
#include <utility>

#include "base/check.h"
#include "raft/raft.h"

namespace lynxdb::raft {

std::uint64_t Raft::majority_of(std::uint64_t own, std::uint64_t (Progress::*of)() const) const {
  std::array<std::uint64_t, kMembersMax> values{};
  std::size_t count = 0;
  for (const NodeId voter : configurations_.newest().voters) {
    values[count++] = voter == options_.id ? own : (find_follower(voter)->*of)();
  }
  return reached_by_majority(std::span(values.data(), count));
}

// Until then the leader may not know all that its predecessors committed.
bool Raft::term_has_commit() const { return log_.commit() >= leading_->term_start; }

// A majority answered to what was sent so lately that, by the slowest of our clocks and the fastest
// of theirs, each of them still refuses its vote to everybody. One tick is for what had passed of
// the tick in which they heard it.
bool Raft::has_lease() const {
  if (!leading_ || leading_->lease_given_up || !term_has_commit()) return false;
  const std::uint64_t drift = options_.clock_drift_percent_max;
  const std::uint64_t ticks = (options_.election_ticks - 1) * (100 - drift) / (100 + drift);
  return ticks_ - majority_of(ticks_, &Progress::acked_tick) < ticks;
}

Result<> Raft::read(ReadId id, ReadMode mode) {
  if (leading_) return lead_read(id, options_.id, mode);
  if (leader_ == kNobody) return Error{ErrorCode::kUnavailable, "no leader is known"};
  send(leader_, ReadRequest{id, mode});
  return {};
}

Result<> Raft::lead_read(ReadId id, NodeId from, ReadMode mode) {
  if (mode == ReadMode::kLease && has_lease()) {
    answer_read(id, from, log_.commit());
    return {};
  }
  if (leading_->reads.size() >= options_.reads_pending_max) {
    return Error{ErrorCode::kOverloaded, "too many reads wait for a majority"};
  }
  const bool known = term_has_commit();
  leading_->reads.push_back({id, from, log_.commit(), known ? leading_->round + 1 : 0});
  leading_->round_wanted |= known;
  return {};
}

void Raft::answer_read(ReadId id, NodeId from, Index index) {
  if (from == options_.id) {
    out_.reads.push_back({id, index});
  } else {
    send(from, ReadReply{id, index});
  }
}

void Raft::start_waiting_reads() {
  if (!term_has_commit()) return;
  for (PendingRead& read : leading_->reads) {
    LYNXDB_CHECK(read.round == 0);
    read.index = log_.commit();
    read.round = leading_->round + 1;
    leading_->round_wanted = true;
  }
}

void Raft::finish_reads() {
  if (leading_->reads.empty()) return;
  const std::uint64_t answered = majority_of(leading_->round, &Progress::acked_round);
  std::deque<PendingRead>& reads = leading_->reads;
  while (!reads.empty() && reads.front().round != 0 && reads.front().round <= answered) {
    const PendingRead read = reads.front();
    reads.pop_front();
    answer_read(read.id, read.from, read.index);
  }
}

void Raft::drop_reads() {
  for (const PendingRead& read : leading_->reads) {
    if (read.from == options_.id) out_.reads_dropped.push_back(read.id);
  }
}

void Raft::handle(const Message& message, ReadRequest& request) {
  // Refusals are silent: the asker gives up by its own clock.
  if (leading_) (void)lead_read(request.id, message.from, request.mode).has_value();
}

void Raft::handle(const Message& /*message*/, ReadReply& reply) {
  out_.reads.push_back({reply.id, reply.index});
}

}  // namespace lynxdb::raft
