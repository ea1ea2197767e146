// The first N rows of a sort, without keeping the others.
#pragma once

#include <vector>

#include "query/execution.h"
#include "query/operators/sort_keys.h"

namespace lynxdb::query {

// Exact and stable: what it holds at the end is what a full sort would give first. Holds about
// 2 N + kBatchRows rows. Belongs to one thread.
class TopRows {
 public:
  TopRows(std::vector<spl2::SortKey> keys, std::uint64_t count, Execution& execution);

  // False when the budget has no room for the candidates: go on with `take_candidates` and a full
  // sort. The batch is among them then.
  bool add(const event::EventBatch& batch);
  // Everything that may still be among the first N, in input order where keys are equal.
  std::vector<event::EventBatch> take_candidates();

 private:
  // The rows that come before the worst row known so far.
  event::EventBatch better_rows(const event::EventBatch& batch) const;
  // To the first N; or, in a query that is to end, to nothing less.
  void reduce();
  bool reserve();

  const std::vector<spl2::SortKey> keys_;
  const std::uint64_t count_;
  const Cancellation& cancellation_;
  base::MemoryReservation memory_;
  std::vector<event::EventBatch> candidates_;
  std::size_t candidate_rows_ = 0;
  std::size_t candidate_bytes_ = 0;
  // Once N rows are known: the N-th.
  std::optional<SortKeys> worst_;
};

}  // namespace lynxdb::query
