// How long the parts of a member wait for each other.
#pragma once

#include <chrono>
#include <string>

#include "cluster/consensus/raft_group.h"

namespace lynxdb::cluster {

// Between two looks for a leader.
inline constexpr std::chrono::milliseconds kLeaderPause{20};
// For one change of the group.
inline constexpr std::chrono::milliseconds kChangeTimeout{2000};

inline Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
inline bool is_over(Deadline deadline) { return std::chrono::steady_clock::now() >= deadline; }

inline Error no_group(const std::string& waiting_for) {
  return Error{ErrorCode::kUnavailable,
               "this node belongs to no cluster yet" +
                   (waiting_for.empty() ? std::string() : ": " + waiting_for)};
}

}  // namespace lynxdb::cluster
