#include "replication/simulation/world.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "replication/simulation/trace.h"

namespace lynxdb::replication::simulation {

void Counts::add(const Counts& other) {
  steps += other.steps;
  acked += other.acked;
  retried_acks += other.retried_acks;
  leaderships += other.leaderships;
  isr_changes += other.isr_changes;
  crashes += other.crashes;
  wipes += other.wipes;
  truncations += other.truncations;
  resets += other.resets;
  flushes += other.flushes;
  reads += other.reads;
  stale_views += other.stale_views;
  refused_reads += other.refused_reads;
  moves += other.moves;
  assignments += other.assignments;
  registered_anew += other.registered_anew;
  heal_ms_max = std::max(heal_ms_max, other.heal_ms_max);
}

Outcome run(const RunOptions& options) {
  Outcome outcome = World(options).run();
  if (outcome.failure.empty() || options.trace || options.tail) return outcome;
  RunOptions again = options;
  again.tail = true;
  return World(again).run();
}

World::World(const RunOptions& options)
    : options_(options),
      random_(options.seed),
      profile_(profile_of(random_)),
      nodes_(profile_.nodes),
      blocked_(profile_.nodes + 1, std::vector<bool>(profile_.nodes + 1)),
      last_heard_(profile_.nodes) {
  const auto drift = static_cast<std::int64_t>(profile_.drift_permille_max);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    node.place = i;
    node.clock_offset = random_.between(0, 1'000'000);
    node.clock_permille = 1000 + random_.between(-drift, drift);
  }
  create_cluster();
  for (Node& node : nodes_) start(node);
  at(100, [this] { fence_silent(); });
  at(profile_.write_interval, [this] { client_writes(); });
  at(profile_.read_interval, [this] { client_reads(); });
  at(3'000, [this] { fault(); });
}

Outcome World::run() {
  trace("{} nodes, {} partitions, {} copies, min_isr {}", profile_.nodes, profile_.partitions,
        profile_.copies, profile_.min_isr);
  while (now_ < options_.duration_ms && !checker_.failed()) step();
  if (!checker_.failed()) heal_and_converge();
  return {checker_.failure(), counts_, {tail_.begin(), tail_.end()}};
}

// --- Time ----------------------------------------------------------------------------------------

void World::at(TimeMs delay, Action action) {
  events_.push({now_ + delay, ++order_, kNowhere, 0, std::make_shared<Action>(std::move(action))});
}

void World::at_node(Node& node, TimeMs delay, Action action) {
  events_.push(
      {now_ + delay, ++order_, node.place, node.life, std::make_shared<Action>(std::move(action))});
}

void World::deliver_at(Node& node, TimeMs delay, Action action) {
  events_.push(
      {now_ + delay, ++order_, node.place, 0, std::make_shared<Action>(std::move(action))});
}

void World::step() {
  ++counts_.steps;
  Event event = events_.top();
  events_.pop();
  now_ = std::max(now_, event.time);
  if (event.node == kNowhere) return (*event.action)();
  Node& node = nodes_[event.node];
  if (!node.core || (event.life != 0 && event.life != node.life)) return;
  if (now_ < node.paused_until) {
    event.time = node.paused_until;
    event.order = ++order_;
    events_.push(std::move(event));
    return;
  }
  node.core->tick(clock(node));
  (*event.action)();
  pump(node);
}

TimeMs World::clock(const Node& node) const {
  return node.clock_offset + now_ * node.clock_permille / 1000;
}

// --- Lives ---------------------------------------------------------------------------------------

void World::start(Node& node) {
  ++node.life;
  node.paused_until = 0;
  node.core.emplace(profile_.core);
  node.logs = node.disk;
  for (const auto& [id, log] : node.logs) {
    const auto [hw, losses] = node.hints[id];
    node.core->restore(id, {log.start, log.end(), log.history.entries(), hw, losses});
  }
  node.core->tick(clock(node));
  node.registering = node.flushing = node.syncing = false;
  trace("{} starts", node.place + 1);
  if (now_ == 0) {
    node.core->register_as(node.id, node.epoch);
    learn(node, meta_);
  } else {
    node.epoch = 0;
    register_node(node);
  }
  at_node(node, 1, [this, &node] { tick(node); });
  at_node(node, random_.between(0, 300), [this, &node] { heartbeat(node); });
  at_node(node, random_.between(0, 100), [this, &node] { watch(node); });
  at_node(node, random_.between(0, 1'000), [this, &node] { flush(node); });
  at_node(node, random_.between(0, 1'000), [this, &node] { trim(node); });
}

// Any part of what was on its way to the disk may have arrived, in its order.
void World::crash(Node& node) {
  if (!node.core) return;
  trace("{} crashes", node.place + 1);
  ++counts_.crashes;
  const std::uint64_t kept = random_.below(node.unsynced.size() + 1);
  for (std::uint64_t i = 0; i < kept; ++i) node.unsynced[i](node.disk);
  node.unsynced.clear();
  node.progress.clear();
  node.core.reset();
  node.logs.clear();
  node.waiters.clear();
  node.state.reset();
  node.down_since = now_;
  ++node.life;
}

void World::tick(Node& node) {
  for (const PartitionId id : node.core->partitions()) {
    const ReplicaStatus status = *node.core->status(id);
    if (random_.chance(20)) node.hints[id] = {status.high_watermark, status.losses_accepted};
  }
  at_node(node, 50, [this, &node] { tick(node); });
}

// --- Carrying out --------------------------------------------------------------------------------

void World::pump(Node& node) {
  while (node.core && !checker_.failed()) {
    Ready ready = node.core->take_ready();
    if (ready.empty()) return;
    handle(node, std::move(ready));
  }
}

void World::handle(Node& node, Ready ready) {
  for (const LeadershipEnded& ended : ready.ended) {
    trace("{} leads partition {} no more", node.place + 1, ended.partition.value());
    fail_waiters(node, ended.partition);
  }
  for (const LogChange& change : ready.log) handle_log(node, change);
  for (const Committed& committed : ready.committed) handle_committed(node, committed);
  for (SendAnswer& answer : ready.answers) handle_answer(node, answer);
  for (const SendFetch& fetch : ready.fetches) {
    Node& to = nodes_[fetch.to.value() - 1];
    send(node.place, to,
         [&to, from = node.id, fetch = fetch.fetch] { to.core->receive(from, fetch); });
  }
  for (const Proposal& proposal : ready.proposals) {
    trace("{} proposes an ISR of {} for partition {} at {}", node.place + 1,
          proposal.command.isr.size(), proposal.command.partition.value(),
          proposal.command.partition_epoch);
    submit(node, proposal.command,
           [&node, id = proposal.id, partition = proposal.command.partition](const Answer& answer) {
             node.core->proposal_done(partition, id, answer.outcome);
           });
  }
  for (const PartitionId id : ready.removed) {
    trace("{} drops its copy of partition {}", node.place + 1, id.value());
    node.logs.erase(id);
    node.hints.erase(id);
    write(node, {id, 0, 0}, [id](auto& disk) { disk.erase(id); });
  }
  for (const PartitionId id : ready.quarantined)
    checker_.fail(
        fmt::format("I12: node {} puts partition {} into quarantine", node.place + 1, id.value()));
  if (ready.registered_anew) {
    trace("{} finds itself registered anew", node.place + 1);
    ++counts_.registered_anew;
    register_node(node);
  }
}

void World::handle_log(Node& node, const LogChange& change) {
  ModelLog& log = node.logs[change.partition];
  if (const auto* began = std::get_if<EpochBegan>(&change.what)) {
    // One that was paused may learn only now that it won an older epoch.
    const bool is_newest = meta_->partitions.at(change.partition).leader_epoch == began->epoch;
    const Offset truth = checker_.truth(change.partition).end();
    trace("{} leads partition {} from {} (committed: {})", node.place + 1, change.partition.value(),
          log.end(), truth);
    ++counts_.leaderships;
    if (is_newest && log.end() < truth)
      checker_.fail(fmt::format("I1: node {} leads partition {} with {} of {}", node.place + 1,
                                change.partition.value(), log.end(), truth));
  } else if (const auto* cut = std::get_if<TruncateLog>(&change.what)) {
    trace("{} truncates partition {} from {} to {}", node.place + 1, change.partition.value(),
          log.end(), cut->end);
    ++counts_.truncations;
  } else if (const auto* reset = std::get_if<ResetLog>(&change.what)) {
    trace("{} resets partition {} to {}", node.place + 1, change.partition.value(), reset->start);
    ++counts_.resets;
    if (reset->start > checker_.truth(change.partition).end())
      checker_.fail("I8: a log starts above what is committed");
  }
  log.apply(change);
  write(node, {change.partition, change.cuts, log.end()},
        [change](auto& disk) { disk[change.partition].apply(change); });
}

void World::handle_committed(Node& node, const Committed& committed) {
  const PartitionId id = committed.partition;
  trace("{} commits partition {} up to {}", node.place + 1, id.value(), committed.high_watermark);
  const Offset before = checker_.truth(id).end();
  checker_.committed(id, node.logs[id], committed.high_watermark);
  if (checker_.failed()) return;
  if (checker_.truth(id).end() > before) check_copies(id);
  std::vector<Waiter> done;
  std::erase_if(node.waiters[id], [&](const Waiter& waiter) {
    if (waiter.end > committed.high_watermark) return false;
    done.push_back(waiter);
    return true;
  });
  for (const Waiter& waiter : done) acknowledge(node, id, waiter);
}

// I2 and I7: whoever is counted has it all, on disk.
void World::check_copies(PartitionId partition) {
  const metadata::PartitionState& row = meta_->partitions.at(partition);
  std::size_t copies = 0;
  for (const Node& node : nodes_) {
    const auto log = node.disk.find(partition);
    const bool has_all =
        log != node.disk.end() && checker_.holds_all(partition, log->second, row.flushed_offset);
    if (has_all) ++copies;
    // Its disk is lost, and it has not come back yet to say so.
    if (meta_->nodes.at(node.id).incarnation != node.incarnation) continue;
    const auto is_in = [&](const std::vector<NodeId>& nodes) {
      return std::find(nodes.begin(), nodes.end(), node.id) != nodes.end();
    };
    if (!has_all && checker_.truth(partition).end() > row.flushed_offset &&
        (is_in(row.copies.isr) || is_in(row.copies.elr)))
      checker_.fail(fmt::format("I2: node {} is eligible for partition {} and lacks some of {}",
                                node.place + 1, partition.value(),
                                checker_.truth(partition).end()));
  }
  if (checker_.truth(partition).end() > row.flushed_offset && copies == 0)
    checker_.fail(fmt::format("I7: nobody has all of partition {}", partition.value()));
}

void World::handle_answer(Node& node, SendAnswer& answer) {
  Node& to = nodes_[answer.to.value() - 1];
  const PartitionId id = answer.answer.partition;
  const auto go = [this, &node, &to, id, answer = std::move(answer)]() mutable {
    if (answer.records.size() > 0 || answer.answer.outcome == FetchOutcome::kReset) {
      const auto status = node.core->status(id);
      if (!status || status->leader_epoch != answer.answer.leader_epoch ||
          status->cuts != answer.cuts)
        return;
      const ModelLog& log = node.logs[id];
      if (answer.answer.outcome == FetchOutcome::kReset) {
        answer.answer.dedup = log.dedup_below(answer.answer.start);
      } else {
        answer.answer.batches = log.read(answer.records.begin, answer.records.end,
                                         random_.below(profile_.answer_batches_max) + 1);
      }
    }
    send(node.place, to, [&to, from = node.id, answer = std::move(answer.answer)] {
      to.core->receive(from, answer);
    });
  };
  if (profile_.read_max == 0 || healing_) {
    auto now = go;
    return now();
  }
  at_node(node, random_.between(0, profile_.read_max), go);
}

// --- Disk ----------------------------------------------------------------------------------------

void World::write(Node& node, Node::Progress progress,
                  std::function<void(std::map<PartitionId, ModelLog>&)> change) {
  node.unsynced.push_back(std::move(change));
  node.progress.push_back(progress);
  sync(node);
}

void World::sync(Node& node) {
  if (node.syncing || node.unsynced.empty()) return;
  node.syncing = true;
  const std::size_t count = node.unsynced.size();
  at_node(node, random_.between(0, profile_.disk_max),
          [this, &node, count] { synced(node, count); });
}

void World::synced(Node& node, std::size_t count) {
  node.syncing = false;
  if (!healing_ && random_.below(1000) < profile_.sync_error_permille) {
    trace("{} fails to sync", node.place + 1);
    return restart_later(node, 4'000);
  }
  for (std::size_t i = 0; i < count; ++i) {
    node.unsynced.front()(node.disk);
    node.unsynced.pop_front();
    const Node::Progress progress = node.progress.front();
    node.progress.pop_front();
    node.core->durable(progress.partition, progress.cuts, progress.end);
  }
  sync(node);
}

// --- Network -------------------------------------------------------------------------------------

bool World::is_lost(std::size_t from, std::size_t to) {
  return blocked_[from][to] || (!healing_ && random_.chance(profile_.drop_percent));
}

TimeMs World::delay() {
  if (healing_) return random_.between(0, 5);
  if (random_.chance(profile_.straggler_percent)) return random_.between(0, 8'000);
  return random_.between(0, profile_.delay_max);
}

void World::send(std::size_t from, Node& to, Action action) {
  if (is_lost(from, to.place)) return;
  if (!healing_ && random_.chance(profile_.duplicate_percent)) deliver_at(to, delay(), action);
  deliver_at(to, delay(), std::move(action));
}

}  // namespace lynxdb::replication::simulation
