// Row numbers carried along in a hidden field, to bring rows back into order after they were
// spread over partitions.
#pragma once

#include <cstdint>
#include <string>

#include "event/event_batch.h"

namespace lynxdb::query {

// Longer than a field name can be (256 bytes): no event has such a field.
inline const std::string kOrdinalField = "ordinal" + std::string(250, '.');
inline const std::string kSecondOrdinalField = "second" + kOrdinalField;

// Numbers the rows first, first + 1...
inline void set_ordinals(event::EventBatch& batch, const std::string& field, std::int64_t first) {
  std::vector<std::int64_t> numbers(batch.rows());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = first + static_cast<std::int64_t>(i);
  batch.set(field, event::Column::ints(std::move(numbers)));
}

}  // namespace lynxdb::query
