// Which nodes shall have copies of which partitions, and lead them: a pure function of the
// metadata. The node that leads the metadata asks it again and again and proposes what it says;
// every answer is a small step that leaves each partition as well copied as it was.
//
//   new partitions   on the nodes that have least, leaders spread evenly
//   a node is gone   its copies are made anew elsewhere; nothing else moves
//   a node is new    others give copies away one by one, until nobody has two more than it: first
//                    the new copy joins the ISR, then the old one goes
//   a node drains    its copies are made anew elsewhere first, as many at a time as for balance;
//                    once it has none and has stopped it is forgotten
//   leaders          move within the ISR until nobody leads two more than another
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "metadata/command.h"

namespace lynxdb::cluster {

struct PlacementOptions {
  // Partitions on the move at a time, for balance. Copies of gone nodes are not counted: they are
  // missing already.
  std::size_t moves_max = 2;
  // Commands of one plan.
  std::size_t commands_max = 64;
  // cluster.rebalance_enabled: false leaves what is complete where it is, unless a person asked for
  // balance (State::rebalance_wanted).
  bool balances = true;
};

// `gone`: nodes that were silent for so long that they are not waited for. All of the commands fit
// the state when they are proposed in this order. Empty: all is as it should be, or has to wait.
std::vector<metadata::Command> plan_placement(const metadata::State& state,
                                              const std::set<metadata::NodeId>& gone,
                                              const PlacementOptions& options);

// The state that these plans lead to, if every live follower catches up. Segments are left out.
metadata::State placed(metadata::State state, const std::set<metadata::NodeId>& gone);

}  // namespace lynxdb::cluster
