// How a node with empty Raft files finds its group: it founds one together with the other seeds, or
// joins the one that there is. Pure decisions; raft_metadata.h acts on them.
//
// A group is founded by seeds that are all empty, as soon as a majority of the seeds knows of no
// cluster. Every founder starts with the same members, all seeds by their place in the sorted list:
// whoever comes to the same decision, at whatever time, founds the same group, and Raft's own
// majority is what keeps two of them apart. A seed that is late, or comes back with an empty disk,
// hears of the group and joins it under a new id; its first one is given up, for nobody can know
// any more what it voted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/rpc/messages.h"
#include "raft/configuration.h"

namespace lynxdb::cluster {

// Ids up to here are those of founders.
inline constexpr std::uint64_t kFounderIdMax = 0xFFFFFFFF;

// Sorted, each once.
std::vector<std::string> sorted_seeds(std::vector<std::string> seeds);
std::uint64_t hash_of_seeds(const std::vector<std::string>& sorted);

// What one seed answered; nothing when it could not be reached.
struct SeedAnswer {
  std::string address;
  std::optional<Introduction> introduction;
};

struct FormingDecision {
  enum class Kind : std::uint8_t { kWait, kFound, kJoin };
  Kind kind = Kind::kWait;
  std::string why;       // For the log.
  raft::NodeId founder;  // This node's place among the seeds, kNobody when it is none of them.
  raft::Configuration founders;       // kFound
  std::vector<std::string> contacts;  // kJoin: whom to ask.
  std::string cluster_id;             // kJoin
};

// `own` is this node; one of the answers may be its own. Errors (kConflict) are final until a
// person acts: two nodes with one name, other seeds, another protocol.
Result<FormingDecision> decide_forming(const Introduction& own,
                                       const std::vector<SeedAnswer>& answers);

}  // namespace lynxdb::cluster
