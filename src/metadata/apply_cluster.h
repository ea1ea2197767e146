// What the commands on nodes and copies change. A refused command may leave `state` half changed:
// the caller throws it away.
#pragma once

#include "base/result.h"
#include "metadata/command.h"

namespace lynxdb::metadata {

Result<> change(State& state, const RegisterNode& command);
Result<> change(State& state, const FenceNode& command);
Result<> change(State& state, const UnfenceNode& command);
Result<> change(State& state, const RemoveNode& command);
Result<> change(State& state, const DrainNode& command);
Result<> change(State& state, const WantRebalance& command);
Result<> change(State& state, const ChangeIsr& command);
Result<> change(State& state, const AssignReplicas& command);
Result<> change(State& state, const MoveLeader& command);
Result<> change(State& state, const AcceptLoss& command);

inline Error conflict(std::string what) { return Error{ErrorCode::kConflict, std::move(what)}; }
inline std::string name_of(PartitionId partition) {
  return "partition " + std::to_string(partition.value());
}

}  // namespace lynxdb::metadata
