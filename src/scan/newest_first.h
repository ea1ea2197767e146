// The order in which events leave a store, the same wherever their rows are.
#pragma once

#include <cstdint>

#include "event/event_batch.h"
#include "scan/unit_scan.h"

namespace lynxdb::scan {

// `rows` of a merged batch by time, newest first; of one time the later offset, then the lower
// partition (BEHAVIOUR 1.7 asks for one order on every node).
class NewestFirst {
 public:
  explicit NewestFirst(const event::EventBatch& batch)
      : times_(column(batch, event::kTime)),
        offsets_(column(batch, kOffsetColumn)),
        partitions_(column(batch, kPartitionColumn)) {}

  // Rows of one batch; equal ones as they stand.
  bool operator()(std::uint32_t a, std::uint32_t b) const {
    const int order = compare(*this, a, *this, b);
    return order != 0 ? order < 0 : a < b;
  }

  // Below 0: row `a` of x comes before row `b` of y.
  static int compare(const NewestFirst& x, std::uint32_t a, const NewestFirst& y, std::uint32_t b) {
    if (const int order = compare(x.times_, a, y.times_, b); order != 0) return -order;
    if (const int order = compare(x.offsets_, a, y.offsets_, b); order != 0) return -order;
    return compare(x.partitions_, a, y.partitions_, b);
  }

 private:
  static const event::Column* column(const event::EventBatch& batch, std::string_view name) {
    const event::ColumnPtr* found = batch.find(name);
    return found == nullptr ? nullptr : found->get();
  }
  // What a batch lacks is equal in all of its rows, and to that of others.
  static int compare(const event::Column* x, std::uint32_t a, const event::Column* y,
                     std::uint32_t b) {
    if (x == nullptr || y == nullptr) return 0;
    const std::int64_t value = x->view(a).as_int();
    const std::int64_t other = y->view(b).as_int();
    return value < other ? -1 : value > other ? 1 : 0;
  }

  const event::Column* times_;
  const event::Column* offsets_;
  const event::Column* partitions_;
};

}  // namespace lynxdb::scan
