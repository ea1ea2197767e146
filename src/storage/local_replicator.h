// The Replicator of a store that is alone: events go to the end of the log, and are committed as
// soon as they are durable.
#pragma once

#include <functional>

#include "base/mutex.h"
#include "storage/replicated_log.h"
#include "storage/tail.h"

namespace lynxdb::storage {

// Thread-safe.
class LocalReplicator final : public Replicator {
 public:
  // `log` is that of `tail`.
  LocalReplicator(Tail& tail, ReplicatedLog& log);

  Result<> place(PartitionId partition, LeaderEpoch epoch, std::uint32_t count,
                 const std::function<void(const Place&)>& enqueue) override EXCLUDES(mutex_);
  void durable(std::span<const LogEnd> ends) override;
  void log_failed(const Error&) override {}
  std::map<PartitionId, Flushable> flushable() override { return tail_.flushable(); }
  std::map<PartitionId, Offset> trimmable() override { return tail_.flushed_offsets(); }
  void trimmed(PartitionId, Offset) override {}

  // `forget` makes that nothing is on its way to the log; places are given again from its end on.
  void take_back(const std::function<void()>& forget) EXCLUDES(mutex_);

 private:
  Tail& tail_;
  ReplicatedLog& log_;
  std::map<PartitionId, LeaderEpoch> epochs_;  // Never change.
  base::Mutex mutex_;
  OffsetEnds ends_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::storage
