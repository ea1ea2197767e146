// The metadata group as those see it who use it: one order of commands, a leader that may be away,
// answers that may be lost, news that may be late. The state machine is the real one.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "replication/simulation/trace.h"

namespace lynxdb::replication::simulation {
namespace {

constexpr TimeMs kHeartbeatMs = 1'000;
constexpr TimeMs kFenceMs = 6'000;
constexpr TimeMs kAnswerWaitMs = 2'000;

std::string name_of_node(const Node& node) { return "n" + std::to_string(node.place + 1); }

metadata::RegisterNode registration(const Node& node) {
  metadata::RegisterNode command;
  command.name = name_of_node(node);
  command.incarnation = node.incarnation;
  command.roles = metadata::kAllRoles;
  command.cluster_address = command.name + ":9400";
  command.http_address = command.name + ":3100";
  command.log_is_whole = true;
  return command;
}

}  // namespace

void World::create_cluster() {
  meta_ = std::make_shared<const State>();
  LYNXDB_CHECK(apply(
      metadata::CreateCluster{"sim", profile_.partitions, profile_.copies, profile_.min_isr}));
  for (Node& node : nodes_) {
    LYNXDB_CHECK(apply(registration(node)));
    node.id = NodeId(static_cast<std::uint32_t>(node.place + 1));
    node.epoch = 1;
    LYNXDB_CHECK(apply(metadata::UnfenceNode{node.id, 1}));
  }
  for (std::uint32_t p = 0; p < profile_.partitions; ++p) {
    metadata::AssignReplicas assign{PartitionId(p), 1, {}};
    for (std::uint32_t i = 0; i < profile_.copies; ++i)
      assign.replicas.push_back(nodes_[(p + i) % nodes_.size()].id);
    LYNXDB_CHECK(apply(assign));
  }
}

bool World::apply(const Command& command) {
  auto next = metadata::apply_command(*meta_, command);
  if (!next) return false;
  if (const auto* flush = std::get_if<metadata::CommitFlush>(&command)) check_flush(*flush);
  if (std::holds_alternative<metadata::ChangeIsr>(command)) ++counts_.isr_changes;
  const StatePtr before = std::exchange(meta_, std::make_shared<const State>(std::move(*next)));
  if (options_.trace || options_.tail) trace_copies(*before);
  if (const std::string fault = metadata::find_fault(*meta_); !fault.empty())
    checker_.fail("the metadata " + fault);
  for (const auto& [id, row] : meta_->partitions) {
    if (row.flushed_offset > checker_.truth(id).end())
      checker_.fail("I8: more is flushed than committed");
    if (now_ > 0) check_copies(id);
  }
  publish();
  return true;
}

void World::trace_copies(const State& before) {
  const auto list = [](const std::vector<NodeId>& nodes) {
    std::string text;
    for (const NodeId node : nodes) text += std::to_string(node.value());
    return text;
  };
  for (const auto& [id, row] : meta_->partitions) {
    if (before.partitions.contains(id) && before.partitions.at(id).copies == row.copies) continue;
    trace("partition {}: leader {} in epoch {}/{}, replicas {}, ISR {}, ELR {}", id.value(),
          row.copies.leader.value_or(NodeId()).value(), row.leader_epoch, row.partition_epoch,
          list(row.copies.replicas), list(row.copies.isr), list(row.copies.elr));
  }
}

// --- News ----------------------------------------------------------------------------------------

void World::publish() {
  for (Node& node : nodes_) {
    if (!node.core || is_lost(meta_place(), node.place)) continue;
    if (now_ < node.watch_stuck_until) continue;
    const TimeMs lag = healing_ ? 5 : random_.between(0, profile_.meta_lag_max);
    deliver_at(node, lag, [this, &node, state = meta_] { learn(node, state); });
  }
}

// For what publish() did not bring.
void World::watch(Node& node) {
  at_node(node, 200, [this, &node] { watch(node); });
  if (now_ < node.watch_stuck_until || !meta_works()) return;
  if (is_lost(node.place, meta_place()) || is_lost(meta_place(), node.place)) return;
  const TimeMs lag = healing_ ? 5 : random_.between(0, profile_.meta_lag_max);
  deliver_at(node, lag, [this, &node, state = meta_] { learn(node, state); });
}

void World::learn(Node& node, const StatePtr& state) {
  if (!node.state || node.state->version < state->version) node.state = state;
  node.core->apply(*state);
}

// --- Commands ------------------------------------------------------------------------------------

void World::submit(Node& node, Command command, std::function<void(Answer)> done) {
  auto once = std::make_shared<std::function<void(Answer)>>(
      [called = false, done = std::move(done)](const Answer& answer) mutable {
        if (std::exchange(called, true)) return;
        done(answer);
      });
  at_node(node, kAnswerWaitMs, [once] { (*once)(Answer{}); });
  if (is_lost(node.place, meta_place())) return;
  const bool late = !healing_ && random_.chance(profile_.late_command_percent);
  const TimeMs travel = late ? random_.between(0, 15'000) : delay();
  at(travel, [this, &node, life = node.life, command = std::move(command), once] {
    if (meta_works()) return command_arrives(node, command, once, life != node.life);
    // Its leader is away: lost, or kept by somebody until there is a new one.
    if (random_.chance(50)) return;
    at(meta_down_until_ - now_ + random_.between(0, 50), [this, &node, life, command, once] {
      command_arrives(node, command, once, life != node.life);
    });
  });
}

void World::command_arrives(Node& node, const Command& command,
                            const std::shared_ptr<std::function<void(Answer)>>& done, bool late) {
  const bool good = apply(command);
  if (late || is_lost(meta_place(), node.place)) return;
  const Answer answer{good ? ProposalOutcome::kAccepted : ProposalOutcome::kRefused, meta_};
  at_node(node, delay(), [done, answer] { (*done)(answer); });
}

// --- Lives of nodes ------------------------------------------------------------------------------

void World::register_node(Node& node) {
  if (std::exchange(node.registering, true)) return;
  metadata::RegisterNode command = registration(node);
  // What it reads; of meta nodes that are up to date.
  command.expected_epoch = meta_->nodes.at(node.id).epoch;
  submit(node, command, [this, &node](const Answer& answer) {
    node.registering = false;
    if (answer.outcome != ProposalOutcome::kAccepted) {
      at_node(node, 300, [this, &node] { register_node(node); });
      return;
    }
    node.id = find_node(*answer.state, name_of_node(node))->id;
    node.epoch = answer.state->nodes.at(node.id).epoch;
    trace("{} is registered with epoch {}", node.place + 1, node.epoch);
    node.core->register_as(node.id, node.epoch);
    learn(node, answer.state);
  });
}

void World::heartbeat(Node& node) {
  at_node(node, kHeartbeatMs, [this, &node] { heartbeat(node); });
  if (node.epoch == 0 || is_lost(node.place, meta_place())) return;
  const TimeMs sent = clock(node);
  const Version applied = node.core->version();
  at(delay(), [this, &node, epoch = node.epoch, sent, applied] {
    heartbeat_arrives(node, epoch, sent, applied);
  });
}

void World::heartbeat_arrives(Node& node, NodeEpoch epoch, TimeMs sent, Version applied) {
  const auto answer = [&](Version version) {
    if (is_lost(meta_place(), node.place)) return;
    at_node(node, delay(),
            [&node, sent, version] { node.core->heartbeat_answered(sent, version); });
  };
  const metadata::NodeEntry& entry = meta_->nodes.at(node.id);
  // One that was deposed knows nothing newer, and is believed for a moment.
  if (entry.epoch != epoch) return;
  if (now_ < old_meta_until_ && random_.chance(50)) {
    if (!entry.fenced) answer(old_meta_version_);
    return;
  }
  if (!meta_works()) return;
  last_heard_[node.place] = now_;
  if (!entry.fenced) return answer(meta_->version);
  // Nearly up to date: whatever it lacks, it will have in a moment.
  if (applied + 3 >= meta_->version && apply(metadata::UnfenceNode{node.id, epoch}))
    trace("{} is let in", node.place + 1);
}

void World::fence_silent() {
  at(200, [this] { fence_silent(); });
  if (!meta_works()) return;
  for (Node& node : nodes_) {
    const metadata::NodeEntry& entry = meta_->nodes.at(node.id);
    if (entry.fenced) continue;
    // The process is known to be gone.
    const bool is_dead =
        !node.core && now_ - node.down_since > 200 && random_.chance(profile_.early_fence_percent);
    if (!is_dead && now_ - last_heard_[node.place] <= kFenceMs) continue;
    trace("{} is fenced", node.place + 1);
    apply(metadata::FenceNode{node.id, entry.epoch});
  }
}

}  // namespace lynxdb::replication::simulation
