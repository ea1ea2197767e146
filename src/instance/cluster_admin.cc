#include "instance/cluster_admin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace lynxdb::instance {
namespace {

using metadata::NodeId;
using metadata::State;
using server::ClusterPlan;
using server::ClusterWish;

std::vector<std::string> sorted_names(const State& state, const std::vector<NodeId>& nodes) {
  std::vector<std::string> names;
  for (const NodeId node : nodes) {
    const auto entry = state.nodes.find(node);
    if (entry != state.nodes.end()) names.push_back(entry->second.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<NodeId> find(const State& state, const std::string& name) {
  if (const metadata::NodeEntry* node = metadata::find_node(state, name)) return node->id;
  std::vector<std::string> known;
  for (const auto& [id, node] : state.nodes) known.push_back(node.name);
  return Error{ErrorCode::kNotFound, fmt::format("there is no node '{}'", name),
               fmt::format("the nodes are {}", fmt::join(known, ", "))};
}

std::size_t copies_on(const State& state, NodeId node) {
  return static_cast<std::size_t>(
      std::count_if(state.partitions.begin(), state.partitions.end(), [&](const auto& entry) {
        const auto& replicas = entry.second.copies.replicas;
        return std::find(replicas.begin(), replicas.end(), node) != replicas.end();
      }));
}

// What becomes of `before`, if every follower catches up.
ClusterPlan plan_between(const State& before, const State& after) {
  ClusterPlan plan;
  for (const auto& [id, partition] : before.partitions) {
    const auto& now = after.partitions.at(id).copies;
    server::PlannedMove move{.partition = id.value(),
                             .from = sorted_names(before, partition.copies.replicas),
                             .to = sorted_names(before, now.replicas),
                             .leader = {}};
    if (now.leader) move.leader = before.nodes.at(*now.leader).name;
    if (move.from != move.to || partition.copies.leader != now.leader)
      plan.moves.push_back(std::move(move));
  }
  return plan;
}

std::string missing_copies(const State& state) {
  const auto left = std::count_if(state.nodes.begin(), state.nodes.end(), [](const auto& node) {
    return node.second.has(metadata::Role::kIngest) && !node.second.draining;
  });
  if (static_cast<std::size_t>(left) >= state.replication_factor) return {};
  return fmt::format("; {} nodes are left, so there will be {} copies instead of {}", left, left,
                     state.replication_factor);
}

}  // namespace

void ClusterAdmin::carry_out(ClusterWish wish, Done done) {
  pool_.submit([this, wish = std::move(wish), done = std::move(done)] { done(carry_out(wish)); });
}

Result<ClusterPlan> ClusterAdmin::carry_out(const ClusterWish& wish) {
  const metadata::StatePtr state =
      TRY(metadata_.read_state(std::chrono::steady_clock::now() + timeout_));
  switch (wish.kind) {
    case ClusterWish::Kind::kRebalance:
      return rebalance(*state, wish.dry_run);
    case ClusterWish::Kind::kDrain:
    case ClusterWish::Kind::kKeep:
      return drain(*state, wish);
    case ClusterWish::Kind::kRemove:
      return remove(*state, wish);
    case ClusterWish::Kind::kRecover:
      return recover(*state, wish);
  }
  return ClusterPlan{};
}

Result<ClusterPlan> ClusterAdmin::rebalance(const State& state, bool dry_run) {
  const metadata::Command command = metadata::WantRebalance{true};
  State wanted = state;
  if (!state.rebalance_wanted) wanted = TRY(metadata::apply_command(state, command));
  ClusterPlan plan = plan_between(state, cluster::placed(wanted, {}));
  plan.note = plan.moves.empty() ? "copies and leaders are spread evenly" : "copies move now";
  if (!dry_run && !plan.moves.empty() && !state.rebalance_wanted) TRY(metadata_.propose(command));
  return plan;
}

Result<ClusterPlan> ClusterAdmin::drain(const State& state, const ClusterWish& wish) {
  const NodeId node = TRY(find(state, wish.node));
  const metadata::DrainNode command{node, wish.kind == ClusterWish::Kind::kDrain};
  const bool is_so = state.nodes.at(node).draining == command.draining;
  State wanted = is_so ? state : TRY(metadata::apply_command(state, command));
  if (command.draining) {
    const auto takers = std::count_if(wanted.nodes.begin(), wanted.nodes.end(), [](const auto& n) {
      return n.second.has(metadata::Role::kIngest) && !n.second.draining && !n.second.fenced;
    });
    if (static_cast<std::size_t>(takers) < std::max<std::size_t>(1, state.min_isr))
      return Error{ErrorCode::kConflict,
                   fmt::format("without node '{}' there are {} nodes, and events need {} copies",
                               wish.node, takers, state.min_isr),
                   "add another node first"};
  }
  ClusterPlan plan = plan_between(state, cluster::placed(wanted, {}));
  if (!command.draining) {
    plan.note = fmt::format("node '{}' keeps its copies, and may be given more", wish.node);
  } else if (copies_on(state, node) == 0) {
    plan.note = fmt::format("node '{}' has no copies: stop it, and it is forgotten", wish.node);
  } else {
    plan.note = fmt::format(
        "{} copies leave node '{}'; once it has none, stop it, and it is "
        "forgotten{}",
        copies_on(state, node), wish.node, missing_copies(wanted));
  }
  if (!wish.dry_run && !is_so) TRY(metadata_.propose(command));
  return plan;
}

Result<ClusterPlan> ClusterAdmin::remove(const State& state, const ClusterWish& wish) {
  const NodeId node = TRY(find(state, wish.node));
  if (!state.nodes.at(node).fenced)
    return Error{ErrorCode::kConflict, fmt::format("node '{}' is running", wish.node),
                 "stop it first; `lynxdb cluster drain` moves its copies before that"};
  if (copies_on(state, node) > 0 && !wish.force)
    return Error{
        ErrorCode::kConflict,
        fmt::format("node '{}' has copies of {} partitions", wish.node, copies_on(state, node)),
        "if it never comes back, say --force: its copies are made anew elsewhere"};
  std::vector<metadata::Command> commands;
  State after = state;
  const auto take = [&](const metadata::Command& command) -> Result<> {
    after = TRY(metadata::apply_command(after, command));
    commands.push_back(command);
    return {};
  };
  cluster::PlacementOptions options;
  options.balances = false;
  options.commands_max = 4 * state.partitions.size();
  for (const metadata::Command& command : cluster::plan_placement(state, {node}, options))
    if (!std::holds_alternative<metadata::RemoveNode>(command)) TRY(take(command));
  if (const std::size_t left = copies_on(after, node); left > 0)
    return Error{ErrorCode::kConflict,
                 fmt::format("{} partitions would be left with too few complete copies: what was "
                             "acknowledged may be on node '{}' only",
                             left, wish.node),
                 "start it again; if it is lost, `lynxdb cluster recover-partition`"};
  TRY(take(metadata::RemoveNode{node}));
  ClusterPlan plan = plan_between(state, cluster::placed(after, {}));
  plan.note = fmt::format("node '{}' is forgotten: it can join anew with an empty data_dir{}",
                          wish.node, missing_copies(after));
  if (wish.dry_run) return plan;
  for (const metadata::Command& command : commands) TRY(metadata_.propose(command));
  return plan;
}

Result<ClusterPlan> ClusterAdmin::recover(const State& state, const ClusterWish& wish) {
  const metadata::PartitionId id(wish.partition);
  const auto partition = state.partitions.find(id);
  if (partition == state.partitions.end())
    return Error{ErrorCode::kNotFound, fmt::format("there is no partition {}", wish.partition),
                 fmt::format("they are numbered from 0 to {}", state.partitions.size() - 1)};
  const metadata::Replication& copies = partition->second.copies;
  if (copies.leader)
    return Error{ErrorCode::kConflict,
                 fmt::format("partition {} is led by node '{}': nothing is lost", wish.partition,
                             state.nodes.at(*copies.leader).name)};
  std::vector<NodeId> running;
  for (const NodeId node : copies.replicas)
    if (!state.nodes.at(node).fenced) running.push_back(node);
  const std::string candidates = fmt::format("{}", fmt::join(sorted_names(state, running), ", "));
  std::optional<NodeId> leader;
  if (!wish.node.empty()) {
    leader = TRY(find(state, wish.node));
    if (std::find(running.begin(), running.end(), *leader) == running.end())
      return Error{ErrorCode::kConflict,
                   fmt::format("node '{}' has no copy of partition {}, or does not run", wish.node,
                               wish.partition),
                   "running nodes with a copy: " + (running.empty() ? "none" : candidates)};
  } else if (running.size() == 1) {
    leader = running.front();
  } else if (running.empty()) {
    return Error{
        ErrorCode::kConflict,
        fmt::format("no node with a copy of partition {} is running", wish.partition),
        "start one of " + fmt::format("{}", fmt::join(sorted_names(state, copies.replicas), ", "))};
  } else {
    return Error{
        ErrorCode::kConflict,
        fmt::format("partition {} has several copies that run: {}", wish.partition, candidates),
        "name the one that shall lead: `lynxdb cluster partitions --server` shows how far "
        "each goes (log_end)"};
  }
  const metadata::Command command =
      metadata::AcceptLoss{id, partition->second.partition_epoch, *leader};
  ClusterPlan plan = plan_between(state, TRY(metadata::apply_command(state, command)));
  plan.note = fmt::format("node '{}' leads partition {}: events that only others had are lost",
                          state.nodes.at(*leader).name, wish.partition);
  if (!wish.dry_run) TRY(metadata_.propose(command));
  return plan;
}

}  // namespace lynxdb::instance
