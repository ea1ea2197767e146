#include "cluster/placement/placement.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace lynxdb::cluster {
namespace {

using metadata::NodeId;
using metadata::PartitionId;
using metadata::PartitionState;

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// It is not looked at, and a copy of it is made with each command.
void forget_flushed(metadata::State& state) {
  state.segments.clear();
  for (auto& [id, partition] : state.partitions) {
    partition.flushed_offset = 0;
    partition.retired_rows = 0;
  }
}

// Every live follower joins its ISR.
void catch_up(metadata::State& state) {
  for (const auto& [id, partition] : std::map(state.partitions)) {
    if (!partition.copies.leader) continue;
    metadata::ChangeIsr command{id, partition.leader_epoch, partition.partition_epoch, {}};
    for (const NodeId node : partition.copies.replicas)
      if (const auto& entry = state.nodes.at(node); !entry.fenced)
        command.isr.push_back({node, entry.epoch});
    if (auto next = metadata::apply_command(state, command)) state = *std::move(next);
  }
}

// One plan in the making. The state it works on has what it has decided so far.
class Planner {
 public:
  Planner(const metadata::State& state, const std::set<NodeId>& gone,
          const PlacementOptions& options)
      : state_(state), options_(options) {
    forget_flushed(state_);
    for (const auto& [id, node] : state_.nodes) {
      if (!node.has(metadata::Role::kIngest)) continue;
      if (gone.contains(id)) continue;
      copies_[id] = leads_[id] = 0;
      if (node.draining) {
        draining_.insert(id);
      } else if (!node.fenced) {
        live_.insert(id);
      }
    }
    wanted_ = std::min<std::size_t>(state_.replication_factor, copies_.size() - draining_.size());
    for (const auto& [id, partition] : state_.partitions) {
      count(partition, 1);
      moving_ += partition.copies.replicas.empty() || is_settled(partition) ? 0 : 1;
    }
  }

  std::vector<metadata::Command> plan() {
    for (const auto& [id, partition] : std::map(state_.partitions)) {
      if (full()) break;
      partition.copies.replicas.empty() ? begin(id) : repair(id);
    }
    const bool balances = options_.balances || state_.rebalance_wanted;
    if (balances && !full()) balance_copies();
    if (balances && !full()) balance_leaders();
    if (commands_.empty() && state_.rebalance_wanted && moving_ == 0)
      commands_.push_back(metadata::WantRebalance{false});
    forget_drained();
    return std::move(commands_);
  }

 private:
  bool full() const { return commands_.size() >= options_.commands_max; }
  bool stays(NodeId node) const { return copies_.contains(node); }

  void count(const PartitionState& partition, int by) {
    for (const NodeId node : partition.copies.replicas)
      if (stays(node)) copies_[node] += by;
    if (partition.copies.leader && stays(*partition.copies.leader))
      leads_[*partition.copies.leader] += by;
  }

  // Takes the command into the plan when the state takes it.
  bool add(PartitionId id, const metadata::Command& command) {
    auto next = metadata::apply_command(state_, command);
    if (!next) return false;
    count(state_.partitions.at(id), -1);
    state_ = *std::move(next);
    count(state_.partitions.at(id), 1);
    commands_.push_back(command);
    return true;
  }

  bool assign(PartitionId id, std::vector<NodeId> replicas) {
    const auto epoch = state_.partitions.at(id).partition_epoch;
    return add(id, metadata::AssignReplicas{id, epoch, std::move(replicas)});
  }

  // A live node without a copy that has the fewest; of these, the one that leads least.
  std::optional<NodeId> emptiest(const std::vector<NodeId>& but) const {
    std::optional<NodeId> best;
    for (const NodeId node : live_) {
      if (holds(but, node)) continue;
      const auto load = std::pair(copies_.at(node), leads_.at(node));
      if (!best || load < std::pair(copies_.at(*best), leads_.at(*best))) best = node;
    }
    return best;
  }

  void begin(PartitionId id) {
    if (live_.size() < std::max<std::size_t>(1, state_.min_isr)) return;
    std::vector<NodeId> replicas;
    while (replicas.size() < wanted_) {
      const auto next = emptiest(replicas);
      if (!next) break;
      replicas.push_back(*next);
    }
    // The first leads.
    const auto least = std::min_element(replicas.begin(), replicas.end(), [&](NodeId a, NodeId b) {
      return leads_.at(a) < leads_.at(b);
    });
    std::iter_swap(replicas.begin(), least);
    (void)assign(id, std::move(replicas));
  }

