// What must hold after every step (the invariants of REPLICATION: I1 to I16), kept up step by step:
// each check looks at what has just changed, and compares it with all that was ever committed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "metadata/state.h"
#include "replication/simulation/model_log.h"

namespace lynxdb::replication::simulation {

// A segment in the object store: of each partition, whole batches.
using Object = std::map<PartitionId, std::vector<Batch>>;

class Checker {
 public:
  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }
  void fail(std::string failure);

  struct Truth {
    std::vector<Batch> batches;  // Without a gap from 0: everything that was ever committed.
    std::map<BatchId, OffsetRange> ids;
    std::vector<BatchId> acked;

    Offset end() const { return batches.empty() ? 0 : batches.back().end(); }
  };
  const Truth& truth(PartitionId partition) { return truths_[partition]; }

  // A leader appends (I4).
  void appended(PartitionId partition, LeaderEpoch epoch, std::uint64_t writer);
  // A leader's high watermark moves to `hw` (I3, I5, I6, I13). `log`: its own.
  void committed(PartitionId partition, const ModelLog& log, Offset hw);
  // A copy on disk holds all that was committed (I1, I2, I7).
  bool holds_all(PartitionId partition, const ModelLog& log, Offset flushed) const;
  void acknowledged(PartitionId partition, BatchId id);
  // New segments come into the manifest (I9, I10).
  void flushed(PartitionId partition, OffsetRange range, const std::vector<const Object*>& objects);
  // What a strict read found of a partition: everything in [0, end) exactly once (I14), and with it
  // the first `acked` acknowledged batches.
  void read(PartitionId partition, const std::vector<Batch>& found, std::size_t acked);

 private:
  std::string failure_;
  std::map<PartitionId, Truth> truths_;
  std::map<std::pair<PartitionId, LeaderEpoch>, std::uint64_t> writers_;
};

}  // namespace lynxdb::replication::simulation
