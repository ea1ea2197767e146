// What batches take when they are put together, beyond what they take by themselves: each row then
// has every field of all of them.
#pragma once

#include <string>
#include <unordered_set>

#include "event/event_batch.h"

namespace lynxdb::query {

class MissingCells {
 public:
  void add(const event::EventBatch& batch) {
    rows_ += batch.rows();
    cells_ += batch.rows() * batch.field_count();
    for (const event::Field& field : batch.fields()) names_.insert(field.name);
  }
  std::size_t bytes() const {
    return (rows_ * names_.size() - cells_) * sizeof(std::string_view) +
           (names_.size() < kFewNames ? 0 : names_.size() * kNameBytes);
  }

 private:
  static constexpr std::size_t kFewNames = 100;
  static constexpr std::size_t kNameBytes = 100;  // Of the set.

  std::size_t rows_ = 0;
  std::size_t cells_ = 0;
  std::unordered_set<std::string> names_;
};

}  // namespace lynxdb::query
