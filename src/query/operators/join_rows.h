// The rows of a join's result, put together from rows of both sides.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "event/event_batch.h"

namespace lynxdb::query {

// The columns that one side of a join named: rows without a partner on that side print them, too,
// as null. Branches of that side (append, multisearch) may have named some of them each.
class NamedColumns {
 public:
  void see(const event::EventBatch& batch);
  // Names them for all rows; those that the batch lacks become null columns at its end.
  void name_all(event::EventBatch& batch) const;

 private:
  std::vector<std::string> names_;  // In order of appearance.
};

// Row i has the fields of left row left_rows[i] and those of right row right_rows[i] that are null
// on the left. event::kNoRow on the right gives null.
event::EventBatch combine(const event::EventBatch& left, std::span<const std::uint32_t> left_rows,
                          const event::EventBatch& right,
                          std::span<const std::uint32_t> right_rows);

}  // namespace lynxdb::query
