// What clients do: write batches through any node, again and again with the same id until somebody
// says that it is done, and read everything.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "replication/simulation/trace.h"

namespace lynxdb::replication::simulation {
namespace {

constexpr TimeMs kAttemptMs = 1'500;
constexpr TimeMs kWriteDeadlineMs = 40'000;
constexpr TimeMs kReadAttemptMs = 2'000;
constexpr int kReadPlansMax = 12;
constexpr std::uint64_t kReadsOpenMax = 6;

}  // namespace

// --- Writes --------------------------------------------------------------------------------------

void World::client_writes() {
  at(random_.between(1, 2 * profile_.write_interval), [this] { client_writes(); });
  if (quiet_) return;
  Op op;
  op.id = next_op_++;
  op.partition = PartitionId(static_cast<std::uint32_t>(random_.below(profile_.partitions)));
  op.count = static_cast<std::uint32_t>(random_.between(1, 5));
  op.deadline = now_ + kWriteDeadlineMs;
  ops_[op.id] = op;
  attempt(op.id);
}

void World::attempt(BatchId id) {
  Op& op = ops_.at(id);
  if (op.done) return;
  if (now_ > op.deadline) {
    ops_.erase(id);
    return;
  }
  ++op.attempt;
  Node& node = nodes_[random_.below(nodes_.size())];
  const std::uint32_t number = op.attempt;
  // The load balancer's way is never cut, but may be slow: attempts arrive when nobody waits.
  deliver_at(node, delay(), [this, &node, id, number] { route(node, id, number, false); });
  at(kAttemptMs, [this, id, number] {
    const auto found = ops_.find(id);
    if (found != ops_.end() && found->second.attempt == number) attempt(id);
  });
}

void World::route(Node& node, BatchId id, std::uint32_t attempt, bool forwarded) {
  const auto found = ops_.find(id);
  if (found == ops_.end() || !node.state) return;
  const std::optional<NodeId> leader =
      node.state->partitions.at(found->second.partition).copies.leader;
  const auto status = node.core->status(found->second.partition);
  if (status && status->leads) return take_write(node, id, attempt);
  if (forwarded || !leader || *leader == node.id) return answer_write(node, id, attempt, false);
  Node& to = nodes_[leader->value() - 1];
  send(node.place, to, [this, &to, id, attempt] { route(to, id, attempt, true); });
}

void World::take_write(Node& node, BatchId id, std::uint32_t attempt) {
  const Op& op = ops_.at(id);
  ModelLog& log = node.logs[op.partition];
  const ReplicaStatus status = *node.core->status(op.partition);
  const auto known = log.dedup.find(id);
  if (known != log.dedup.end()) {
    const Waiter waiter{known->second.end, id, attempt};
    if (waiter.end > status.high_watermark) {
      node.waiters[op.partition].push_back(waiter);
    } else {
      ++counts_.retried_acks;
      acknowledge(node, op.partition, waiter);
    }
    return;
  }
  const Placed placed = node.core->append(op.partition, op.count, clock(node));
  if (placed.admission != Admission::kYes) return answer_write(node, id, attempt, false);
  checker_.appended(op.partition, placed.leader_epoch, node.life * 100 + node.place + 1);
  const Batch batch{placed.base, op.count, placed.leader_epoch, payload_of(id)};
  log.append(batch);
  node.waiters[op.partition].push_back({batch.end(), id, attempt});
  write(node, {op.partition, placed.cuts, batch.end()},
        [partition = op.partition, batch](auto& disk) { disk[partition].append(batch); });
}

void World::acknowledge(Node& node, PartitionId partition, const Waiter& waiter) {
  const LeaderEpoch epoch = node.core->status(partition)->leader_epoch;
  const bool good = node.core->may_acknowledge(partition, epoch, clock(node)) == Admission::kYes;
  answer_write(node, waiter.op, waiter.attempt, good);
}

void World::fail_waiters(Node& node, PartitionId partition) {
  for (const Waiter& waiter : std::exchange(node.waiters[partition], {}))
    answer_write(node, waiter.op, waiter.attempt, false);
}

void World::answer_write(Node& node, BatchId id, std::uint32_t attempt_number, bool good) {
  if (!healing_ && random_.chance(profile_.drop_percent)) return;
  at(delay(), [this, place = node.place, id, attempt_number, good] {
    const auto found = ops_.find(id);
    if (found == ops_.end() || found->second.done) return;
    Op& op = found->second;
    if (good) {
      op.done = true;
      ++counts_.acked;
      trace("batch {} is acknowledged by {}", id, place + 1);
      checker_.acknowledged(op.partition, id);
    } else if (attempt_number == op.attempt) {
      ++op.attempt;  // The time-out of this attempt is void.
      at(random_.between(20, 200), [this, id] {
        if (ops_.contains(id)) attempt(id);
      });
    }
  });
}

// --- Reads ---------------------------------------------------------------------------------------

struct World::Read {
  std::size_t coordinator = 0;
  std::uint64_t life = 0;
  std::map<PartitionId, std::size_t> acked;  // When it was asked.
  std::uint32_t plan = 0;
  StatePtr view;
  std::map<PartitionId, std::vector<Batch>> rows;
  std::map<PartitionId, std::vector<Batch>> tails;
  bool done = false;
};

void World::client_reads() {
  at(random_.between(1, 2 * profile_.read_interval), [this] { client_reads(); });
  Node& node = nodes_[random_.below(nodes_.size())];
  if (!node.core || !node.state || reads_open_ >= kReadsOpenMax) return;
  auto read = std::make_shared<Read>();
  read->coordinator = node.place;
  read->life = node.life;
  for (const auto& [id, row] : meta_->partitions) read->acked[id] = checker_.truth(id).acked.size();
  ++reads_open_;
  plan_read(read);
}

// One view for all: how far each partition is flushed and what segments there are come from one
// state. Whatever a tail cannot give for that state makes a new plan.
void World::plan_read(const std::shared_ptr<Read>& read) {
  Node& node = nodes_[read->coordinator];
  if (read->done) return;
  if (!node.core || node.life != read->life || !node.state || ++read->plan > kReadPlansMax) {
    read->done = true;
    --reads_open_;
    ++counts_.refused_reads;
    return;
  }
  read->view = node.state;
  read->tails.clear();
  read_segments(*read);
  const std::uint32_t plan = read->plan;
  at(kReadAttemptMs, [this, read, plan] { plan_again(read, plan); });
  for (const auto& [id, row] : read->view->partitions) {
    if (!row.copies.leader) return plan_again(read, plan);
    Node& leader = nodes_[row.copies.leader->value() - 1];
    const Offset from = row.flushed_offset;
    const auto ask = [this, &leader, read, plan, partition = id, from] {
      read_tail(leader, read, plan, partition, from);
    };
    if (leader.place == node.place) {
      deliver_at(leader, 0, ask);
    } else {
      send(node.place, leader, ask);
    }
  }
}

void World::plan_again(const std::shared_ptr<Read>& read, std::uint32_t plan) {
  if (read->done || read->plan != plan) return;
  at(random_.between(50, 300), [this, read, plan] {
    if (!read->done && read->plan == plan) plan_read(read);
  });
}

void World::read_segments(Read& read) {
  read.rows.clear();
  for (const auto& [id, segment] : read.view->segments) {
    const auto object = store_.find(segment->object_key);
    if (object == store_.end()) return checker_.fail("I10: a segment is not in the store");
    for (const auto& [partition, batches] : object->second) {
      std::vector<Batch>& rows = read.rows[partition];
      rows.insert(rows.end(), batches.begin(), batches.end());
    }
  }
  for (auto& [partition, rows] : read.rows)
    std::sort(rows.begin(), rows.end(),
              [](const Batch& one, const Batch& other) { return one.base < other.base; });
}

void World::read_tail(Node& node, const std::shared_ptr<Read>& read, std::uint32_t plan,
                      PartitionId partition, Offset from) {
  const auto refuse = [&] { at(delay(), [this, read, plan] { plan_again(read, plan); }); };
  const auto status = node.core->status(partition);
  if (!status || status->flushed_offset < from) return refuse();
  const LeaderEpoch epoch = status->leader_epoch;
  if (node.core->may_read_strictly(partition, epoch, clock(node)) != Admission::kYes)
    return refuse();
  if (status->log_start > from) {
    ++counts_.stale_views;
    return refuse();
  }
  const ModelLog& log = node.logs[partition];
  auto batches = log.read(from, status->high_watermark, log.batches.size());
  // It takes its time; only who leads afterwards as well has told the truth.
  at_node(node, random_.between(0, 150),
          [this, &node, read, plan, partition, epoch, batches = std::move(batches)] {
            if (node.core->may_read_strictly(partition, epoch, clock(node)) != Admission::kYes)
              return at(delay(), [this, read, plan] { plan_again(read, plan); });
            at(delay(), [this, read, plan, partition, batches] {
              tail_arrives(read, plan, partition, batches);
            });
          });
}

void World::tail_arrives(const std::shared_ptr<Read>& read, std::uint32_t plan,
                         PartitionId partition, const std::vector<Batch>& batches) {
  if (read->done || read->plan != plan) return;
  read->tails[partition] = batches;
  if (read->tails.size() < read->view->partitions.size()) return;
  read->done = true;
  --reads_open_;
  ++counts_.reads;
  for (const auto& [id, row] : read->view->partitions) {
    std::vector<Batch>& rows = read->rows[id];
    const std::vector<Batch>& tail = read->tails[id];
    rows.insert(rows.end(), tail.begin(), tail.end());
    checker_.read(id, rows, read->acked[id]);
  }
}

}  // namespace lynxdb::replication::simulation
