// One partition of this node: where its log starts and ends, what of it is committed and flushed,
// the events that are not flushed yet, the batches taken lately, and who waits for what.
//
//   I6   the high watermark never goes back, unless the log is reset or a loss was accepted
//   I8   flushed_offset <= staged_offset <= high watermark <= log end, on a node that is alone; in
//        a cluster a copy that lags may end below what is flushed
//   I13  at most one committed batch per (batch_id, part)
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "replication/epoch_history.h"
#include "storage/dedup_window.h"
#include "storage/log_entry.h"
#include "storage/memtable.h"

namespace lynxdb::storage {

using Then = std::function<void()>;

// Who is to be answered now, in this order. Without locks.
struct Answers {
  std::vector<WaitingAppend> appends;
  std::vector<Then> then;  // Retries that are decided now.
};

// Not thread-safe. The log's thread brings what is written; the rest comes at any time.
class PartitionLog {
 public:
  // An empty log; events below `begin` are in segments.
  PartitionLog(PartitionId id, Offset flushed_offset, Offset begin, DedupOptions dedup);

  PartitionId id() const { return id_; }
  // Nothing: it is led elsewhere.
  std::optional<LeaderEpoch> leader_epoch() const { return leader_epoch_; }
  Offset log_start() const { return log_start_; }
  Offset log_end() const { return memtable_.end(); }
  Offset high_watermark() const { return high_watermark_; }
  // Where memory begins.
  Offset staged_offset() const { return memtable_.begin(); }
  Offset flushed_offset() const { return flushed_offset_; }
  Memtable& memtable() { return memtable_; }
  const Memtable& memtable() const { return memtable_; }
  const DedupWindows& windows() const { return windows_; }
  const replication::EpochHistory& epochs() const { return epochs_; }

  // --- Appends.

  // Is a batch with this key on its way to the log?
  bool in_flight(const DedupKey& key) const { return in_flight_.contains(key); }
  // Called once that one is written and committed, or given up.
  void wait_for(const DedupKey& key, Then then);
  // Is what lies at `base` committed?
  bool is_committed(Offset base) const { return base < high_watermark_; }
  void wait_for_commit(Offset base, Then then) { uncommitted_.emplace(base, std::move(then)); }
  // Will something that is queued take from the log? Until that is written, memory and batch ids
  // are of the log before.
  bool has_queued_cut() const { return queued_cuts_ > 0; }
  void wait_for_cut(Then then) { after_cuts_.push_back(std::move(then)); }
  void begin(const BatchKeys& keys);
  // It was not written. Returns who waited for it.
  std::vector<Then> abandon(const BatchKeys& keys);
  // It has its place: its caller waits for the commit.
  void wait(WaitingAppend append) { waiting_.push_back(std::move(append)); }
  // Takes back the newest one.
  WaitingAppend stop_waiting();

  // --- The log. A change is first queued, then written.

  void queued(const LogStep& step);
  // Returns who is to be taken again.
  std::vector<Then> written(const LogStep& step);
  // It will not be written: a batch.
  void unqueued() { --queued_; }
  std::size_t queued_count() const { return queued_; }

  // --- Decisions.

  // The node leads in `epoch`; all below is committed.
  Answers commit(LeaderEpoch epoch, Offset high_watermark);
  // It leads no more: everybody who waits is to be told.
  Answers end_leadership();
  // Everything below is in staged segments.
  void staged(Offset offset);
  // Everything below is in committed segments. With `frees`, memory below goes, too.
  void flushed(Offset offset, bool frees);
  void trimmed(Offset start);

  // --- Recovery.

  // The log starts, and ends, at `offset`; epochs that begin there or later are forgotten.
  void recover_start(Offset offset);
  void recover_epochs(replication::EpochHistory epochs) { epochs_ = std::move(epochs); }
  DedupWindows& recover_windows() { return windows_; }
  // What the log says next. A batch without events need not be in memory.
  void recover(const LogStep& step);
  // A log that is alone: batches below the staged offset only count for dedup.
  void recover_alone(const PlacedBatch& batch);
  // A log that is alone: what it has is committed.
  void recover_committed(LeaderEpoch epoch);

 private:
  struct InFlight {
    std::size_t count = 0;
    std::vector<Then> then;
  };

  static Offset end_of(const PlacedBatch& batch) { return batch.base_offset + batch.entry.count; }
  void write(const PlacedBatch& batch);
  void write(const replication::EpochBegan& began);
  void write(const replication::TruncateLog& cut);
  void write(const LogReset& reset);
  void write(const LogRemoved&);
  void remember(const PlacedBatch& batch);
  std::vector<Then> end_flight(const BatchKeys& keys);
  void free_flushed();
  void advance();
  void take_committed(std::vector<Then>& out);

  PartitionId id_;
  DedupOptions dedup_;
  std::optional<LeaderEpoch> leader_epoch_;
  Offset flushed_offset_;
  Offset log_start_;
  Offset committed_;       // As was said; there may be less here yet.
  Offset high_watermark_;  // Of what is here.
  Memtable memtable_;
  replication::EpochHistory epochs_;
  DedupWindows windows_;
  std::size_t queued_ = 0;
  std::size_t queued_cuts_ = 0;  // Truncations, resets and removals among them.
  std::unordered_map<DedupKey, InFlight, DedupKeyHash> in_flight_;
  std::deque<WaitingAppend> waiting_;        // By offset.
  std::multimap<Offset, Then> uncommitted_;  // Retries, by where the batch lies.
  std::vector<Then> after_cuts_;
};

}  // namespace lynxdb::storage
