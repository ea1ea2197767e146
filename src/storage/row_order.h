// Rows of many batches in the one order in which queries return events: newest first, equal times
// by later offset, then by partition.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "storage/read_view.h"

namespace lynxdb::storage {

struct RowRef {
  std::int64_t time_ns = 0;
  std::uint32_t batch = 0;  // Place in a list of batches.
  std::uint32_t row = 0;
};

// Sorts by the order above; `batches` are by partition, then offset (ReadView::tail).
void sort_newest_first(std::span<const TailBatchPtr> batches, std::vector<RowRef>& rows);

// The rows named, in that order, as one batch. Strings are shared with the batches.
event::EventBatch gather(std::span<const event::EventBatch* const> batches,
                         std::span<const RowRef> rows);

}  // namespace lynxdb::storage
