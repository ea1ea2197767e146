// The distinct values of a field over a few rows, in order of appearance.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "event/column.h"

namespace lynxdb::query {

// Values of one text form are one. Belongs to one thread; cleared by `take`.
class DistinctValues {
 public:
  // Of a list each element; nulls are skipped.
  void add(event::ValueView value);
  // Null, the only value, or the list of values.
  event::Value take();

 private:
  void add_scalar(event::ValueView value);
  bool seen_before(event::ValueView value);

  std::vector<event::Value> values_;
  std::unordered_set<std::string> texts_;  // Only when there are many.
};

}  // namespace lynxdb::query
