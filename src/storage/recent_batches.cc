#include "storage/recent_batches.h"

#include <algorithm>

namespace lynxdb::storage {

std::uint64_t RecentBatches::add(PartitionId partition, const Batch& batch) {
  const base::MutexLock lock(mutex_);
  ++last_number_;
  logs_[partition].entries.push_back({last_number_, batch});
  order_.emplace_back(last_number_, partition);
  bytes_ += bytes_of(batch);
  return last_number_;
}

void RecentBatches::truncate(PartitionId partition, Cuts cuts, Offset end) {
  const base::MutexLock lock(mutex_);
  Log& log = logs_[partition];
  log.cuts = cuts;
  while (!log.entries.empty() && log.entries.back().batch.end() > end) {
    bytes_ -= bytes_of(log.entries.back().batch);
    log.entries.pop_back();
  }
}

void RecentBatches::reset(PartitionId partition, Cuts cuts, Offset start) {
  const base::MutexLock lock(mutex_);
  Log& log = logs_[partition];
  for (const Entry& entry : log.entries) bytes_ -= bytes_of(entry.batch);
  log = {cuts, start, {}};
}

void RecentBatches::remove(PartitionId partition) {
  const base::MutexLock lock(mutex_);
  const auto log = logs_.find(partition);
  if (log == logs_.end()) return;
  for (const Entry& entry : log->second.entries) bytes_ -= bytes_of(entry.batch);
  logs_.erase(log);
}

void RecentBatches::written(std::uint64_t number) {
  const base::MutexLock lock(mutex_);
  while (!order_.empty() && order_.front().first <= number) {
    const auto [oldest, partition] = order_.front();
    const auto log = logs_.find(partition);
    const bool is_here = log != logs_.end() && !log->second.entries.empty() &&
                         log->second.entries.front().number == oldest;
    if (is_here && bytes_ <= bytes_max_) return;
    order_.pop_front();
    if (!is_here) continue;
    bytes_ -= bytes_of(log->second.entries.front().batch);
    log->second.entries.pop_front();
  }
}

Result<std::vector<Batch>> RecentBatches::read(PartitionId partition, Cuts cuts,
                                               OffsetRange offsets, std::size_t bytes_max) const {
  const base::MutexLock lock(mutex_);
  const auto found = logs_.find(partition);
  const Cuts cuts_here = found == logs_.end() ? 0 : found->second.cuts;
  const Offset start = found == logs_.end() ? 0 : found->second.start;
  if (cuts != cuts_here || offsets.begin < start) {
    return Error{ErrorCode::kNotFound, "the log was cut meanwhile"};
  }
  std::vector<Batch> batches;
  if (found == logs_.end()) return batches;
  const std::deque<Entry>& entries = found->second.entries;
  auto at =
      std::lower_bound(entries.begin(), entries.end(), offsets.begin,
                       [](const Entry& entry, Offset offset) { return entry.batch.base < offset; });
  if (at == entries.end() || at->batch.base != offsets.begin) return batches;
  for (std::size_t bytes = 0; at != entries.end() && bytes < bytes_max; ++at) {
    if (at->batch.end() > offsets.end) break;
    batches.push_back(at->batch);
    bytes += bytes_of(at->batch);
  }
  return batches;
}

}  // namespace lynxdb::storage
