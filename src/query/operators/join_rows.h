// The rows of a join's result, put together from rows of both sides.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "event/event_batch.h"

namespace lynxdb::query {

// The columns that one side of a join named: rows print them even when null, so rows without a
// partner on that side get them, too.
class NamedColumns {
 public:
  void see(const event::EventBatch& batch);
  bool all_in(const event::EventBatch& batch) const;
  // Adds those that the batch lacks, as null columns.
  void add_missing(event::EventBatch& batch) const;

 private:
  std::vector<std::string> names_;  // In order of appearance.
};

// Row i has the fields of left row left_rows[i] and those of right row right_rows[i] that are null
// on the left. event::kNoRow on the right gives null.
event::EventBatch combine(const event::EventBatch& left, std::span<const std::uint32_t> left_rows,
                          const event::EventBatch& right,
                          std::span<const std::uint32_t> right_rows);

}  // namespace lynxdb::query