  // Copies of gone nodes are replaced; what is too many goes once the others are complete.
  void repair(PartitionId id) {
    const PartitionState& partition = state_.partitions.at(id);
    std::vector<NodeId> replicas = partition.copies.replicas;
    std::erase_if(replicas, [&](NodeId node) { return !stays(node); });
    const std::size_t kept = replicas.size();
    std::size_t lasting = kept;
    for (const NodeId node : replicas) lasting -= draining_.contains(node) ? 1 : 0;
    // What is only to be moved away has time; what lacks copies has not.
    const bool only_moves = kept >= wanted_ && kept == partition.copies.replicas.size();
    if (only_moves && lasting < wanted_ && is_settled(partition)) {
      if (moving_ >= options_.moves_max) return;
      ++moving_;
    }
    for (; lasting < wanted_; ++lasting) {
      const auto next = emptiest(replicas);
      if (!next) break;
      replicas.push_back(*next);
    }
    const bool is_new = replicas.size() > kept;
    // A copy that nobody replaces stays named: its node may come back with it.
    const bool drops = kept < partition.copies.replicas.size() && replicas.size() >= wanted_;
    if (is_new || drops) {
      if (drops && assign(id, replicas)) return;
      // Or it is one of the few complete ones: until the new copies are complete, too.
      for (const NodeId node : partition.copies.replicas)
        if (!holds(replicas, node)) replicas.push_back(node);
      if (is_new) (void)assign(id, std::move(replicas));
    } else if (replicas.size() > wanted_) {
      shrink(id);
    }
  }

  // From a node that drains, or the one that has most, once all copies are complete. A leader hands
  // over first.
  void shrink(PartitionId id) {
    const auto& copies = state_.partitions.at(id).copies;
    if (copies.isr.size() < copies.replicas.size() || !copies.leader) return;
    const auto weight = [&](NodeId node) {
      return std::pair(draining_.contains(node), copies_.at(node));
    };
    const NodeId fullest =
        *std::max_element(copies.replicas.begin(), copies.replicas.end(),
                          [&](NodeId a, NodeId b) { return weight(a) < weight(b); });
    if (copies.leader == fullest) {
      std::vector<NodeId> others = copies.isr;
      std::erase(others, fullest);
      const auto load = [&](NodeId node) {
        return std::pair(draining_.contains(node), leads_.at(node));
      };
      const NodeId next = *std::min_element(others.begin(), others.end(),
                                            [&](NodeId a, NodeId b) { return load(a) < load(b); });
      const auto epoch = state_.partitions.at(id).leader_epoch;
      (void)add(id, metadata::MoveLeader{id, epoch, next});
      return;  // The new leader's copies count anew: next time.
    }
    std::vector<NodeId> replicas = copies.replicas;
    std::erase(replicas, fullest);
    (void)assign(id, std::move(replicas));
  }

  bool drains(const PartitionState& partition) const {
    const auto& replicas = partition.copies.replicas;
    return std::any_of(replicas.begin(), replicas.end(),
                       [&](NodeId node) { return draining_.contains(node); });
  }

  bool is_settled(const PartitionState& partition) const {
    const auto& copies = partition.copies;
    return copies.replicas.size() == wanted_ && copies.isr.size() == wanted_ && copies.leader;
  }

  void balance_copies() {
    std::size_t moving = 0;
    for (const auto& [id, partition] : state_.partitions)
      moving += is_settled(partition) && !drains(partition) ? 0 : 1;
    while (moving < options_.moves_max && !full() && move_one()) ++moving;
  }

  // A copy for the emptiest, of a partition of the fullest. The old one goes later.
  bool move_one() {
    const auto to = emptiest({});
    if (!to || live_.size() < 2) return false;
    const NodeId from = *std::max_element(live_.begin(), live_.end(), [&](NodeId a, NodeId b) {
      return copies_.at(a) - moving_away_[a] < copies_.at(b) - moving_away_[b];
    });
    if (copies_.at(from) - moving_away_[from] < copies_.at(*to) + 2) return false;
    for (const auto& [id, partition] : state_.partitions) {
      const auto& replicas = partition.copies.replicas;
      if (!is_settled(partition) || !holds(replicas, from) || holds(replicas, *to)) continue;
      std::vector<NodeId> more = replicas;
      more.push_back(*to);
      if (!assign(id, std::move(more))) continue;
      ++moving_away_[from];
      return true;
    }
    return false;
  }

