// One partition of this node: where its log ends, what of it is committed and flushed, the events
// that are not flushed yet, and the batches taken lately.
//
//   I6   the high watermark never goes back
//   I8   flushed_offset <= staged_offset <= high watermark <= log end
//   I13  at most one committed batch per (batch_id, part)
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "storage/dedup_window.h"
#include "storage/memtable.h"
#include "storage/pending_append.h"

namespace lynxdb::storage {

// Not thread-safe.
class PartitionLog {
 public:
  // Events below `staged_offset` are in segments; those in [flushed_offset, staged_offset) only
  // wait for their commit.
  PartitionLog(PartitionId id, LeaderEpoch leader_epoch, Offset flushed_offset,
               Offset staged_offset, DedupOptions dedup);

  PartitionId id() const { return id_; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  Offset log_end() const { return memtable_.end(); }
  Offset high_watermark() const { return high_watermark_; }
  Offset staged_offset() const { return memtable_.begin(); }
  Offset flushed_offset() const { return flushed_offset_; }
  Memtable& memtable() { return memtable_; }
  const Memtable& memtable() const { return memtable_; }
  // Batches and single events by their ids. Two windows: clients that give each event an id must
  // not push out the batches of others.
  DedupWindow& batches() { return batches_; }
  const DedupWindow& batches() const { return batches_; }
  DedupWindow& events() { return events_; }
  const DedupWindow& events() const { return events_; }

  // Is an append with this key on its way?
  bool in_flight(const DedupKey& key) const { return in_flight_.contains(key); }
  // What to do once that one is answered: the retry of a batch in flight is decided then.
  void wait_for(const DedupKey& key, std::function<void()> then);
  void begin(const PendingAppend& append);
  // The append is over; returns who waited for it.
  std::vector<std::function<void()>> end(const PendingAppend& append);

  // The next events of the log, written and (as the sync mode asks) synced: they are committed.
  void commit(const PendingAppend& append);
  // Replayed from the log: as commit, but events below staged_offset only count for dedup.
  void recover(const DedupKey* batch_key, std::span<const DedupKey> event_keys,
               const DedupEntry& entry);
  void recover(TailBatchPtr batch);
  // Everything below is in staged segments.
  void staged(Offset offset);
  // Everything below is in committed segments.
  void flushed(Offset offset);

 private:
  void remember(const PendingAppend& append);

  const PartitionId id_;
  const LeaderEpoch leader_epoch_;
  Offset flushed_offset_;
  Offset high_watermark_;
  Memtable memtable_;
  DedupWindow batches_;
  DedupWindow events_;
  std::unordered_map<DedupKey, std::vector<std::function<void()>>, DedupKeyHash> in_flight_;
};

}  // namespace lynxdb::storage
