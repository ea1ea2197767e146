#include "replication/replication.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lynxdb::replication {
namespace {

bool has_copy(const metadata::PartitionState& row, NodeId node) {
  const std::vector<NodeId>& replicas = row.copies.replicas;
  return std::find(replicas.begin(), replicas.end(), node) != replicas.end();
}

}  // namespace

void Replication::restore(PartitionId partition, const Restored& restored) {
  LYNXDB_CHECK(version_ == 0 && restored.log_start <= restored.log_end);
  replicas_.emplace(partition, PartitionReplica(partition, options_, restored));
}

void Replication::register_as(NodeId node, NodeEpoch epoch) {
  LYNXDB_CHECK(self_.epoch == 0 || node == self_.id);
  if (epoch <= self_.epoch) return;
  self_.id = node;
  self_.epoch = epoch;
  registered_anew_ = false;
  lease_.forget();
  for (auto& [id, replica] : replicas_) replica.begin_life(out_);
  touch_all();
}

void Replication::tick(TimeMs now) {
  LYNXDB_CHECK(now >= self_.now);
  const TimeMs passed = now - self_.now;
  if (ticked_ && passed > options_.pause_ms)
    for (auto& [id, replica] : replicas_) replica.forgive(passed);
  ticked_ = true;
  self_.now = now;
  touch_all();
}

void Replication::apply(const metadata::State& state) {
  const auto me = state.nodes.find(self_.id);
  if (state.version <= version_ || me == state.nodes.end()) return;
  if (me->second.epoch < self_.epoch) return;  // Of before this life.
  version_ = state.version;
  if (me->second.epoch > self_.epoch && !registered_anew_)
    registered_anew_ = out_.registered_anew = true;
  forget_removed(state);
  for (const auto& [id, row] : state.partitions) {
    if (!has_copy(row, self_.id)) continue;
    replicas_.try_emplace(id, id, options_, Restored{}).first->second.apply(self_, state, out_);
  }
  lease_.applied(version_);
  touch_all();
}

void Replication::forget_removed(const metadata::State& state) {
  for (auto replica = replicas_.begin(); replica != replicas_.end();) {
    const auto row = state.partitions.find(replica->first);
    if (row != state.partitions.end() && has_copy(row->second, self_.id)) {
      ++replica;
      continue;
    }
    replica->second.stop_leading(out_);
    out_.removed.push_back(replica->first);
    touched_.erase(replica->first);
    replica = replicas_.erase(replica);
  }
}

void Replication::heartbeat_answered(TimeMs sent_at, Version version) {
  lease_.granted(sent_at, version);
}

Placed Replication::append(PartitionId partition, std::uint32_t count, TimeMs now) {
  PartitionReplica* replica = touch(partition);
  if (replica == nullptr || !replica->leads()) return {};
  if (!lease_.holds(now)) return {.admission = Admission::kNoLease};
  if (!replica->has_enough_copies()) return {.admission = Admission::kTooFewCopies};
  return {Admission::kYes, replica->leader_epoch(), replica->append(count), replica->cuts()};
}

void Replication::durable(PartitionId partition, Cuts cuts, Offset end) {
  if (PartitionReplica* replica = touch(partition)) replica->durable(cuts, end);
}

void Replication::trimmed(PartitionId partition, Offset start) {
  if (PartitionReplica* replica = touch(partition)) replica->trimmed(start);
}

void Replication::receive(NodeId from, const Fetch& fetch) {
  if (PartitionReplica* replica = touch(fetch.partition))
    return replica->receive(self_, from, fetch, out_);
  FetchAnswer answer;
  answer.partition = fetch.partition;
  answer.id = fetch.id;
  answer.outcome = FetchOutcome::kNotLeader;
  out_.answers.push_back({from, std::move(answer), {}, 0});
}

void Replication::receive(NodeId from, FetchAnswer answer) {
  if (PartitionReplica* replica = touch(answer.partition)) replica->receive(from, answer, out_);
}

void Replication::proposal_done(PartitionId partition, ProposalId id, ProposalOutcome outcome) {
  if (PartitionReplica* replica = touch(partition)) replica->proposal_done(id, outcome);
}

Ready Replication::take_ready() {
  for (const PartitionId id : std::exchange(touched_, {}))
    replicas_.at(id).collect(self_, next_proposal_, out_);
  return std::exchange(out_, {});
}

Admission Replication::may_acknowledge(PartitionId partition, LeaderEpoch epoch, TimeMs now) const {
  const PartitionReplica* replica = find(partition);
  if (replica == nullptr || !replica->leads() || replica->leader_epoch() != epoch)
    return Admission::kNotLeader;
  return lease_.holds(now) ? Admission::kYes : Admission::kNoLease;
}

Admission Replication::may_read_strictly(PartitionId partition, LeaderEpoch epoch,
                                         TimeMs now) const {
  const Admission leads = may_acknowledge(partition, epoch, now);
  if (leads != Admission::kYes) return leads;
  return find(partition)->has_caught_up_with_its_past() ? Admission::kYes : Admission::kCatchingUp;
}

OffsetRange Replication::flushable(PartitionId partition) const {
  const PartitionReplica* replica = find(partition);
  if (replica == nullptr || !replica->has_caught_up_with_its_past()) return {};
  return {replica->flushed_offset(), replica->high_watermark()};
}

Offset Replication::trimmable(PartitionId partition) const {
  const PartitionReplica* replica = find(partition);
  if (replica == nullptr) return 0;
  return replica->trimmable();
}

std::optional<ReplicaStatus> Replication::status(PartitionId partition) const {
  const PartitionReplica* replica = find(partition);
  if (replica == nullptr) return std::nullopt;
  return replica->status();
}

std::vector<PartitionId> Replication::partitions() const {
  std::vector<PartitionId> ids;
  for (const auto& [id, replica] : replicas_) ids.push_back(id);
  return ids;
}

const PartitionReplica* Replication::find(PartitionId partition) const {
  const auto found = replicas_.find(partition);
  return found == replicas_.end() ? nullptr : &found->second;
}

PartitionReplica* Replication::touch(PartitionId partition) {
  const auto found = replicas_.find(partition);
  if (found == replicas_.end()) return nullptr;
  touched_.insert(partition);
  return &found->second;
}

void Replication::touch_all() {
  for (const auto& [id, replica] : replicas_) touched_.insert(id);
}

}  // namespace lynxdb::replication
