#include "replication/leadership.h"

#include <algorithm>

namespace lynxdb::replication {
namespace {

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

Leadership::Leadership(PartitionId partition, NodeId self, Offset start, TimeMs now)
    : partition_(partition), self_(self), start_(start), since_(now) {}

void Leadership::apply(const metadata::State& state) {
  const metadata::PartitionState& row = state.partitions.at(partition_);
  leader_epoch_ = row.leader_epoch;
  min_isr_ = state.min_isr;
  isr_ = row.copies.isr;
  own_epoch_ = state.nodes.at(self_).epoch;
  peers_.clear();
  for (const NodeId node : row.copies.replicas) {
    if (node == self_) continue;
    const metadata::NodeEntry& entry = state.nodes.at(node);
    peers_[node] = {entry.epoch, entry.fenced};
  }
  std::erase_if(followers_, [&](const auto& one) { return !peers_.contains(one.first); });
  if (partition_epoch_ == row.partition_epoch) return;
  // Whatever was proposed was compared with the partition epoch of before: it came true, or never
  // will.
  partition_epoch_ = row.partition_epoch;
  possible_.clear();
  outstanding_ = 0;
  next_proposal_ = 0;
}

void Leadership::forgive(TimeMs pause_ms) {
  since_ += pause_ms;
  for (auto& [node, follower] : followers_) {
    follower.caught_up_at += pause_ms;
    follower.fetched_at += pause_ms;
  }
}

bool Leadership::is_stale(NodeId from, const Fetch& fetch) const {
  const auto peer = peers_.find(from);
  if (peer == peers_.end() || fetch.node_epoch < peer->second.epoch) return true;
  const auto known = followers_.find(from);
  if (known == followers_.end()) return false;
  const Follower& follower = known->second;
  if (fetch.node_epoch != follower.epoch) return fetch.node_epoch < follower.epoch;
  if (fetch.id != follower.fetch_id) return fetch.id < follower.fetch_id;
  return fetch.partition_epoch < follower.partition_epoch;
}

void Leadership::matched(NodeId from, const Fetch& fetch, Offset log_end, TimeMs now) {
  Follower& follower = followers_[from];
  if (follower.epoch != fetch.node_epoch) follower = Follower{.epoch = fetch.node_epoch};
  const bool is_new = follower.fetch_id != fetch.id;
  // A copy that was removed and made anew has less than before; reports may come late.
  follower.durable = is_new ? fetch.durable : std::max(follower.durable, fetch.durable);
  follower.partition_epoch = fetch.partition_epoch;
  follower.matches = true;
  if (follower.durable >= log_end) {
    follower.caught_up_at = now;
  } else if (follower.durable >= follower.log_end_then) {
    follower.caught_up_at = std::max(follower.caught_up_at, follower.fetched_at);
  }
  follower.log_end_then = log_end;
  follower.fetched_at = now;
  if (!is_new) return;
  follower.fetch_id = fetch.id;
  follower.waits = true;
  follower.fetch_end = fetch.log_end;
  follower.waits_since = now;
}

void Leadership::parted(NodeId from, const Fetch& fetch) {
  followers_[from] = Follower{.epoch = fetch.node_epoch, .fetch_id = fetch.id};
}

std::vector<WaitingFetch> Leadership::take_answerable(Offset log_end, TimeMs fetch_wait_ms,
                                                      TimeMs now) {
  std::vector<WaitingFetch> taken;
  for (auto& [node, follower] : followers_) {
    const bool is_due = follower.fetch_end < log_end || now - follower.waits_since >= fetch_wait_ms;
    if (!follower.waits || !is_due) continue;
    follower.waits = false;
    taken.push_back({node, follower.fetch_id, follower.fetch_end});
  }
  return taken;
}

void Leadership::proposal_done(ProposalId id, ProposalOutcome outcome) {
  if (outcome == ProposalOutcome::kRefused)
    std::erase_if(possible_, [&](const Possible& one) { return one.id == id; });
  // When it was accepted, the new state will say so.
  if (id == outstanding_ && outcome != ProposalOutcome::kAccepted) outstanding_ = 0;
}

std::map<NodeId, Offset> Leadership::followers() const {
  std::map<NodeId, Offset> ends;
  for (const auto& [node, follower] : followers_)
    if (follower.matches) ends.emplace(node, follower.durable);
  return ends;
}

std::vector<NodeId> Leadership::maximal_isr() const {
  std::vector<NodeId> all = isr_;
  for (const Possible& one : possible_)
    for (const NodeId node : one.isr)
      if (!holds(all, node)) all.push_back(node);
  return all;
}

std::optional<Offset> Leadership::committed_by_all(Offset own_durable) const {
  if (!has_enough_copies()) return std::nullopt;
  Offset least = own_durable;
  for (const NodeId node : maximal_isr()) {
    if (node == self_) continue;
    const auto follower = followers_.find(node);
    if (follower == followers_.end() || !follower->second.matches) return std::nullopt;
    least = std::min(least, follower->second.durable);
  }
  return least;
}

// It has all that is committed, and all that may have been under a former leader; it asked this
// leader, in its present life, and knows the present copies.
bool Leadership::can_join(NodeId node, const Peer& peer, Offset high_watermark) const {
  const auto found = followers_.find(node);
  if (peer.fenced || found == followers_.end()) return false;
  const Follower& follower = found->second;
  return follower.matches && follower.epoch == peer.epoch &&
         follower.partition_epoch >= partition_epoch_ && follower.durable >= high_watermark &&
         follower.durable >= start_;
}

bool Leadership::lags(NodeId node, const Options& options, TimeMs now) const {
  const auto found = followers_.find(node);
  const TimeMs caught_up = found == followers_.end() ? since_ : found->second.caught_up_at;
  return now - std::max(caught_up, since_) > options.lag_max_ms;
}

// Never smaller than min_isr by its own choice: nothing would be committed then, and a copy that
// is only slow is worth more in the ISR than beside it.
std::vector<NodeId> Leadership::desired_isr(Offset high_watermark, const Options& options,
                                            TimeMs now) const {
  std::vector<NodeId> isr = isr_;
  for (const auto& [node, peer] : peers_)
    if (!holds(isr, node) && can_join(node, peer, high_watermark) && !lags(node, options, now))
      isr.push_back(node);
  for (const NodeId node : isr_) {
    if (node != self_ && isr.size() > min_isr_ && lags(node, options, now)) std::erase(isr, node);
  }
  std::sort(isr.begin(), isr.end());
  return isr;
}

metadata::ChangeIsr Leadership::command_for(const std::vector<NodeId>& isr) const {
  metadata::ChangeIsr change{partition_, leader_epoch_, partition_epoch_, {}};
  for (const NodeId node : isr)
    change.isr.push_back({node, node == self_ ? own_epoch_ : peers_.at(node).epoch});
  return change;
}

std::optional<metadata::ChangeIsr> Leadership::propose(ProposalId id, Offset high_watermark,
                                                       const Options& options, TimeMs now) {
  if (outstanding_ != 0 && now - proposed_at_ < options.proposal_timeout_ms) return std::nullopt;
  if (now < next_proposal_) return std::nullopt;
  std::vector<NodeId> isr = desired_isr(high_watermark, options, now);
  // What may still come true holds commits up. The ISR of now, proposed again, ends that: the
  // partition epoch moves on.
  if (isr == isr_ && possible_.empty()) return std::nullopt;
  possible_.push_back({id, isr});
  outstanding_ = id;
  proposed_at_ = now;
  next_proposal_ = now + options.proposal_retry_ms;
  return command_for(isr);
}

}  // namespace lynxdb::replication
