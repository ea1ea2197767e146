// Which nodes the leader of the metadata believes dead (REPLICATION E1, E2): a pure function of
// what it heard and when. A node that falls silent is given the fence time; one whose machine
// answers that nobody listens at its port any more is known to be dead at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "metadata/command.h"
#include "metadata/state.h"

namespace lynxdb::cluster {

struct FailureDetectorOptions {
  std::chrono::milliseconds fence_timeout{6000};
  // So many times in a row nobody listened: a restart closes the port for a moment, too.
  unsigned refusals_max = 2;
};

// Times are of one clock that counts suspended time (CLOCK_BOOTTIME), in ms. One thread.
class FailureDetector {
 public:
  explicit FailureDetector(FailureDetectorOptions options) : options_(options) {}

  // This node leads from now on: everybody gets the full time again.
  void lead();
  // Nodes that are not fenced, as the state has them. A new life begins with the full time.
  void update(const metadata::State& state, std::int64_t now_ms);
  void heard(metadata::NodeId node, metadata::NodeEpoch epoch, std::int64_t now_ms);
  // Its port was knocked at.
  void refused(metadata::NodeId node);
  void answered(metadata::NodeId node);
  // This life has been fenced: if the node comes back with it, it gets the full time.
  void fenced(const metadata::FenceNode& fence);

  // Whom to fence now.
  std::vector<metadata::FenceNode> dead(std::int64_t now_ms) const;

 private:
  struct Life {
    metadata::NodeEpoch epoch = 0;
    std::int64_t heard_ms = 0;
    unsigned refusals = 0;
  };

  FailureDetectorOptions options_;
  std::map<metadata::NodeId, Life> lives_;
};

}  // namespace lynxdb::cluster
