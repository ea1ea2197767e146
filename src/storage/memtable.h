// The events of one partition that are in no segment yet, in the order of their offsets.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "storage/read_view.h"

namespace lynxdb::storage {

// A batch as the memtable keeps it, its times looked up. `batch` has a `_time` in every row.
TailBatchPtr make_tail_batch(PartitionId partition, Offset base_offset,
                             std::shared_ptr<const event::EventBatch> batch);

// Rows [begin, end) of it, by offset; the batch itself when that is all of them.
TailBatchPtr slice(const TailBatchPtr& batch, Offset begin, Offset end);

// What a batch costs in memory, its fields' names and bookkeeping included: many tiny batches hold
// far more than their values.
std::size_t memory_bytes(const event::EventBatch& batch);

// Small batches that may become one, so that neither memory nor queries pay for each of them.
struct MergePlan {
  std::vector<TailBatchPtr> batches;  // Consecutive; empty: there is nothing to do.
};

// The batches of a plan as one. Null when that would be larger than they are: fields that few of
// them share are null in all the others.
TailBatchPtr merge(const MergePlan& plan);

// Not thread-safe. Batches are shared with read views.
class Memtable {
 public:
  explicit Memtable(Offset begin) : begin_(begin), end_(begin), sealed_below_(begin) {}

  // Events are in [begin, end).
  Offset begin() const { return begin_; }
  Offset end() const { return end_; }
  std::size_t bytes() const { return bytes_; }
  std::size_t batches() const { return entries_.size(); }

  // `batch` begins at end().
  void append(TailBatchPtr batch);
  // What is there now stays cut as it is: it will be flushed up to here.
  void seal() { sealed_below_ = end_; }
  // Frees the batches whose last event is below `offset`; begin() becomes `offset`.
  void release_below(Offset offset);
  // The events at `end` and above are gone; those before the first stay gone.
  void truncate(Offset end);
  // The events in [from, to), in order.
  void collect(Offset from, Offset to, std::vector<TailBatchPtr>& out) const;

  // What to merge now, if anything; the caller merges without holding up anybody, and comes back.
  MergePlan plan_merge() const;
  // `merged` is null when the batches stay apart. Does nothing when they are no longer all here.
  void finish_merge(const MergePlan& plan, TailBatchPtr merged);

 private:
  struct Entry {
    TailBatchPtr batch;
    std::size_t bytes = 0;
  };

  Offset begin_;
  Offset end_;
  Offset sealed_below_;
  Offset apart_below_ = 0;  // Batches below were not worth merging.
  std::size_t bytes_ = 0;
  std::deque<Entry> entries_;
};

}  // namespace lynxdb::storage
