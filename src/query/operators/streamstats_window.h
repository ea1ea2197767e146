// One aggregate over the last N rows, for any aggregate that can be merged.
//
// Aggregates cannot take a row out again. So rows are kept in two stacks: the older rows as suffix
// aggregates (each covers its row and all older-stack rows after it), the newer ones as single rows
// and one total. When the older stack is used up, the newer rows are turned into suffixes. Each row
// is merged a constant number of times. (A queue of two stacks, folklore; K. Tangwongsan, M. Hirzel
// and S. Schneider, "Low-latency sliding-window aggregation in worst-case constant time", DEBS
// 2017, describe it and its kin.)
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/aggregate.h"

namespace lynxdb::query {

// Not thread-safe.
class SlidingAggregate {
 public:
  // Keeps `aggregate`, which must outlive it.
  explicit SlidingAggregate(const spl2::Aggregate& aggregate) : aggregate_(&aggregate) {
    newer_total_ = fresh();
  }

  // Adds row origin.first of the argument (null: count of rows).
  void push(const event::Column* argument, const RowOrigin& origin);
  // Forgets the oldest row. There must be one. False when that needs more than `bytes_max`: large
  // aggregates (values, list) take memory by the square of the rows. Nothing else may follow then.
  [[nodiscard]] bool pop(std::size_t bytes_max);
  std::size_t rows() const { return older_.size() + newer_.size(); }
  event::Value current() const;
  // aggregate := count:varint state* (older)  count:varint state* (newer)  state (newer total)
  void encode(std::string& out) const;
  // Into a fresh one; advances `bytes`. Error: kCorruption.
  Result<> decode(std::string_view& bytes);
  // About; follows pushes and pops.
  std::size_t memory_bytes() const { return bytes_ + newer_total_->memory_bytes(); }

 private:
  std::unique_ptr<AggregateStates> fresh() const;
  Result<std::unique_ptr<AggregateStates>> decode_one(std::string_view& bytes) const;
  bool turn(std::size_t bytes_max);

  const spl2::Aggregate* aggregate_;
  std::vector<std::unique_ptr<AggregateStates>> older_;  // Oldest row last.
  std::vector<std::unique_ptr<AggregateStates>> newer_;  // Newest row last.
  std::unique_ptr<AggregateStates> newer_total_;
  std::size_t bytes_ = 0;
};

}  // namespace lynxdb::query
