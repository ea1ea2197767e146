#include "storage/local_replicator.h"

namespace lynxdb::storage {

LocalReplicator::LocalReplicator(Tail& tail, ReplicatedLog& log)
    : tail_(tail), log_(log), ends_(tail.log_ends()) {
  for (const PartitionStatus& partition : tail.status())
    epochs_[partition.id] = partition.leader_epoch;
}

Result<> LocalReplicator::place(PartitionId partition, LeaderEpoch epoch, std::uint32_t count,
                                const std::function<void(const Place&)>& enqueue) {
  const base::MutexLock lock(mutex_);
  Offset& end = ends_[partition];
  const Place place{epoch, end, 0};
  end += count;
  enqueue(place);
  return {};
}

void LocalReplicator::durable(std::span<const LogEnd> ends) {
  for (const LogEnd& end : ends) {
    const LeaderEpoch epoch = epochs_.at(end.partition);
    for (const auto& work : log_.commit(end.partition, epoch, end.end, true)) work();
  }
}

void LocalReplicator::take_back(const std::function<void()>& forget) {
  const base::MutexLock lock(mutex_);
  forget();
  ends_ = tail_.log_ends();
}

}  // namespace lynxdb::storage
