// Who leads a partition, and who may. No unclean election: whoever leads has every committed event.
#pragma once

#include <string>

#include "metadata/state.h"

namespace lynxdb::metadata {

// `node` has left: out of the ISR (into the ELR when fewer than min_isr are left), and no leader
// any more. `keeps_log` false: out of the ELR, too.
void leave(State& state, PartitionState& partition, NodeId node, bool keeps_log);

// Makes sure that a live node of ISR or ELR leads, if there is one: of several in the ISR the one
// that leads the fewest partitions. Both epochs grow when the leader changes.
void elect(const State& state, PartitionState& partition);

// Gives the partition this ISR. Those who left it stay eligible when it is smaller than min_isr.
void set_isr(const State& state, PartitionState& partition, std::vector<NodeId> isr);

// A new leader, or none: both epochs grow.
void set_leader(PartitionState& partition, std::optional<NodeId> leader);

// "has ..." when a rule is broken, else "".
std::string find_fault(const State& state, const PartitionState& partition);

}  // namespace lynxdb::metadata
