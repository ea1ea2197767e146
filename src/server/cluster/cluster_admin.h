// What a person may ask of a cluster, behind POST and DELETE /cluster/...
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lynxdb::server {

struct ClusterWish {
  enum class Kind : std::uint8_t {
    kRebalance,  // Spread copies and leaders evenly, once.
    kDrain,      // `node` gives its copies away, and is forgotten when it stops.
    kKeep,       // `node` shall not drain any more.
    kRemove,     // Forget `node`, which does not run.
    kRecover,    // `node` leads `partition` though it may lack events ("": the one that runs).
  };
  Kind kind = Kind::kRebalance;
  std::string node;
  std::uint32_t partition = 0;
  bool force = false;    // kRemove: give up the copies that it has.
  bool dry_run = false;  // Only say what would be done.
};

// How a partition shall be kept: its nodes, and who leads.
struct PlannedMove {
  std::uint32_t partition = 0;
  std::vector<std::string> from;
  std::vector<std::string> to;
  std::string leader;
};

struct ClusterPlan {
  std::vector<PlannedMove> moves;  // By partition; those that change.
  std::string note;                // For people: what happens next.
};

// Thread-safe.
class ClusterAdmin {
 public:
  virtual ~ClusterAdmin() = default;
  // `done` is called once, on another thread. Errors: kNotFound (no such node or partition),
  // kConflict (what is in the way), kUnavailable (nobody leads the metadata), kOverloaded.
  using Done = std::function<void(Result<ClusterPlan>)>;
  virtual void carry_out(ClusterWish wish, Done done) = 0;
};

}  // namespace lynxdb::server
