// One consistent picture of everything stored: what a query reads, and keeps reading while flushes
// and compactions go on. Every committed event is in it exactly once:
//
//   in a segment of state().segments    when its offset is below its partition's flushed_offset F
//   in a segment of staged()            when it is in [F, S), S what is staged (uploads that wait)
//   in a batch of tail()                when it is in [S, H), H the high watermark at the read
//
// except for what retention has expired (visible_from_ns).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event_batch.h"
#include "metadata/state.h"
#include "storage/staged_segment.h"

namespace lynxdb::storage {

using metadata::LeaderEpoch;
using metadata::Offset;
using metadata::OffsetRange;
using metadata::PartitionId;
using metadata::SegmentEntry;
using metadata::SegmentId;

// Consecutive events of one partition that are not flushed yet: row i has offset base_offset + i.
// Immutable and shared; rows are in the order of arrival, not of time.
struct TailBatch {
  PartitionId partition;
  Offset base_offset = 0;
  std::shared_ptr<const event::EventBatch> batch;
  // Of its rows, both included.
  std::int64_t time_min_ns = 0;
  std::int64_t time_max_ns = 0;

  Offset end_offset() const { return base_offset + batch->rows(); }
};

using TailBatchPtr = std::shared_ptr<const TailBatch>;

// Adds the names of the indexes that its rows are in.
void add_indexes(const TailBatch& batch, std::set<std::string>& names);

// Before this time an index's events have expired. Segments that straddle it still hold some:
// readers leave these out.
struct RetentionBorder {
  std::int64_t all_ns;
  std::map<std::string, std::int64_t, std::less<>> by_index;

  std::int64_t visible_from_ns(std::string_view index) const {
    const auto own = by_index.find(index);
    return own == by_index.end() ? all_ns : own->second;
  }
};

// Cheap to copy; copies share the pin. While one lives, no segment of it is deleted and no batch of
// its tail is freed, so do not keep it longer than the query. Thread-safe to read.
class ReadView {
 public:
  ReadView(metadata::StatePtr state, std::vector<StagedSegmentPtr> staged,
           std::vector<TailBatchPtr> tail, RetentionBorder border, std::shared_ptr<const void> pin)
      : state_(std::move(state)),
        staged_(std::make_shared<const std::vector<StagedSegmentPtr>>(std::move(staged))),
        tail_(std::make_shared<const std::vector<TailBatchPtr>>(std::move(tail))),
        border_(std::move(border)),
        pin_(std::move(pin)) {}

  const metadata::State& state() const { return *state_; }
  // Oldest flush first.
  std::span<const StagedSegmentPtr> staged() const { return *staged_; }
  // By partition, then offset; without gaps within a partition.
  std::span<const TailBatchPtr> tail() const { return *tail_; }
  std::int64_t visible_from_ns(std::string_view index) const {
    return border_.visible_from_ns(index);
  }
  const RetentionBorder& border() const { return border_; }

 private:
  metadata::StatePtr state_;
  std::shared_ptr<const std::vector<StagedSegmentPtr>> staged_;
  std::shared_ptr<const std::vector<TailBatchPtr>> tail_;
  RetentionBorder border_;
  std::shared_ptr<const void> pin_;
};

}  // namespace lynxdb::storage
