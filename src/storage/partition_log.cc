#include "storage/partition_log.h"

#include <utility>

#include "base/check.h"

namespace lynxdb::storage {

PartitionLog::PartitionLog(PartitionId id, LeaderEpoch leader_epoch, Offset flushed_offset,
                           Offset staged_offset, DedupOptions dedup)
    : id_(id),
      leader_epoch_(leader_epoch),
      flushed_offset_(flushed_offset),
      high_watermark_(staged_offset),
      memtable_(staged_offset),
      batches_(dedup),
      events_(dedup) {}

void PartitionLog::wait_for(const DedupKey& key, std::function<void()> then) {
  in_flight_.at(key).push_back(std::move(then));
}

void PartitionLog::begin(const PendingAppend& append) {
  for (const auto* keys : {&append.batch_keys, &append.event_keys}) {
    for (const DedupKey& key : *keys) LYNXDB_CHECK(in_flight_.try_emplace(key).second);
  }
}

std::vector<std::function<void()>> PartitionLog::end(const PendingAppend& append) {
  std::vector<std::function<void()>> waiting;
  for (const auto* keys : {&append.batch_keys, &append.event_keys}) {
    for (const DedupKey& key : *keys) {
      const auto found = in_flight_.find(key);
      LYNXDB_CHECK(found != in_flight_.end());
      for (auto& then : found->second) waiting.push_back(std::move(then));
      in_flight_.erase(found);
    }
  }
  return waiting;
}

void PartitionLog::commit(const PendingAppend& append) {
  memtable_.append(make_tail_batch(id_, append.base_offset, append.batch));
  remember(append);
  high_watermark_ = memtable_.end();
  LYNXDB_CHECK(staged_offset() <= high_watermark_);
}

void PartitionLog::remember(const PendingAppend& append) {
  const DedupEntry entry{append.base_offset, static_cast<std::uint32_t>(append.batch->rows()),
                         append.content_crc, append.appended_ns};
  for (const DedupKey& key : append.batch_keys) {
    LYNXDB_CHECK(batches_.find(key) == nullptr);
    batches_.insert(key, entry);
  }
  for (const DedupKey& key : append.event_keys) {
    events_.insert(key, {append.base_offset, 1, 0, append.appended_ns});
  }
  batches_.expire(append.appended_ns);
  events_.expire(append.appended_ns);
}

void PartitionLog::recover(const DedupKey* batch_key, std::span<const DedupKey> event_keys,
                           const DedupEntry& entry) {
  if (batch_key != nullptr) batches_.insert(*batch_key, entry);
  for (const DedupKey& key : event_keys) {
    events_.insert(key, {entry.base_offset, 1, 0, entry.appended_ns});
  }
}

void PartitionLog::recover(TailBatchPtr batch) {
  memtable_.append(std::move(batch));
  high_watermark_ = memtable_.end();
}

void PartitionLog::staged(Offset offset) {
  LYNXDB_CHECK(offset >= staged_offset() && offset <= high_watermark_);
  memtable_.release_below(offset);
}

void PartitionLog::flushed(Offset offset) {
  LYNXDB_CHECK(offset >= flushed_offset_ && offset <= staged_offset());
  flushed_offset_ = offset;
}

}  // namespace lynxdb::storage
