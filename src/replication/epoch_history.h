// Which leader epoch each batch of a log is of, by the offsets where epochs begin (KIP-101): two
// logs that agree in the epoch of a batch agree in everything up to it, so the point where they
// part is found without comparing events.
#pragma once

#include <cstddef>
#include <vector>

#include "replication/types.h"

namespace lynxdb::replication {

struct EpochStart {
  LeaderEpoch epoch = 0;
  Offset start = 0;

  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

// Where an epoch ends in a log. Epoch 0: none that is known.
struct EpochEnd {
  LeaderEpoch epoch = 0;
  Offset end = 0;

  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

class EpochHistory {
 public:
  EpochHistory() = default;
  // Both columns ascending, as entries() gives them.
  explicit EpochHistory(const std::vector<EpochStart>& entries);

  // Batches from `start` on, where the log ends now, are of `epoch`. It is not older than that of
  // the batch before; epochs that got no batch are forgotten.
  void begin(LeaderEpoch epoch, Offset start);
  // The log ends at `end` now.
  void truncate(Offset end);
  // The log starts at `start` now. The epoch of the batch before it stays known: a copy that ends
  // there is compared by it.
  void trim(Offset start);

  // 0: none.
  LeaderEpoch newest() const { return entries_.empty() ? 0 : entries_.back().epoch; }
  // Of the batch that ends at or spans `offset`; 0: there is none, or it is not known.
  LeaderEpoch epoch_before(Offset offset) const;
  // The newest epoch that is not newer than `epoch`, in a log that ends at `log_end`.
  EpochEnd end_of(LeaderEpoch epoch, Offset log_end) const;
  // Of what is below `offset`.
  std::vector<EpochStart> below(Offset offset) const;

  const std::vector<EpochStart>& entries() const { return entries_; }

 private:
  std::vector<EpochStart> entries_;
};

}  // namespace lynxdb::replication
