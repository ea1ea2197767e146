// What an owner keeps of one copy: batches, epochs, and the batch ids that follow from them. Once
// as the process has it, once as the disk does.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "replication/epoch_history.h"
#include "replication/ready.h"

namespace lynxdb::replication::simulation {

using BatchId = std::uint64_t;

Payload payload_of(BatchId id);
BatchId id_of(const Batch& batch);

struct ModelLog {
  Offset start = 0;
  std::vector<Batch> batches;
  EpochHistory history;
  std::map<BatchId, OffsetRange> dedup;

  Offset end() const { return batches.empty() ? start : batches.back().end(); }

  void append(const Batch& batch);
  void truncate(Offset end);
  void reset(const ResetLog& change);
  void trim(Offset start);
  void apply(const LogChange& change);

  // Those in [begin, end), at most `limit`.
  std::vector<Batch> read(Offset begin, Offset end, std::size_t limit) const;
  // Null: none ends there.
  const Batch* ending_at(Offset end) const;
  Payload dedup_below(Offset end) const;
};

}  // namespace lynxdb::replication::simulation