  void balance_leaders() {
    for (std::size_t moves = 0; moves < options_.moves_max && !full(); ++moves)
      if (!move_one_leader()) return;
  }

  struct LeaderMove {
    PartitionId partition;
    NodeId from;
    NodeId to;
  };

  // From the node that leads most, if another leads at least two fewer. Where the two share no
  // partition, others between them pass on what they get.
  bool move_one_leader() {
    std::vector<NodeId> nodes;
    for (const auto& [node, count] : leads_) nodes.push_back(node);
    std::ranges::sort(nodes, {}, [&](NodeId node) { return std::pair(-leads_[node], node); });
    for (const NodeId from : nodes) {
      const std::vector<LeaderMove> moves = path_to_less_burdened(from);
      if (moves.empty()) continue;
      // The last first: however many are refused, nobody gets more than it had or passes on.
      for (auto move = moves.rbegin(); move != moves.rend(); ++move) {
        const auto epoch = state_.partitions.at(move->partition).leader_epoch;
        if (!add(move->partition, metadata::MoveLeader{move->partition, epoch, move->to}))
          return false;
      }
      return true;
    }
    return false;
  }

  // The shortest chain of moves, by breadth-first search.
  std::vector<LeaderMove> path_to_less_burdened(NodeId from) {
    std::map<NodeId, LeaderMove> reached_by;
    std::deque<NodeId> open = {from};
    while (!open.empty()) {
      const NodeId node = open.front();
      open.pop_front();
      for (const auto& [id, partition] : state_.partitions) {
        if (partition.copies.leader != node || !is_settled(partition) || drains(partition))
          continue;
        for (const NodeId next : partition.copies.isr) {
          if (next == from || !leads_.contains(next)) continue;
          if (!reached_by.try_emplace(next, LeaderMove{id, node, next}).second) continue;
          if (leads_[from] >= leads_[next] + 2) return chain_to(next, reached_by);
          open.push_back(next);
        }
      }
    }
    return {};
  }

  static std::vector<LeaderMove> chain_to(NodeId last,
                                          const std::map<NodeId, LeaderMove>& reached_by) {
    std::vector<LeaderMove> moves;
    for (auto step = reached_by.find(last); step != reached_by.end();
         step = reached_by.find(step->second.from))
      moves.push_back(step->second);
    std::ranges::reverse(moves);
    return moves;
  }

  void forget_drained() {
    std::set<NodeId> holders;
    for (const auto& [id, partition] : state_.partitions)
      holders.insert(partition.copies.replicas.begin(), partition.copies.replicas.end());
    for (const auto& [id, node] : state_.nodes) {
      if (full()) return;
      if (node.draining && node.fenced && !holders.contains(id))
        commands_.push_back(metadata::RemoveNode{id});
    }
  }

  metadata::State state_;
  const PlacementOptions options_;
  std::set<NodeId> live_;      // Those that may be given copies.
  std::set<NodeId> draining_;  // Of those that are not gone.
  // Of each node that is not gone.
  std::map<NodeId, int> copies_;
  std::map<NodeId, int> leads_;
  std::map<NodeId, int> moving_away_;  // Copies of this plan that a new one will replace.
  std::size_t moving_ = 0;  // Partitions that are not settled, or will not be by this plan.
  std::size_t wanted_ = 0;  // Copies of each partition.
  std::vector<metadata::Command> commands_;
};

}  // namespace

std::vector<metadata::Command> plan_placement(const metadata::State& state,
                                              const std::set<metadata::NodeId>& gone,
                                              const PlacementOptions& options) {
  return Planner(state, gone, options).plan();
}

metadata::State placed(metadata::State state, const std::set<NodeId>& gone) {
  forget_flushed(state);
  // All at once: it is only looked at.
  const PlacementOptions options{.moves_max = state.partitions.size(),
                                 .commands_max = 4 * state.partitions.size() + 16};
  constexpr int kRoundsMax = 64;  // Each moves all; a handful are needed.
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto commands = plan_placement(state, gone, options);
    if (commands.empty()) break;
    for (const metadata::Command& command : commands)
      if (auto next = metadata::apply_command(state, command)) state = *std::move(next);
    catch_up(state);
  }
  return state;
}

}  // namespace lynxdb::cluster
